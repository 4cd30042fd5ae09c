import { CELL_ERROR_KINDS } from '@sheetflow/core/cell-error'
import { fc } from '@sheetflow/testkit/fast-check'
import { isCell, readCorner } from '../syntax/cell-address.ts'
import { isReferenceLike, rangeOf, unionOf } from '../syntax/excel-nodes.ts'
import type { BinaryOperator, ColumnName, Corner, Node, ReferenceNode, SheetName } from '../syntax/node.ts'

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

/** References; `table` makes the names of tables. */
function references(table: fc.Arbitrary<ColumnName>): fc.Arbitrary<Node> {
  return fc.oneof(
    COLUMN.map((column) => reference({ row: true, column })),
    COLUMN.map((column) => reference({ column })),
    fc.constant(reference({ row: true })),
    fc.tuple(table, COLUMN).map(([table, column]) => reference({ table, column })),
    fc.tuple(TABLE, table, COLUMN).map(([source, table, column]) => reference({ source, table, column })),
    fc.tuple(TABLE, table).map(([source, table]) => reference({ source, table })),
    fc.tuple(table, COLUMN, COLUMN, fc.boolean()).map(([table, column, to, row]) => reference({ table, column, to, row })),
    fc
      .tuple(table, fc.constantFrom('#All' as const, '#Data' as const, '#Headers' as const, '#Totals' as const), fc.option(COLUMN))
      .map(([table, part, column]) => reference({ table, parts: [part], column })),
  )
}

function reference(parts: Partial<ReferenceNode>): Node {
  return { kind: 'reference', source: null, table: null, row: false, parts: [], column: null, to: null, ...NOWHERE, ...parts }
}

const OPERATORS: readonly BinaryOperator[] = ['+', '-', '*', '/', '^', '&', '=', '<>', '<', '<=', '>', '>=', ':']

/** What the two dialects have of their own. */
interface Leaves {
  readonly name: fc.Arbitrary<string>
  readonly reference: fc.Arbitrary<Node>
  readonly range: (left: Node, right: Node) => Node
  readonly more: (node: fc.Arbitrary<Node>) => readonly fc.Arbitrary<Node>[]
}

function formulas({ name, reference: anyReference, range, more }: Leaves): fc.Arbitrary<Node> {
  return fc.letrec<{ node: Node }>((tie) => {
    const node = tie('node')
    const argument = fc.oneof({ weight: 5, arbitrary: node }, { weight: 1, arbitrary: fc.constant<Node>({ kind: 'empty', ...NOWHERE }) })
    return {
      node: fc.oneof(
        { maxDepth: 5, withCrossShrink: true },
        CONSTANT,
        anyReference,
        name.map((one): Node => ({ kind: 'name', name: one, ...NOWHERE })),
        fc
          .tuple(fc.constantFrom('+' as const, '-' as const, '@' as const), node)
          .map(([op, operand]): Node => ({ kind: 'unary', op, operand, ...NOWHERE })),
        node.map((operand): Node => ({ kind: 'percent', operand, ...NOWHERE })),
        fc
          .tuple(fc.constantFrom(...OPERATORS), node, node)
          .map(([op, left, right]): Node => (op === ':' ? range(left, right) : { kind: 'binary', op, left, right, ...NOWHERE })),
        fc
          .tuple(name, fc.array(argument, { maxLength: 4 }))
          .map(([one, args]): Node => ({ kind: 'call', name: one, nameRange: NOWHERE, args: onlyEmpty(args), ...NOWHERE })),
        fc
          .tuple(node, fc.array(argument, { maxLength: 2 }))
          .map(([callee, args]): Node => ({ kind: 'invoke', callee, args: onlyEmpty(args), ...NOWHERE })),
        fc.array(CONSTANT, { minLength: 1, maxLength: 3 }).map((row): Node => ({ kind: 'array', rows: [row, row], ...NOWHERE })),
        node.map((operand): Node => (isReferenceLike(operand) ? { kind: 'spill', operand, ...NOWHERE } : operand)),
        ...more(node),
      ),
    }
  }).node
}

/** Any formula of a sheet. */
export const FORMULA: fc.Arbitrary<Node> = formulas({
  name: NAME,
  reference: references(TABLE),
  range: (left, right) => ({ kind: 'binary', op: ':', left, right, ...NOWHERE }),
  more: () => [],
})

const EXCEL_NAME = NAME.filter((name) => !isCell(readCorner(name)))
const SHEET: fc.Arbitrary<SheetName | null> = fc.option(
  fc.record({
    book: fc.option(fc.constantFrom('1', 'Book.xlsx', 'C:\\files\\My book.xlsx')),
    sheet: fc.oneof(NAME, fc.constantFrom('My sheet', "it's", 'A1', '2026', 'Übersicht')),
    to: fc.option(fc.constantFrom('Mar', 'Mar 1')),
  }),
)
const COLUMN_PART = fc.record({ at: fc.integer({ min: 1, max: 16_384 }), fixed: fc.boolean() })
const ROW_PART = fc.record({ at: fc.integer({ min: 1, max: 1_048_576 }), fixed: fc.boolean() })
const CORNERS: fc.Arbitrary<Corner>[] = [
  fc.record({ column: COLUMN_PART, row: ROW_PART }),
  fc.record({ column: COLUMN_PART, row: fc.constant(null) }),
  fc.record({ column: fc.constant(null), row: ROW_PART }),
]

/** Any formula of an Excel file. */
export const EXCEL_FORMULA: fc.Arbitrary<Node> = formulas({
  name: EXCEL_NAME,
  reference: fc.oneof(
    references(EXCEL_NAME.map((name) => ({ name, ...NOWHERE }))),
    fc
      .tuple(SHEET, fc.record({ column: COLUMN_PART, row: ROW_PART }))
      .map(([sheet, corner]): Node => ({ kind: 'cell', sheet, corner, ...NOWHERE })),
    ...CORNERS.map((corner) =>
      fc.tuple(SHEET, corner, corner).map(([sheet, from, to]): Node => ({ kind: 'cells', sheet, from, to, ...NOWHERE })),
    ),
  ),
  range: (left, right) => ({ ...rangeOf(left, right), ...NOWHERE }),
  more: (node) => [
    fc
      .tuple(node, node)
      .map(([left, right]): Node => (isReferenceLike(left) && isReferenceLike(right) ? { ...unionOf(left, right), ...NOWHERE } : left)),
    fc
      .tuple(node, node)
      .map(([left, right]): Node =>
        isReferenceLike(left) && isReferenceLike(right) ? { kind: 'intersection', left, right, ...NOWHERE } : right,
      ),
  ],
})

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
