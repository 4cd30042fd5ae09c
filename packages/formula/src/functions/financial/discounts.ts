import type { Timestamp } from '@sheetflow/core/value'
import { daysBetween, daysInYear, yearFraction } from '../../numeric/day-count.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, BASIS, day, financial } from './define.ts'
import { termOf } from './security.ts'

/** Securities without periodical interest: one payment at maturity. */

/** A function of two amounts above 0 and of the years from settlement to maturity. */
function discounted(
  name: string,
  help: string,
  amounts: readonly [string, string],
  compute: (a: number, b: number, years: number) => number | null,
  examples: readonly Example[],
): FunctionDefinition {
  return financial({
    name,
    help,
    params: [day('settlement'), day('maturity'), amount(amounts[0]), amount(amounts[1]), BASIS],
    run: (settlement: Timestamp, maturity: Timestamp, a: number, b: number, basis: number) => {
      const term = termOf(settlement, maturity, basis)
      return term === null || a <= 0 || b <= 0 ? null : compute(a, b, yearFraction(term.settlement, term.maturity, term.basis))
    },
    examples,
  })
}

const DISC = discounted(
  'DISC',
  'The discount rate of a security.',
  ['price', 'redemption'],
  (price, redemption, years) => (1 - price / redemption) / years,
  [
    { formula: '=ROUND(DISC("2007-01-25", "2007-06-15", 97.975, 100, 1), 9)', result: '0.052420213' },
    { formula: '=ROUND(DISC("2026-01-01", "2027-01-01", 90, 100, [@blank]), 9)', result: '0.1' },
    { formula: '=DISC("2026-01-01", "2027-01-01", 0, 100)', result: '#NUM!' },
  ],
)

const INTRATE = discounted(
  'INTRATE',
  'The interest rate of a security that is paid back with interest at maturity.',
  ['investment', 'redemption'],
  (investment, redemption, years) => (redemption - investment) / investment / years,
  [
    { formula: '=ROUND(INTRATE("2008-02-15", "2008-05-15", 1000000, 1014420, 2), 5)', result: '0.05768' },
    { formula: '=ROUND(INTRATE("2026-01-01", "2027-01-01", 100, 110, [@blank]), 9)', result: '0.1' },
    { formula: '=INTRATE("2026-01-01", "2025-01-01", 100, 110)', result: '#NUM!' },
  ],
)

const RECEIVED = discounted(
  'RECEIVED',
  'What is paid back at maturity of a discounted security.',
  ['investment', 'discount'],
  (investment, discount, years) => (discount * years < 1 ? investment / (1 - discount * years) : null),
  [
    { formula: '=ROUND(RECEIVED("2008-02-15", "2008-05-15", 1000000, 5.75%, 2), 2)', result: '1014584.65' },
    { formula: '=RECEIVED("2026-01-01", "2027-01-01", 90, 50%, [@blank])', result: '180' },
    { formula: '=RECEIVED("2026-01-01", "2027-01-01", 90, 100%)', result: '#NUM!' },
  ],
)

const PRICEDISC = discounted(
  'PRICEDISC',
  'The price per 100 of a discounted security.',
  ['discount', 'redemption'],
  (discount, redemption, years) => redemption - discount * redemption * years,
  [
    { formula: '=ROUND(PRICEDISC("2008-02-16", "2008-03-01", 5.25%, 100, 2), 8)', result: '99.79583333' },
    { formula: '=PRICEDISC("2026-01-01", "2027-01-01", 10%, 100, [@blank])', result: '90' },
    { formula: '=PRICEDISC("2026-01-01", "2027-01-01", 0, 100)', result: '#NUM!' },
  ],
)

const YIELDDISC = discounted(
  'YIELDDISC',
  'The yearly yield of a discounted security.',
  ['price', 'redemption'],
  (price, redemption, years) => (redemption - price) / price / years,
  [
    { formula: '=ROUND(YIELDDISC("2008-02-16", "2008-03-01", 99.795, 100, 2), 8)', result: '0.05282257' },
    { formula: '=YIELDDISC("2026-01-01", "2027-01-01", 80, 100, [@blank])', result: '0.25' },
    { formula: '=YIELDDISC("2026-01-01", "2027-01-01", 80, 100, 7)', result: '#NUM!' },
  ],
)

/** Years from issue to maturity, to settlement, and between these, the year being that of issue and settlement; null where Excel refuses the arguments. */
function sinceIssue(
  settlement: Timestamp,
  maturity: Timestamp,
  issue: Timestamp,
  basis: number,
): { readonly all: number; readonly accrued: number; readonly left: number } | null {
  const term = termOf(settlement, maturity, basis)
  if (term === null || issue.days >= settlement.days) return null
  const year = daysInYear(issue.days, term.settlement, term.basis)
  const all = daysBetween(issue.days, term.maturity, term.basis)
  const accrued = daysBetween(issue.days, term.settlement, term.basis)
  return { all: all / year, accrued: accrued / year, left: (all - accrued) / year }
}

const PRICEMAT = financial({
  name: 'PRICEMAT',
  help: 'The price per 100 of a security that pays interest at maturity.',
  params: [day('settlement'), day('maturity'), day('issue'), amount('rate'), amount('yield'), BASIS],
  run: (settlement: Timestamp, maturity: Timestamp, issue: Timestamp, rate: number, annual: number, basis: number) => {
    const years = sinceIssue(settlement, maturity, issue, basis)
    if (years === null || rate < 0 || annual < 0) return null
    return (100 + years.all * rate * 100) / (1 + years.left * annual) - years.accrued * rate * 100
  },
  examples: [
    { formula: '=ROUND(PRICEMAT("2008-02-15", "2008-04-13", "2007-11-11", 6.1%, 6.1%, 0), 8)', result: '99.98449888' },
    { formula: '=PRICEMAT("2027-01-01", "2028-01-01", "2026-01-01", [@blank], 25%)', result: '80' },
    { formula: '=PRICEMAT("2027-01-01", "2028-01-01", "2027-06-01", 5%, 5%)', result: '#NUM!' },
  ],
})

const YIELDMAT = financial({
  name: 'YIELDMAT',
  help: 'The yearly yield of a security that pays interest at maturity.',
  params: [day('settlement'), day('maturity'), day('issue'), amount('rate'), amount('price'), BASIS],
  run: (settlement: Timestamp, maturity: Timestamp, issue: Timestamp, rate: number, price: number, basis: number) => {
    const years = sinceIssue(settlement, maturity, issue, basis)
    if (years === null || rate < 0 || price <= 0) return null
    const paid = price / 100 + years.accrued * rate
    return (1 + years.all * rate - paid) / paid / years.left
  },
  examples: [
    { formula: '=ROUND(YIELDMAT("2008-03-15", "2008-11-03", "2007-11-08", 6.25%, 100.0123, 0), 8)', result: '0.06095433' },
    { formula: '=ROUND(YIELDMAT("2027-01-01", "2028-01-01", "2026-01-01", [@blank], 80), 9)', result: '0.25' },
    { formula: '=YIELDMAT("2027-01-01", "2028-01-01", "2026-01-01", -5%, 80)', result: '#NUM!' },
  ],
})

/** Securities that are paid once. */
export const DISCOUNTS: readonly FunctionDefinition[] = [DISC, INTRATE, RECEIVED, PRICEDISC, YIELDDISC, PRICEMAT, YIELDMAT].map(toolpak)
