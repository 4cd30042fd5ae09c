import type { EngineCase, Phase, Scale } from '../engine-case.ts'
import { sumsAndNames } from '../limits/sums-and-names.ts'
import { orderUpdates, referenceCase } from '../reference.ts'
import { dbIvmRival } from '../rivals/db-ivm.ts'
import { hyperFormulaRival } from '../rivals/hyper-formula.ts'
import { rivalEngine } from '../rivals/sums-by-hand.ts'
import { zqlRival } from '../rivals/zql.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { Shop } from '../shop.ts'

const PHASES: readonly Phase[] = [
  { id: 'one', name: '1 a transaction', unit: 'updates', latency: true },
  { id: 'hundred', name: '100 a transaction', unit: 'updates' },
  { id: 'thousand', name: '1,000 a transaction', unit: 'updates' },
]

/**
 * 100,000 customers ⋈ 1,000,000 orders: SUMIFS and COUNTIFS per customer, XLOOKUP of the customer's name per order; orders are updated at random,
 * one in ten changes its customer. Typed changes in, typed changes out. All get the same updates; the results are compared row by row.
 */
export function reference(scale: Scale): readonly EngineCase[] {
  return [
    {
      name: 'reference, typed',
      rows: scale.rows,
      loads: 5,
      phases: PHASES,
      contenders: [
        { who: 'sheetflow', open: (at) => sheetflowEngine(referenceCase(at)) },
        {
          who: 'ZQL, sums by hand',
          rival: true,
          open: async (at) => rivalEngine(...shopOf(at), await zqlRival(at.rivals)),
        },
        {
          who: '@tanstack/db-ivm',
          rival: true,
          slow: true,
          open: async (at) => rivalEngine(...shopOf(at), await dbIvmRival(at.rivals)),
        },
        { who: 'limit: hand-written', open: (at) => sumsAndNames(...shopOf(at)) },
      ],
    },
  ]
}

/** The same with fewer rows, for a spreadsheet engine: it goes through all cells of a range for each formula. */
export function spreadsheet(scale: Scale): readonly EngineCase[] {
  return SPREADSHEETS.map(({ orders, customers, transactions }) => {
    const rows = Math.min(scale.rows, orders)
    const at = (of: Scale): Scale => ({ ...of, rows, transactions: Math.min(of.transactions, transactions) })
    const shop = (): Shop => new Shop(rows, Math.min(rows, customers))
    return {
      name: `reference, ${rows.toLocaleString('en-US')} orders × ${Math.min(rows, customers).toLocaleString('en-US')} customers`,
      rows,
      loads: 1,
      phases: [{ id: 'one', name: '1 a transaction', unit: 'updates' }],
      contenders: [
        { who: 'sheetflow', open: (of) => sheetflowEngine(referenceCase(at(of), shop())) },
        {
          who: 'HyperFormula',
          rival: true,
          open: async (of) => rivalEngine(...shopOf(at(of), shop()), await hyperFormulaRival(of.rivals)),
        },
        { who: 'limit: hand-written', open: (of) => sumsAndNames(...shopOf(at(of), shop())) },
      ],
    }
  })
}

const SPREADSHEETS = [
  { orders: 1_000, customers: 100, transactions: 50 },
  { orders: 10_000, customers: 1_000, transactions: 1 },
] as const

function shopOf(scale: Scale, shop: Shop = new Shop(scale.rows)): [Shop, ReturnType<typeof orderUpdates>] {
  return [shop, orderUpdates(shop, scale)]
}
