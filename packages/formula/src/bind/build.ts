import { CellError } from '@sheetflow/core/cell-error'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { Expr, ExprType } from '../bound.ts'
import { compileFlow } from '../compile/compile-expr.ts'
import { isConstantPart } from '../compile/constant-part.ts'
import { NO_HOST } from '../compile/compile-host.ts'
import { definitionOf } from '../functions/catalogue.ts'
import type { Evaluation } from '../functions/definition.ts'
import { ifInBudget } from '../value/budget.ts'
import { Grid, gridOf } from '../value/grid.ts'
import { Unrounded } from '../value/unrounded.ts'
import { unroundedPart, type UnroundedNames } from './chain.ts'

/** Blank, and what stands for a part that could not be bound. */
export const BLANK: Expr = { kind: 'const', value: null, type: null, nullable: true }

/** Nothing is written where an argument could stand. */
export const OMITTED: Expr = { kind: 'const', value: null, type: null, nullable: true, omitted: true }

export function constant(value: Value, type: ColumnType): Expr {
  return { kind: 'const', value, type, nullable: value === null }
}

/** The one value of an array constant of one cell. */
export function constantOf({ grid, type, nullable }: Expr & { kind: 'grid' }): Expr {
  return { kind: 'const', value: grid.at(0, 0), type, nullable }
}

/** `#REF!`: what reads a column that is gone. */
export function refError(column: string): Expr {
  return { kind: 'const', value: new CellError('#REF!', column), type: null, nullable: false }
}

/** A call; of constants alone, its value (functions are pure), unless it takes too long. */
export function call(fn: string, args: readonly Expr[], result: ExprType): Expr {
  const expr: Expr = { kind: 'call', fn, args, ...result }
  const definition = definitionOf(fn)
  const isConstant = args.every(isConstantPart) && isPlain(definition?.evaluation) && definition?.volatility === 'pure'
  if (!isConstant) return expr
  const value = ifInBudget(() => compileFlow(expr, NO_HOST)(NO_ROW))
  if (value === undefined) return expr
  const origin = originOf(expr)
  return value instanceof Grid ? { kind: 'grid', grid: value, ...origin, ...result } : { kind: 'const', value, ...origin, ...result }
}

/** A quotient of constants is more than the digits that it shows. */
function originOf(expr: Expr): { readonly origin?: Expr } {
  const origin = unroundedPart(expr, NO_NAMES)
  if (origin === expr) return {}
  const value = compileFlow(origin, NO_HOST)(NO_ROW)
  return gridOf(value).cells.some((cell: unknown) => cell instanceof Unrounded) ? { origin } : {}
}

const NO_NAMES: UnroundedNames = { inSlot: () => null, unrounded: new Map() }

function isPlain(evaluation: Evaluation | undefined): boolean {
  return evaluation?.mode !== 'bound' || evaluation.arrays !== undefined
}

const NO_ROW = { get: (): Value => null }

/** TRUE only if both are; of none TRUE. */
export function allOf(parts: readonly Expr[]): Expr {
  const [first] = parts
  if (parts.length === 1 && first !== undefined) return first
  if (parts.length === 0) return constant(true, { type: 'bool' })
  return call('AND', parts, { type: { type: 'bool' }, nullable: false })
}
