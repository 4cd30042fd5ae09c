import { civilFromDays } from '@sheetflow/core/calendar'
import type { DateValue } from '@sheetflow/core/value'
import { days360European, days360Us, daysBetween, type Basis } from './day-count.ts'
import { addMonths, isMonthEnd, monthEnd } from './months.ts'

/** Coupons a year. */
export type Frequency = 1 | 2 | 4

/** The frequency of that number, or null if there is none. */
export function frequencyOf(number: number): Frequency | null {
  return number === 1 || number === 2 || number === 4 ? number : null
}

/** A coupon day counted in months from another; the end of a month stays one. */
export function couponDay(anchor: DateValue, months: number): DateValue {
  return isMonthEnd(anchor) ? monthEnd(anchor, months) : addMonths(anchor, months)
}

/** The coupon period in which a security is settled. */
export interface CouponPeriod {
  /** The coupon day at or before settlement (COUPPCD). */
  readonly previous: DateValue
  /** The coupon day after settlement (COUPNCD). */
  readonly next: DateValue
  /** Coupons from settlement to maturity (COUPNUM). */
  readonly count: number
}

/** The period of settlement in the schedule that ends with maturity; settlement lies before maturity. */
export function couponPeriod(settlement: DateValue, maturity: DateValue, frequency: Frequency): CouponPeriod {
  const months = 12 / frequency
  const [from, to] = [civilFromDays(settlement), civilFromDays(maturity)]
  let count = Math.max(1, Math.floor(((to.year - from.year) * 12 + to.month - from.month) / months))
  while (couponDay(maturity, -count * months) > settlement) count++
  return { previous: couponDay(maturity, -count * months), next: couponDay(maturity, -(count - 1) * months), count }
}

/** Days of the period of settlement (COUPDAYS). */
export function couponDays({ previous, next }: CouponPeriod, frequency: Frequency, basis: Basis): number {
  return basis === 1 ? next - previous : (basis === 3 ? 365 : 360) / frequency
}

/** Days from the beginning of the period to settlement (COUPDAYBS). */
export function daysSinceCoupon({ previous }: CouponPeriod, settlement: DateValue, basis: Basis): number {
  return daysBetween(previous, settlement, basis)
}

/** Days from settlement to the next coupon (COUPDAYSNC). */
export function daysToCoupon({ previous, next }: CouponPeriod, settlement: DateValue, basis: Basis): number {
  if (basis === 0) return days360Us(previous, next, true) - days360Us(previous, settlement)
  return basis === 4 ? days360European(settlement, next) : next - settlement
}
