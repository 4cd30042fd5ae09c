import type { Timestamp } from '@sheetflow/core/value'
import { frequencyOf, type Frequency } from '../../numeric/coupons.ts'
import { basisOf, type Basis } from '../../numeric/day-count.ts'

/** What securities have in common, checked as Excel does. */

/** Settlement before maturity, counted by a convention. */
export interface Term {
  readonly settlement: number
  readonly maturity: number
  readonly basis: Basis
}

/** Null: settlement is not before maturity, or there is no such convention. */
export function termOf(settlement: Timestamp, maturity: Timestamp, basis: number): Term | null {
  const convention = basisOf(basis)
  return convention === null || settlement.days >= maturity.days
    ? null
    : { settlement: settlement.days, maturity: maturity.days, basis: convention }
}

/** As `Term`, with coupons. */
export interface CouponTerm extends Term {
  readonly frequency: Frequency
}

/** As `termOf`; null also where there are not 1, 2 or 4 coupons a year. */
export function couponTermOf(settlement: Timestamp, maturity: Timestamp, frequency: number, basis: number): CouponTerm | null {
  const term = termOf(settlement, maturity, basis)
  const coupons = frequencyOf(frequency)
  return term === null || coupons === null ? null : { ...term, frequency: coupons }
}
