import { describe, expect, it } from 'vitest'
import { compileGraph } from '../compile/compile-graph.ts'
import { CUSTOMERS, ORDERS } from '../testing/shop.ts'
import { explainSheets, type ExplainedSheet } from './explain-sheets.ts'

const TABLES = new Map([
  ['shop!public.orders', ORDERS],
  ['shop!public.customers', CUSTOMERS],
])

const FILES = {
  'w/workbook.yaml': 'values:\n  VAT: 0.23\n  TOTAL: =SUM(shop!orders[total])\n',
  'w/orders.sheet.yaml': `rows: =FILTER(shop!orders, shop!orders[status]="open")
keep: [total]
columns:
  customer: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[name])
  gross: =ROUND([@total]*(1+VAT), 2)
  share: =[@total]/TOTAL
  bigger: =COUNTIFS([total], ">"&[@total])
  near: =XLOOKUP([@total], shop!orders[total], shop!orders[id], 0, -1)
  products: =SUMPRODUCT(shop!orders[total], shop!orders[total])
  age: =TODAY()-[@placed_at]
cost: {accept: whole-table}
`,
  'w/customers.sheet.yaml': 'rows: =shop!customers\ncolumns:\n  spent: =SUMIFS(shop!orders[total], shop!orders[customer_id], [@id])\n',
}

function explained(): ReadonlyMap<string, ExplainedSheet> {
  const { graph, diagnostics } = compileGraph({ files: FILES, tables: TABLES })
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  return new Map(explainSheets(FILES, graph ?? { tables: [], sheets: [], timeZones: {} }).map((sheet) => [sheet.view, sheet]))
}

describe('explain', () => {
  it('says where the rows come from and what the key is', () => {
    expect(explained().get('w.orders')).toMatchObject({
      rows: 'filter',
      formula: '=FILTER(shop!orders, shop!orders[status]="open")',
      inputs: ['shop!public.orders'],
      key: ['id'],
    })
    expect(explained().get('w.w_values')).toMatchObject({ rows: 'single', formula: null, inputs: [], key: [] })
  })

  it.each([
    ['customer', 'fan-out', 'a change of a row of shop!public.customers changes all rows that look its [id] up'],
    ['gross', 'constant', 'follows from its own row'],
    ['share', 'whole-table', 'all rows read TOTAL: when it changes, they all do'],
    ['bigger', 'fan-out', 'a change of w.orders changes all rows that ask by [total]'],
    ['near', 'fan-out', 'a key that comes to or goes from shop!public.orders[total] changes the rows that ask beside it'],
    ['products', 'whole-table', 'takes shop!public.orders[total] as an array: each change there computes it anew from all rows'],
    ['age', 'constant', 'follows from its own row, and from the day: all rows each midnight'],
  ])('of %s that it is %s, and why', (name, wanted, reason) => {
    const column = explained()
      .get('w.orders')
      ?.columns.find((one) => one.name === name)
    expect(column).toMatchObject({ cost: { class: wanted }, reason, published: true })
    expect(column?.formula).toMatch(/^=/)
  })

  it('of a column that one row alone asks for, that it is one group', () => {
    expect(explained().get('w.customers')?.columns.at(-1)).toMatchObject({
      type: 'decimal',
      cost: { class: 'constant' },
      reason: 'one group of an index over shop!public.orders[total], by [customer_id]',
    })
  })

  it('of columns of the rows neither formula nor cost', () => {
    expect(explained().get('w.orders')?.columns[1]).toMatchObject({
      name: 'customer_id',
      published: false,
      formula: null,
      cost: null,
      reason: null,
    })
  })
})
