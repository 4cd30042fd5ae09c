import type { DateValue } from '@sheetflow/core/value'
import { growth } from './annuity.ts'
import { couponDays, couponPeriod, daysSinceCoupon, type Frequency } from './coupons.ts'
import type { Basis } from './day-count.ts'
import { findRoot, measured } from './find-root.ts'
import { spend } from '../value/budget.ts'

/**
 * Securities with coupons at regular intervals, by the formulas of Excel's documentation (after Mayle, "Standard Securities Calculation Methods"). Prices are
 * for 100 of face value.
 */
export interface Bond {
  readonly settlement: DateValue
  readonly maturity: DateValue
  /** Of a year. */
  readonly rate: number
  readonly redemption: number
  readonly frequency: Frequency
  readonly basis: Basis
}

/** What price and yield are made of: coupons left, days of the period, of them before and after settlement, and the coupon. */
interface Terms {
  readonly count: number
  readonly period: number
  readonly accrued: number
  readonly left: number
  readonly coupon: number
}

function termsOf({ settlement, maturity, rate, frequency, basis }: Bond): Terms {
  const coupons = couponPeriod(settlement, maturity, frequency)
  const period = couponDays(coupons, frequency, basis)
  const accrued = daysSinceCoupon(coupons, settlement, basis)
  return { count: coupons.count, period, accrued, left: period - accrued, coupon: (100 * rate) / frequency }
}

/** What `count` payments of 1 are worth one period before the second of them, the first paid now. */
export function annuityDue(rate: number, count: number): number {
  return rate === 0 ? count : 1 + (1 - growth(rate, 1 - count)) / rate
}

/** PRICE at a yield. */
export function priceOf(bond: Bond, annual: number): number {
  return priceByTerms(bond, termsOf(bond), annual)
}

function priceByTerms({ redemption, frequency }: Bond, { count, period, accrued, left, coupon }: Terms, annual: number): number {
  const rate = annual / frequency
  const paid = (coupon * accrued) / period
  const part = left / period
  if (count === 1) return (redemption + coupon) / (1 + part * rate) - paid
  return redemption * growth(rate, -(count - 1 + part)) + coupon * growth(rate, -part) * annuityDue(rate, count) - paid
}

/** YIELD at a price; null: none was found. */
export function yieldOf(bond: Bond, price: number): number | null {
  const terms = termsOf(bond)
  const { count, period, accrued, left, coupon } = terms
  if (count === 1) {
    const paid = price + (coupon * accrued) / period
    return (((bond.redemption + coupon - paid) / paid) * bond.frequency * period) / left
  }
  return yieldAt((annual) => priceByTerms(bond, terms, annual) - price, bond)
}

/** The yield at which a difference of prices is 0; null: none was found. */
export function yieldAt(difference: (annual: number) => number, { rate, frequency }: Bond): number | null {
  return findRoot(measured(difference), rate > 0 ? rate : 0.05, -frequency)
}

/** DURATION (Macaulay), in years. */
export function durationOf(bond: Bond, annual: number): number {
  const { count, period, left, coupon } = termsOf(bond)
  const rate = annual / bond.frequency
  const part = left / period
  const last = part + count - 1
  spend(count)
  let weighted = last * 100 * growth(rate, -last)
  let sum = 100 * growth(rate, -last)
  for (let index = 0; index < count; index++) {
    const present = coupon * growth(rate, -(index + part))
    weighted += present * (index + part)
    sum += present
  }
  return weighted / sum / bond.frequency
}
