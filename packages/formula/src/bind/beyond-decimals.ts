import { isCellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Expr } from '../bound.ts'
import type { FunctionDefinition } from '../functions/definition.ts'
import { serialFromText } from '../value/number-text.ts'
import { isDateType } from '../value/type-rules.ts'
import { call, constant } from './build.ts'

/** What makes numbers of more digits than decimals have, out of numbers that they hold. */
const GROWS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '^', '%', 'neg', 'POWER', 'SUM', 'PRODUCT', 'SUMSQ'])

/**
 * Where values may be of any kind: arithmetic of constants that is out of the range of decimals (`2^200`), in doubles as Excel has them; its origin is what it was. Null: it is not, or
 * out of theirs too.
 */
export function beyondDecimals(definition: FunctionDefinition, args: readonly Expr[], expr: Expr): Expr | null {
  if (!GROWS.has(definition.name) || expr.kind !== 'const' || !isCellError(expr.value) || expr.value.kind !== '#NUM!') return null
  const doubles = args.map(asDouble)
  if (doubles.some((one) => one === null)) return null
  const found = call(definition.name, doubles as Expr[], { type: { type: 'double' }, nullable: false })
  return found.kind === 'const' && !isCellError(found.value) ? { ...found, origin: expr } : null
}

/** The operands of such arithmetic as they are exactly: a chain may come back to what decimals hold (ADR 035). */
export function exactOperands(definition: FunctionDefinition, args: readonly Expr[]): readonly Expr[] {
  if (!GROWS.has(definition.name)) return args
  return args.map((arg) => (arg.kind === 'const' && arg.type?.type === 'double' ? (arg.origin ?? arg) : arg))
}

function asDouble(expr: Expr): Expr | null {
  if (expr.kind !== 'const' || isDateType(expr.type)) return null
  const number = typeof expr.value === 'string' ? serialFromText(expr.value) : expr.value
  if (!isNumber(number)) return null
  const double = toDecimal(number).toNumber()
  return Number.isFinite(double) ? constant(double, { type: 'double' }) : null
}
