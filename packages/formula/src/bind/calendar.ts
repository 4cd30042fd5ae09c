import type { ColumnType } from '@sheetflow/core/type'
import type { Expr, ExprType, FormulaType } from '../bound.ts'
import { momentFromText } from '../value/number-text.ts'
import { isDateType, isNumberType } from '../value/type-rules.ts'
import { call, constant } from './build.ts'

/** A moment in UTC as the day and time that the workbook's zone shows; anything else as it is. */
export function asLocal(expr: Expr, timeZone: string): Expr {
  if (expr.type?.type !== 'timestamptz') return expr
  return call('local', [expr, constant(timeZone, { type: 'text' })], typed(expr, { type: 'timestamp' }))
}

/** A day or time of the workbook's zone as the moment in UTC; anything else as it is. */
export function asMoment(expr: Expr, timeZone: string): Expr {
  if (expr.type?.type !== 'date' && expr.type?.type !== 'timestamp') return expr
  return call('zoned', [expr, constant(timeZone, { type: 'text' })], typed(expr, { type: 'timestamptz' }))
}

/** A day as the moment at which it begins, beside moments without a zone; anything else as it is. */
export function asTimestamp(expr: Expr, timeZone: string): Expr {
  if (expr.type?.type !== 'date') return asLocal(expr, timeZone)
  return call('midnight', [expr], typed(expr, { type: 'timestamp' }))
}

/** A moment as the day that begins there, beside days; anything else as it is. */
export function asDay(expr: Expr, timeZone: string): Expr {
  const local = asLocal(expr, timeZone)
  if (local.type?.type !== 'timestamp' && local.type?.type !== 'any') return local
  return call('day_begun', [local], { type: local.type.type === 'any' ? local.type : { type: 'date' }, nullable: true })
}

/**
 * What criteria, lookups and ranks ask of cells of that type, in their form: dates and times meet numbers, and each other, by their serial numbers. Beside days a moment
 * stays one. Texts stay texts.
 */
export function asCells(expr: Expr, { type }: ColumnType, timeZone: string): Expr {
  if (type === 'date') return momentBeside(asLocal(expr, timeZone))
  if (type === 'timestamp') return asTimestamp(momentBeside(expr), timeZone)
  if (type === 'timestamptz') return asMoment(momentBeside(expr), timeZone)
  if (type !== 'time')
    return isDateType(expr.type) ? call('serial_beside', [asLocal(expr, timeZone)], typed(expr, { type: 'decimal' })) : expr
  const isOther = mayBeNumber(expr) || (isDateType(expr.type) && expr.type?.type !== 'time')
  return isOther ? call('time_beside', [asLocal(expr, timeZone)], typed(expr, anyOr(expr, 'time'))) : expr
}

/** A number or time as the moment with that serial number; anything else as it is. */
function momentBeside(expr: Expr): Expr {
  if (!mayBeNumber(expr) && expr.type?.type !== 'time') return expr
  return call('moment_beside', [expr], typed(expr, anyOr(expr, 'timestamp')))
}

function mayBeNumber({ type }: Expr): boolean {
  return isNumberType(type) || type?.type === 'any'
}

/** What may be of any kind is something else where it was no number. */
function anyOr(expr: Expr, type: 'time' | 'timestamp'): FormulaType {
  return expr.type?.type === 'any' ? expr.type : { type }
}

/** A constant text that is a date, as a date: what stands beside a date column means one. Null: it is no date. */
export function constantDate(expr: Expr): Expr | null {
  if (expr.kind !== 'const' || typeof expr.value !== 'string') return null
  const moment = momentFromText(expr.value)
  if (moment === null) return null
  return moment.micros === 0 ? constant(moment.days, { type: 'date' }) : constant(moment, { type: 'timestamp' })
}

/** Both sides of a comparison in one calendar: moments in UTC stay among themselves, else everything is local. */
export function alignMoments(a: Expr, b: Expr, timeZone: string): readonly [Expr, Expr] {
  const left = isDateType(b.type) ? (constantDate(a) ?? a) : a
  const right = isDateType(a.type) ? (constantDate(b) ?? b) : b
  if (left.type?.type === 'timestamptz' && right.type?.type === 'timestamptz') return [left, right]
  return [asLocal(left, timeZone), asLocal(right, timeZone)]
}

/** What is made of it, of an array cell by cell. */
function typed({ nullable, array }: Expr, type: FormulaType): ExprType & { readonly array?: true } {
  return { type, nullable, ...(array === true ? { array } : {}) }
}
