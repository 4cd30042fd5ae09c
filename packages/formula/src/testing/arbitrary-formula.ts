import { CELL_ERROR_KINDS } from '@sheetflow/core/cell-error'
import fc from 'fast-check'
import type { BinaryOperator, ColumnName, Node, ReferenceNode } from '../syntax/node.ts'

/** Trees as the parser makes them, without holes; ranges are all 0. */

const NOWHERE = { start: 0, end: 0 }

const NAME: fc.Arbitrary<string> = fc.stringMatching(/^[a-z_][a-z0-9_]{0,6}$/).filter((name) => !/^(true|false)$/i.test(name))
/** Column names may hold anything but leading and trailing space. */
const COLUMN: fc.Arbitrary<ColumnName> = fc
  .oneof(NAME, fc.string({ unit: fc.constantFrom(...`ab '[]#@:,!"(ż`.split('')), minLength: 1, maxLength: 6 }))
  .map((name) => ({ name: name.trim() === '' ? 'x' : name.trim(), ...NOWHERE }))
const TABLE: fc.Arbitrary<ColumnName> = fc
  .oneof(NAME, fc.string({ unit: fc.constantFrom(...`ab '!.`.split('')), minLength: 1, maxLength: 5 }))
  .map((name) => ({ name, ...NOWHERE }))

const NUMBER: fc.Arbitrary<Node> = fc
  .oneof(
    fc.nat().map(String),
    fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `${a}.${b}`),
    fc.nat(99).map((n) => `${n}e-3`),
  )
  .map((text) => ({ kind: 'number', text, ...NOWHERE }))

const CONSTANT: fc.Arbitrary<Node> = fc.oneof(
  NUMBER,
  fc.string().map((value): Node => ({ kind: 'text', value, ...NOWHERE })),
  fc.boolean().map((value): Node => ({ kind: 'bool', value, ...NOWHERE })),
  fc.constantFrom(...CELL_ERROR_KINDS).map((error): Node => ({ kind: 'error', error, ...NOWHERE })),
)

const REFERENCE: fc.Arbitrary<Node> = fc.oneof(
  COLUMN.map((column) => reference({ row: true, column })),
  COLUMN.map((column) => reference({ column })),
  fc.constant(reference({ row: true })),
  fc.tuple(TABLE, COLUMN).map(([table, column]) => reference({ table, column })),
  fc.tuple(TABLE, TABLE, COLUMN).map(([source, table, column]) => reference({ source, table, column })),
  fc.tuple(TABLE, TABLE).map(([source, table]) => reference({ source, table })),
  fc.tuple(TABLE, COLUMN, COLUMN, fc.boolean()).map(([table, column, to, row]) => reference({ table, column, to, row })),
  fc
    .tuple(TABLE, fc.constantFrom('#All' as const, '#Data' as const, '#Headers' as const, '#Totals' as const), fc.option(COLUMN))
    .map(([table, part, column]) => reference({ table, parts: [part], column })),
)

function reference(parts: Partial<ReferenceNode>): Node {
  return { kind: 'reference', source: null, table: null, row: false, parts: [], column: null, to: null, ...NOWHERE, ...parts }
}

const OPERATORS: readonly BinaryOperator[] = ['+', '-', '*', '/', '^', '&', '=', '<>', '<', '<=', '>', '>=', ':']

/** Any formula. */
export const FORMULA: fc.Arbitrary<Node> = fc.letrec<{ node: Node }>((tie) => {
  const node = tie('node')
  const argument = fc.oneof({ weight: 5, arbitrary: node }, { weight: 1, arbitrary: fc.constant<Node>({ kind: 'empty', ...NOWHERE }) })
  return {
    node: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      CONSTANT,
      REFERENCE,
      NAME.map((name): Node => ({ kind: 'name', name, ...NOWHERE })),
      fc
        .tuple(fc.constantFrom('+' as const, '-' as const, '@' as const), node)
        .map(([op, operand]): Node => ({ kind: 'unary', op, operand, ...NOWHERE })),
      node.map((operand): Node => ({ kind: 'percent', operand, ...NOWHERE })),
      fc
        .tuple(fc.constantFrom(...OPERATORS), node, node)
        .map(([op, left, right]): Node => ({ kind: 'binary', op, left, right, ...NOWHERE })),
      fc
        .tuple(NAME, fc.array(argument, { maxLength: 4 }))
        .map(([name, args]): Node => ({ kind: 'call', name, nameRange: NOWHERE, args: onlyEmpty(args), ...NOWHERE })),
      fc
        .tuple(node, fc.array(argument, { maxLength: 2 }))
        .map(([callee, args]): Node => ({ kind: 'invoke', callee, args: onlyEmpty(args), ...NOWHERE })),
      fc.array(CONSTANT, { minLength: 1, maxLength: 3 }).map((row): Node => ({ kind: 'array', rows: [row, row], ...NOWHERE })),
    ),
  }
}).node

/** `f()` has no argument, not an empty one. */
function onlyEmpty(args: readonly Node[]): readonly Node[] {
  return args.length === 1 && args[0]?.kind === 'empty' ? [] : args
}

/** A tree without its ranges, to compare. */
export function withoutRanges(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRanges)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'start' && key !== 'end' && key !== 'nameRange')
      .map(([key, part]) => [key, withoutRanges(part)]),
  )
}
