import { growth } from './annuity.ts'
import { findRoot, type Slope } from './find-root.ts'
import { spend } from '../value/budget.ts'

/** Rates of series of payments. */

/** A payment, and how many periods or years after the beginning it comes. */
export interface CashFlow {
  readonly amount: number
  readonly after: number
}

/** The present value of payments, and its slope over the rate. */
export function presentValueOf(flows: readonly CashFlow[], rate: number): Slope {
  spend(flows.length)
  let value = 0
  let slope = 0
  for (const { amount, after } of flows) {
    const present = amount * growth(rate, -after)
    value += present
    slope -= (present * after) / (1 + rate)
  }
  return { value, slope }
}

/** NPV: the present value of payments at the ends of periods, added up in the order in which Excel does it, so that the noise behind a sum near 0 is Excel's. */
export function netPresentValue(amounts: readonly number[], rate: number): number {
  let sum = 0
  let factor = 1
  for (const amount of amounts) {
    sum += amount / factor
    factor *= 1 + rate
  }
  return sum / (1 + rate)
}

/** Rates nearer to -100% than this Excel does not find. */
const LEAST_RATE = -1 + 1e-10
/** Rates nearer to 0 than this are noise: added to 1 nothing is left of them. */
const LEAST_DIFFERENCE = 1e-15

/** IRR and XIRR: the rate at which payments are worth nothing together, near the guess. Null: there is none, as where all are of one sign. */
export function rateOfReturn(flows: readonly CashFlow[], guess: number): number | null {
  if (!flows.some(({ amount }) => amount > 0) || !flows.some(({ amount }) => amount < 0)) return null
  const rate = findRoot((x) => presentValueOf(flows, x), guess, -1)
  if (rate === null || rate <= LEAST_RATE) return null
  return Math.abs(rate) < LEAST_DIFFERENCE ? 0 : rate
}

/** MIRR of payments at the end of periods: what is paid costs `finance`, what comes in earns `reinvest`. */
export function modifiedRate(amounts: readonly number[], finance: number, reinvest: number): number {
  const last = amounts.length - 1
  let paid = 0
  let earned = 0
  for (const [index, amount] of amounts.entries()) {
    if (amount < 0) paid -= amount / Math.pow(1 + finance, index)
    else earned += amount * Math.pow(1 + reinvest, last - index)
  }
  return Math.pow(earned / paid, 1 / last) - 1
}
