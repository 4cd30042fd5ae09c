import type { DateValue } from '@sheetflow/core/value'
import { growth } from './annuity.ts'
import { annuityDue, yieldAt, type Bond } from './bonds.ts'
import { couponDays, couponPeriod } from './coupons.ts'
import { days360Us, daysBetween, type Basis } from './day-count.ts'
import { addMonths, isMonthEnd, monthEnd } from './months.ts'
import { spend } from '../value/budget.ts'

/**
 * Securities whose first or last coupon period is shorter or longer than the others, by the formulas of Excel's documentation. Where that leaves the days of
 * quasi-coupon periods open, the conventions are those that reproduce Excel's results (NOTICE names whose).
 */
export interface OddFirstBond extends Bond {
  readonly issue: DateValue
  readonly firstCoupon: DateValue
}

/** Do the regular coupons of the schedule that ends with maturity begin with that first coupon? Else Excel gives no price. */
export function isOnSchedule({ firstCoupon, maturity, frequency }: OddFirstBond): boolean {
  return couponPeriod(firstCoupon, maturity, frequency).previous === firstCoupon
}

/** What the price with an odd first coupon is made of: `first` and `accrued` in regular coupons, `wait` periods to the first coupon, `count` coupons behind it. */
interface FirstTerms {
  readonly first: number
  readonly accrued: number
  readonly wait: number
  readonly count: number
}

function firstTerms(bond: OddFirstBond): FirstTerms {
  const { settlement, firstCoupon, issue, maturity, frequency, basis } = bond
  const period = couponDays(couponPeriod(settlement, firstCoupon, frequency), frequency, basis)
  const count = couponPeriod(firstCoupon, maturity, frequency).count
  const length = daysBetween(issue, firstCoupon, basis)
  if (length >= period) return { ...longFirst(bond, period), count }
  return {
    first: length / period,
    accrued: daysBetween(issue, settlement, basis) / period,
    wait: daysBetween(settlement, firstCoupon, basis) / period,
    count,
  }
}

/** A first period of several quasi-coupon periods, counted back from the first coupon. */
function longFirst({ settlement, firstCoupon, issue, frequency, basis }: OddFirstBond, period: number): Omit<FirstTerms, 'count'> {
  const months = 12 / frequency
  let first = 0
  let accrued = 0
  let late = firstCoupon
  const periods = couponPeriod(issue, firstCoupon, frequency).count
  spend(periods * 4)
  for (let left = periods; left >= 1; left--) {
    const early = addMonths(late, -months)
    const normal = basis === 1 ? late - early : period
    first += (left > 1 ? normal : atLeast0(daysBetween(issue, late, basis))) / normal
    accrued += atLeast0(daysBetween(Math.max(issue, early), Math.min(settlement, late), basis)) / normal
    late = early
  }
  const { previous, next } = couponPeriod(settlement, firstCoupon, frequency)
  const left = basis === 2 || basis === 3 ? next - settlement : period - daysBetween(previous, settlement, basis)
  return { first, accrued, wait: wholePeriods(settlement, firstCoupon, months) + left / period }
}

/** Whole coupon periods between settlement and the first coupon, counted on from settlement. */
function wholePeriods(settlement: DateValue, firstCoupon: DateValue, months: number): number {
  const atEnd = isMonthEnd(firstCoupon)
  const start = atEnd ? monthEnd(settlement, 0) : settlement
  let count = start > settlement ? 1 : 0
  for (let step = 1; couponDayFrom(start, step * months, atEnd) < firstCoupon; step++) count++
  spend(count)
  return count
}

function couponDayFrom(start: DateValue, months: number, atEnd: boolean): DateValue {
  return atEnd ? monthEnd(start, months) : addMonths(start, months)
}

/** ODDFPRICE at a yield. */
export function oddFirstPrice(bond: OddFirstBond, annual: number): number {
  return firstPrice(bond, firstTerms(bond), annual)
}

function firstPrice({ rate: yearly, redemption, frequency }: OddFirstBond, terms: FirstTerms, annual: number): number {
  const { first, accrued, wait, count } = terms
  const rate = annual / frequency
  const coupon = (100 * yearly) / frequency
  const regular = growth(rate, -(wait + 1)) * annuityDue(rate, count)
  return redemption * growth(rate, -(wait + count)) + coupon * (first * growth(rate, -wait) + regular - accrued)
}

/** ODDFYIELD at a price; null: none was found. */
export function oddFirstYield(bond: OddFirstBond, price: number): number | null {
  const terms = firstTerms(bond)
  return yieldAt((annual) => firstPrice(bond, terms, annual) - price, bond)
}

export interface OddLastBond extends Bond {
  readonly lastInterest: DateValue
}

/** The odd last period in regular coupons: all of it, what had accrued at settlement, and what is left then. */
interface LastTerms {
  readonly whole: number
  readonly accrued: number
  readonly left: number
}

function lastTerms({ settlement, maturity, lastInterest, frequency, basis }: OddLastBond): LastTerms {
  let early = lastInterest
  const terms = { whole: 0, accrued: 0, left: 0 }
  const { count } = couponPeriod(lastInterest, maturity, frequency)
  spend(count * 4)
  for (let index = 1; index <= count; index++) {
    const late = addMonths(early, 12 / frequency)
    const normal = quasiDays(early, late, basis)
    const days = index < count ? normal : quasiDays(early, maturity, basis)
    const accrued = late < settlement ? days : early < settlement ? atLeast0(daysBetween(early, settlement, basis)) : 0
    terms.whole += days / normal
    terms.accrued += accrued / normal
    terms.left += atLeast0(daysBetween(Math.max(settlement, early), Math.min(maturity, late), basis)) / normal
    early = late
  }
  return terms
}

function quasiDays(from: DateValue, to: DateValue, basis: Basis): number {
  return atLeast0(basis === 0 ? days360Us(from, to, true) : daysBetween(from, to, basis))
}

/** ODDLPRICE at a yield. */
export function oddLastPrice(bond: OddLastBond, annual: number): number {
  const { whole, accrued, left } = lastTerms(bond)
  const coupon = (100 * bond.rate) / bond.frequency
  return (whole * coupon + bond.redemption) / (1 + (left * annual) / bond.frequency) - accrued * coupon
}

/** ODDLYIELD at a price. */
export function oddLastYield(bond: OddLastBond, price: number): number {
  const { whole, accrued, left } = lastTerms(bond)
  const coupon = (100 * bond.rate) / bond.frequency
  const paid = accrued * coupon + price
  return (((whole * coupon + bond.redemption - paid) / paid) * bond.frequency) / left
}

function atLeast0(days: number): number {
  return Math.max(0, days)
}
