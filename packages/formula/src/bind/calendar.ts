import type { Expr } from '../bound.ts'
import { momentFromText } from '../value/number-text.ts'
import { isDateType } from '../value/type-rules.ts'
import { call, constant } from './build.ts'

/** A moment in UTC as the day and time that the workbook's zone shows; anything else as it is. */
export function asLocal(expr: Expr, timeZone: string): Expr {
  if (expr.type?.type !== 'timestamptz') return expr
  return call('local', [expr, constant(timeZone, { type: 'text' })], { type: { type: 'timestamp' }, nullable: expr.nullable })
}

/** A day or time of the workbook's zone as the moment in UTC; anything else as it is. */
export function asMoment(expr: Expr, timeZone: string): Expr {
  if (expr.type?.type !== 'date' && expr.type?.type !== 'timestamp') return expr
  return call('zoned', [expr, constant(timeZone, { type: 'text' })], { type: { type: 'timestamptz' }, nullable: expr.nullable })
}

/** A day as the moment at which it begins, beside moments without a zone; anything else as it is. */
export function asTimestamp(expr: Expr, timeZone: string): Expr {
  if (expr.type?.type !== 'date') return asLocal(expr, timeZone)
  return call('midnight', [expr], { type: { type: 'timestamp' }, nullable: expr.nullable })
}

/** A moment as the day that begins there, beside days; anything else as it is. */
export function asDay(expr: Expr, timeZone: string): Expr {
  const local = asLocal(expr, timeZone)
  if (local.type?.type !== 'timestamp') return local
  return call('day_begun', [local], { type: { type: 'date' }, nullable: true })
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
