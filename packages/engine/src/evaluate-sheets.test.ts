import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { evaluateSheets } from './evaluate-sheets.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const

/** The sheet of FORMATS 7, with its test. */
const GRAPH = boundGraph({
  tables: {
    'shop!public.orders': { columns: { id: INT, customer_id: INT, total: { type: 'decimal', p: 12, s: 2 }, status: TEXT } },
    'shop!public.customers': { columns: { id: INT, name: TEXT } },
  },
  sheets: {
    'sales.open_orders': {
      rows: '=FILTER(shop!orders, shop!orders[status]="open")',
      columns: {
        customer: '=XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")',
        gross: '=ROUND([@total]*1.23, 2)',
        label: '="Order #"&[@id]&": "&[@customer]',
        today: '=TODAY()',
      },
    },
  },
})

describe('evaluateSheets', () => {
  it('a late customer fills the name in', () => {
    const given = { 'shop!public.orders': [[1, 7, '9.50', 'open']] }
    const late = { changes: [{ table: 'shop!public.customers', rows: [['c', [7], [7, 'Anna'], null] as const] }] }
    const [first, second] = evaluateSheets(GRAPH, given, [late], '2026-11-23T10:00:00.000000Z')
    expect(first?.['sales.open_orders']).toMatchObject([{ id: 1, customer: '?', gross: '11.69', today: '2026-11-23' }])
    expect(second?.['sales.open_orders']).toMatchObject([{ id: 1, customer: 'Anna', label: 'Order #1: Anna' }])
  })

  it('a step may bring another day', () => {
    const given = { 'shop!public.orders': [[1, 7, '9.50', 'open']] }
    const [, second] = evaluateSheets(GRAPH, given, [{ changes: [], now: '2026-11-24T00:00:00.000000Z' }], '2026-11-23T10:00:00.000000Z')
    expect(second?.['sales.open_orders']).toMatchObject([{ today: '2026-11-24' }])
  })
})
