import type { Timestamp } from '@sheetflow/core/value'
import {
  isOnSchedule,
  oddFirstPrice,
  oddFirstYield,
  oddLastPrice,
  oddLastYield,
  type OddFirstBond,
  type OddLastBond,
} from '../../numeric/odd-bonds.ts'
import type { FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, BASIS, day, financial, whole } from './define.ts'
import { couponTermOf } from './security.ts'

const REDEMPTION = [amount('redemption'), whole('frequency'), BASIS] as const
const FIRST = [day('settlement'), day('maturity'), day('issue'), day('first_coupon'), amount('rate')] as const
const LAST = [day('settlement'), day('maturity'), day('last_interest'), amount('rate')] as const

/** Settlement, maturity, issue, first coupon, rate, yield or price, redemption, frequency, basis. */
type FirstArguments = [Timestamp, Timestamp, Timestamp, Timestamp, number, number, number, number, number]

/** The security, or null where Excel refuses the arguments. */
function firstBond(...[settlement, maturity, issue, first, rate, , redemption, frequency, basis]: FirstArguments): OddFirstBond | null {
  const term = couponTermOf(settlement, maturity, frequency, basis)
  if (term === null || rate < 0 || redemption < 0) return null
  if (issue.days >= settlement.days || settlement.days >= first.days || first.days >= maturity.days) return null
  const bond = { ...term, rate, redemption, issue: issue.days, firstCoupon: first.days }
  return isOnSchedule(bond) ? bond : null
}

/** Settlement, maturity, last interest, rate, yield or price, redemption, frequency, basis. */
type LastArguments = [Timestamp, Timestamp, Timestamp, number, number, number, number, number]

function lastBond(...[settlement, maturity, last, rate, , redemption, frequency, basis]: LastArguments): OddLastBond | null {
  const term = couponTermOf(settlement, maturity, frequency, basis)
  if (term === null || rate < 0 || redemption < 0 || last.days >= settlement.days) return null
  return { ...term, rate, redemption, lastInterest: last.days }
}

const ODDFPRICE = financial({
  name: 'ODDFPRICE',
  help: 'The price per 100 of a security with an odd first period.',
  params: [...FIRST, amount('yield'), ...REDEMPTION],
  run: (...args: FirstArguments) => {
    const bond = firstBond(...args)
    return bond === null || args[5] < 0 ? null : oddFirstPrice(bond, args[5])
  },
  examples: [
    {
      formula: '=ROUND(ODDFPRICE("2008-11-11", "2021-03-01", "2008-10-15", "2009-03-01", 7.85%, 6.25%, 100, 2, 1), 7)',
      result: '113.5977175',
    },
    { formula: '=ODDFPRICE("2026-02-01", "2028-01-01", "2026-01-01", "2027-01-01", [@blank], 0, 100, 1)', result: '100' },
    { formula: '=ODDFPRICE("2026-02-01", "2028-01-01", "2026-01-01", "2027-02-01", 5%, 5%, 100, 1)', result: '#NUM!' },
  ],
})

const ODDFYIELD = financial({
  name: 'ODDFYIELD',
  help: 'The yield of a security with an odd first period.',
  params: [...FIRST, amount('price'), ...REDEMPTION],
  run: (...args: FirstArguments) => {
    const bond = firstBond(...args)
    return bond === null || args[5] <= 0 ? null : oddFirstYield(bond, args[5])
  },
  examples: [
    {
      formula: '=ROUND(ODDFYIELD("2008-11-11", "2021-03-01", "2008-10-15", "2009-03-01", 5.75%, 84.5, 100, 2, 0), 7)',
      result: '0.0772455',
    },
    { formula: '=ROUND(ODDFYIELD("2026-02-01", "2028-01-01", "2026-01-01", "2027-01-01", [@blank], 100, 100, 1), 9)', result: '0' },
    { formula: '=ODDFYIELD("2026-02-01", "2028-01-01", "2026-03-01", "2027-01-01", 5%, 99, 100, 1)', result: '#NUM!' },
  ],
})

const ODDLPRICE = financial({
  name: 'ODDLPRICE',
  help: 'The price per 100 of a security with an odd last period.',
  params: [...LAST, amount('yield'), ...REDEMPTION],
  run: (...args: LastArguments) => {
    const bond = lastBond(...args)
    return bond === null || args[4] < 0 ? null : oddLastPrice(bond, args[4])
  },
  examples: [
    { formula: '=ROUND(ODDLPRICE("2008-02-07", "2008-06-15", "2007-10-15", 3.75%, 4.05%, 100, 2, 0), 8)', result: '99.87828601' },
    { formula: '=ODDLPRICE("2008-02-07", "2008-06-15", "2007-10-15", [@blank], 0, 100, 2)', result: '100' },
    { formula: '=ODDLPRICE("2008-02-07", "2008-06-15", "2008-10-15", 3.75%, 4.05%, 100, 2)', result: '#NUM!' },
  ],
})

const ODDLYIELD = financial({
  name: 'ODDLYIELD',
  help: 'The yield of a security with an odd last period.',
  params: [...LAST, amount('price'), ...REDEMPTION],
  run: (...args: LastArguments) => {
    const bond = lastBond(...args)
    return bond === null || args[4] <= 0 ? null : oddLastYield(bond, args[4])
  },
  examples: [
    { formula: '=ROUND(ODDLYIELD("2008-04-20", "2008-06-15", "2007-12-24", 3.75%, 99.875, 100, 2, 0), 9)', result: '0.045192236' },
    { formula: '=ODDLYIELD("2008-04-20", "2008-06-15", "2007-12-24", [@blank], 100, 100, 2)', result: '0' },
    { formula: '=ODDLYIELD("2008-04-20", "2008-06-15", "2007-12-24", 3.75%, 0, 100, 2)', result: '#NUM!' },
  ],
})

/** Securities with an odd first or last period. */
export const ODD_BONDS: readonly FunctionDefinition[] = [ODDFPRICE, ODDFYIELD, ODDLPRICE, ODDLYIELD].map(toolpak)
