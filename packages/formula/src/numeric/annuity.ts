import { findRoot, measured } from './find-root.ts'

/**
 * Level payments, Excel's equation: `pv (1+r)^n + pmt (1 + r type) ((1+r)^n - 1) / r + fv = 0`. Rates are per period; `due` says that payments come at the
 * beginning of periods. Results that are no finite numbers are the caller's to refuse.
 */

/** `(1+r)^n`. What `1 + r` loses of a small rate by rounding is put back, so that many periods do not lose digits. */
export function growth(rate: number, count: number): number {
  const base = 1 + rate
  const power = Math.pow(base, count)
  const lost = rate - (base - 1)
  return lost === 0 || power === 0 || !Number.isFinite(power) ? power : power * Math.exp((count * lost) / base)
}

/** `((1+r)^n - 1) / r`: what payments of 1 at the end of each period come to. */
function accumulation(rate: number, count: number): number {
  if (rate === 0) return count
  const log = count * Math.log1p(rate)
  return (Math.abs(log) < 0.5 ? Math.expm1(log) : growth(rate, count) - 1) / rate
}

/** FV. */
export function futureValue(rate: number, count: number, pay: number, present: number, due: boolean): number {
  return -(present * growth(rate, count) + pay * (due ? 1 + rate : 1) * accumulation(rate, count))
}

/** PV. */
export function presentValue(rate: number, count: number, pay: number, future: number, due: boolean): number {
  return -(future + pay * (due ? 1 + rate : 1) * accumulation(rate, count)) / growth(rate, count)
}

/** PMT. Excel has no payments at -100% and below. */
export function payment(rate: number, count: number, present: number, future: number, due: boolean): number {
  if (rate <= -1) return NaN
  return -(present * growth(rate, count) + future) / ((due ? 1 + rate : 1) * accumulation(rate, count))
}

/** NPER. */
export function periods(rate: number, pay: number, present: number, future: number, due: boolean): number {
  if (rate === 0) return -(present + future) / pay
  const paid = pay * (due ? 1 + rate : 1)
  return Math.log((paid - future * rate) / (paid + present * rate)) / Math.log1p(rate)
}

/** IPMT: the interest in the payment of a period, counted from 1. */
export function interest(rate: number, period: number, count: number, present: number, future: number, due: boolean): number {
  if (due && period === 1) return 0
  const atEnd = payment(rate, count, present, future, false)
  const paid = -(present * growth(rate, period - 1) + atEnd * accumulation(rate, period - 1)) * rate
  return due ? paid / (1 + rate) : paid
}

/** CUMIPMT: the interest in the payments of the periods from one to another, both included, of a loan that is paid back wholly. */
export function interestBetween(rate: number, count: number, present: number, from: number, to: number, due: boolean): number {
  const first = due ? Math.max(2, from) : from
  if (first > to) return 0
  const atEnd = payment(rate, count, present, 0, false)
  const owed = (after: number): number => present * growth(rate, after) + atEnd * accumulation(rate, after)
  const sum = atEnd * (to - first + 1) + owed(first - 1) - owed(to)
  return due ? sum / (1 + rate) : sum
}

/** RATE: the rate of an annuity, near the guess; null: none was found. */
export function annuityRate(count: number, pay: number, present: number, future: number, due: boolean, guess: number): number | null {
  const worth = (rate: number): number => present - presentValue(rate, count, pay, future, due)
  return findRoot(measured(worth), guess, -1)
}
