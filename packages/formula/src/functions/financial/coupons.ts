import type { Timestamp } from '@sheetflow/core/value'
import { couponDays, couponPeriod, daysSinceCoupon, daysToCoupon, type CouponPeriod } from '../../numeric/coupons.ts'
import { NUM } from '../../value/cell-errors.ts'
import { isDay } from '../../value/readers.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { always } from '../results.ts'
import { toolpak } from '../toolpak.ts'
import { BASIS, day, financial, whole } from './define.ts'
import { couponTermOf, type CouponTerm } from './security.ts'

const PARAMS = [day('settlement'), day('maturity'), whole('frequency'), BASIS] as const

/** A number of days or coupons. */
function counting(
  name: string,
  help: string,
  read: (period: CouponPeriod, term: CouponTerm) => number,
  examples: readonly Example[],
): FunctionDefinition {
  const run = (settlement: Timestamp, maturity: Timestamp, frequency: number, basis: number): number | null => {
    const term = couponTermOf(settlement, maturity, frequency, basis)
    return term === null ? null : read(couponPeriod(term.settlement, term.maturity, term.frequency), term)
  }
  return toolpak(financial({ name, help, params: PARAMS, run, examples }))
}

/** A coupon day. */
function dated(name: string, help: string, read: (period: CouponPeriod) => number, examples: readonly Example[]): FunctionDefinition {
  return toolpak({
    name,
    category: 'financial',
    help,
    params: PARAMS,
    result: always('date'),
    evaluation: {
      mode: 'strict',
      make: () => (settlement: Timestamp, maturity: Timestamp, frequency: number, basis: number) => {
        const term = couponTermOf(settlement, maturity, frequency, basis)
        if (term === null) return NUM
        const days = read(couponPeriod(term.settlement, term.maturity, term.frequency))
        return isDay(days) ? days : NUM
      },
    },
    volatility: 'pure',
    examples,
  })
}

const REFUSED: Example = { formula: '=COUPNUM("2011-11-15", "2011-01-25", 2)', result: '#NUM!' }

/** Days and numbers of coupons. */
export const COUPONS: readonly FunctionDefinition[] = [
  counting(
    'COUPDAYBS',
    'Days from the coupon day before settlement to settlement.',
    (period, { settlement, basis }) => daysSinceCoupon(period, settlement, basis),
    [
      { formula: '=COUPDAYBS("2011-01-25", "2011-11-15", 2, 1)', result: '71' },
      { formula: '=COUPDAYBS("2011-01-25", "2011-11-15", 2, [@blank])', result: '70' },
      { formula: '=COUPDAYBS("2011-01-25", "2011-11-15", 3, 1)', result: '#NUM!' },
    ],
  ),
  counting(
    'COUPDAYS',
    'Days of the coupon period in which settlement lies.',
    (period, { frequency, basis }) => couponDays(period, frequency, basis),
    [
      { formula: '=COUPDAYS("2011-01-25", "2011-11-15", 2, 1)', result: '181' },
      { formula: '=COUPDAYS("2011-01-25", "2011-11-15", 2, 3)', result: '182.5' },
      { formula: '=COUPDAYS("2011-01-25", "2011-11-15", 4, [@blank])', result: '90' },
      { formula: '=COUPDAYS("2011-01-25", "2011-11-15", 2, 5)', result: '#NUM!' },
    ],
  ),
  counting(
    'COUPDAYSNC',
    'Days from settlement to the next coupon day.',
    (period, { settlement, basis }) => daysToCoupon(period, settlement, basis),
    [
      { formula: '=COUPDAYSNC("2011-01-25", "2011-11-15", 2, 1)', result: '110' },
      { formula: '=COUPDAYSNC("2011-01-25", "2011-11-15", 2, [@blank])', result: '110' },
      { formula: '=COUPDAYSNC("2011-01-25", "soon", 2, 1)', result: '#VALUE!' },
    ],
  ),
  dated('COUPNCD', 'The coupon day after settlement.', (period) => period.next, [
    { formula: '=COUPNCD("2011-01-25", "2011-11-15", 2, 1)', result: 'DATE(2011,5,15)' },
    { formula: '=COUPNCD("2026-11-23", "2027-08-31", 4, [@blank])', result: 'DATE(2026,11,30)' },
    { formula: '=COUPNCD("2011-01-25", "2011-11-15", 0)', result: '#NUM!' },
  ]),
  counting('COUPNUM', 'The number of coupons from settlement to maturity.', (period) => period.count, [
    { formula: '=COUPNUM("2007-01-25", "2008-11-15", 2, 1)', result: '4' },
    { formula: '=COUPNUM("2007-01-25", "2008-11-15", 1, [@blank])', result: '2' },
    REFUSED,
  ]),
  dated('COUPPCD', 'The coupon day at or before settlement.', (period) => period.previous, [
    { formula: '=COUPPCD("2011-01-25", "2011-11-15", 2, 1)', result: 'DATE(2010,11,15)' },
    { formula: '=COUPPCD("2026-11-23", "2027-02-28", 4, [@blank])', result: 'DATE(2026,8,31)' },
    { formula: '=COUPPCD("2011-11-15", "2011-11-15", 2)', result: '#NUM!' },
  ]),
]
