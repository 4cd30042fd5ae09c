import type { Timestamp } from '@sheetflow/core/value'
import { addMonths } from '../../numeric/months.ts'
import type { Example, FunctionDefinition } from '../definition.ts'
import { toolpak } from '../toolpak.ts'
import { amount, day, financial } from './define.ts'

/** A function of the days from settlement to maturity, at most a year, and of an amount above 0. */
function bill(
  name: string,
  help: string,
  of: string,
  compute: (days: number, value: number) => number | null,
  examples: readonly Example[],
): FunctionDefinition {
  return toolpak(
    financial({
      name,
      help,
      params: [day('settlement'), day('maturity'), amount(of)],
      run: (settlement: Timestamp, maturity: Timestamp, value: number) => {
        const isLong = maturity.days > addMonths(settlement.days, 12)
        return settlement.days >= maturity.days || isLong || value <= 0 ? null : compute(maturity.days - settlement.days, value)
      },
      examples,
    }),
  )
}

function priceOf(days: number, discount: number): number {
  return 100 * (1 - (discount * days) / 360)
}

/** Bills of more than half a year are compared with bonds that pay interest in between. */
function bondEquivalent(days: number, discount: number): number | null {
  const price = priceOf(days, discount) / 100
  if (price <= 0) return null
  if (days <= 182) return (365 * discount) / (360 - discount * days)
  const years = days / (days === 366 ? 366 : 365)
  const odd = 2 * years - 1
  return (2 * (Math.sqrt(years * years - odd * (1 - 1 / price)) - years)) / odd
}

/** Treasury bills. */
export const TREASURY_BILLS: readonly FunctionDefinition[] = [
  bill('TBILLEQ', 'The yield of a Treasury bill as that of a bond.', 'discount', bondEquivalent, [
    { formula: '=ROUND(TBILLEQ("2008-03-31", "2008-06-01", 9.14%), 8)', result: '0.09415149' },
    { formula: '=TBILLEQ("2008-03-31", "2008-06-01", [@blank])', result: '#NUM!' },
    { formula: '=TBILLEQ("2008-03-31", "2009-06-01", 9.14%)', result: '#NUM!' },
  ]),
  bill(
    'TBILLPRICE',
    'The price per 100 of a Treasury bill.',
    'discount',
    (days, discount) => {
      const price = priceOf(days, discount)
      return price > 0 ? price : null
    },
    [
      { formula: '=ROUND(TBILLPRICE("2008-03-31", "2008-06-01", 9%), 2)', result: '98.45' },
      { formula: '=TBILLPRICE("2008-03-31", "2008-06-01", [@blank])', result: '#NUM!' },
      { formula: '=TBILLPRICE("2008-06-01", "2008-03-31", 9%)', result: '#NUM!' },
    ],
  ),
  bill('TBILLYIELD', 'The yield of a Treasury bill.', 'price', (days, price) => ((100 - price) / price) * (360 / days), [
    { formula: '=ROUND(TBILLYIELD("2008-03-31", "2008-06-01", 98.45), 8)', result: '0.09141696' },
    { formula: '=TBILLYIELD("2008-03-31", "2008-06-01", [@blank])', result: '#NUM!' },
    { formula: '=TBILLYIELD("2008-03-31", "soon", 98.45)', result: '#VALUE!' },
  ]),
]
