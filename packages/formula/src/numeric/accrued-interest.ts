import type { DateValue } from '@sheetflow/core/value'
import { spend } from '../value/budget.ts'
import { couponDay, type Frequency } from './coupons.ts'
import { days360Us, daysBetween, type Basis } from './day-count.ts'

/** ACCRINT: accrued interest in regular coupons, by the steps of IronCalc (NOTICE). Without `fromIssue` periods between issue and that of settlement do not count. */
export function accruedCoupons(
  dates: { readonly issue: DateValue; readonly firstInterest: DateValue; readonly settlement: DateValue },
  frequency: Frequency,
  basis: Basis,
  fromIssue: boolean,
): number {
  const { issue, firstInterest, settlement } = dates
  const months = 12 / frequency
  const regular = couponDay(firstInterest, -months)
  let step = -1
  if (settlement > firstInterest && fromIssue) while (couponDay(firstInterest, (step + 1) * months) < settlement) step++
  const start = couponDay(firstInterest, step * months)
  const normal = basis === 1 ? firstInterest - regular : (basis === 3 ? 365 : 360) / frequency
  let sum = daysBetween(Math.max(issue, start), settlement, basis) / normal
  for (let late = start; late > issue;) {
    spend(1)
    step--
    const early = couponDay(firstInterest, step * months)
    sum += issue <= early ? (fromIssue ? 1 : 0) : daysBetween(issue, late, basis) / stubDays(early, late, frequency, basis)
    late = early
  }
  return sum
}

/** Days of the period in which a security was issued. */
function stubDays(from: DateValue, to: DateValue, frequency: Frequency, basis: Basis): number {
  if (basis === 3) return 365 / frequency
  return basis === 0 || basis === 2 ? days360Us(from, to, basis === 0) : daysBetween(from, to, basis)
}
