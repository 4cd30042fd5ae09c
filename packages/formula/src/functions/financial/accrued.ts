import type { Timestamp } from '@sheetflow/core/value'
import { accruedCoupons } from '../../numeric/accrued-interest.ts'
import { frequencyOf } from '../../numeric/coupons.ts'
import { basisOf, yearFraction } from '../../numeric/day-count.ts'
import type { FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, BASIS, day, financial, optional, whole } from './define.ts'

const ACCRINT = financial({
  name: 'ACCRINT',
  help: 'The accrued interest of a security that pays interest periodically.',
  params: [
    day('issue'),
    day('first_interest'),
    day('settlement'),
    amount('rate'),
    amount('par'),
    whole('frequency'),
    BASIS,
    optional({ name: 'from_issue', kind: 'bool' }, true),
  ],
  run: (
    issue: Timestamp,
    first: Timestamp,
    settlement: Timestamp,
    rate: number,
    par: number,
    frequency: number,
    basis: number,
    fromIssue: boolean,
  ) => {
    const [coupons, convention] = [frequencyOf(frequency), basisOf(basis)]
    if (coupons === null || convention === null || rate <= 0 || par <= 0 || issue.days >= settlement.days) return null
    const dates = { issue: issue.days, firstInterest: first.days, settlement: settlement.days }
    return ((par * rate) / coupons) * accruedCoupons(dates, coupons, convention, fromIssue)
  },
  examples: [
    { formula: '=ROUND(ACCRINT("2008-03-01", "2008-08-31", "2008-05-01", 0.1, 1000, 2, 0), 6)', result: '16.666667' },
    { formula: '=ROUND(ACCRINT("2008-04-05", "2008-08-31", "2008-05-01", 0.1, 1000, 2, [@blank], TRUE), 6)', result: '7.222222' },
    { formula: '=ACCRINT("2008-05-01", "2008-08-31", "2008-05-01", 0.1, 1000, 2)', result: '#NUM!' },
  ],
})

const ACCRINTM = financial({
  name: 'ACCRINTM',
  help: 'The accrued interest of a security that pays interest at maturity.',
  params: [day('issue'), day('settlement'), amount('rate'), amount('par'), BASIS],
  run: (issue: Timestamp, settlement: Timestamp, rate: number, par: number, basis: number) => {
    const convention = basisOf(basis)
    if (convention === null || rate <= 0 || par <= 0 || issue.days >= settlement.days) return null
    return par * rate * yearFraction(issue.days, settlement.days, convention)
  },
  examples: [
    { formula: '=ROUND(ACCRINTM("2008-04-01", "2008-06-15", 0.1, 1000, 3), 6)', result: '20.547945' },
    { formula: '=ACCRINTM("2026-01-01", "2027-01-01", 0.1, 1000, [@blank])', result: '100' },
    { formula: '=ACCRINTM("2026-01-01", "2027-01-01", 0, 1000)', result: '#NUM!' },
  ],
})

/** Accrued interest. */
export const ACCRUED: readonly FunctionDefinition[] = [ACCRINT, ACCRINTM].map(toolpak)
