import type { GraphSketch } from '@sheetflow/testkit/bound-graph'

const DECIMAL = { type: 'decimal', p: 12, s: 2 } as const
const TEXT = { type: 'text' } as const
const INT = { type: 'int' } as const

/** Orders, customers and regions: every operator once, chains of sheets, own-sheet lookups, named values, bounds that differ per row. */
export const SHOP: GraphSketch = {
  timeZone: 'Europe/Warsaw',
  tables: {
    'shop!public.orders': {
      columns: {
        id: INT,
        customer_id: { type: 'bigint' },
        total: DECIMAL,
        status: TEXT,
        weight: { type: 'double' },
        placed: { type: 'date' },
        parent: INT,
      },
    },
    'shop!public.customers': { columns: { id: { type: 'bigint' }, name: TEXT, region: TEXT, limit: { type: 'decimal' } } },
    'crm!public.regions': { columns: { country: TEXT, code: TEXT, factor: DECIMAL }, key: 2 },
  },
  sheets: {
    'sales.values': {
      columns: {
        VAT: '=0.23',
        all_orders: '=ROWS(shop!orders)',
        revenue: '=SUM(shop!orders[total])',
        limits: '=SUM(shop!customers[limit])',
        heaviest: '=MAX(shop!orders[weight])',
        mean: '=AVERAGE(shop!orders[total])',
        numbers: '=COUNT(shop!orders[placed])',
        filled: '=COUNTA(shop!orders[status])',
      },
    },
    'sales.open_orders': {
      rows: '=FILTER(shop!orders, shop!orders[status]="open")',
      columns: {
        customer: '=XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")',
        gross: '=ROUND([@total]*(1+VAT), 2)',
        label: '="Order #"&[@id]&": "&[@customer]',
        parent_total: '=XLOOKUP([@parent], [id], [gross])',
        share: '=IFERROR([@total]/revenue, 0)',
        age: '=TODAY()-[@placed]',
        siblings: '=COUNTIFS([customer], [@customer])',
      },
    },
    'sales.customers': {
      rows: '=shop!customers',
      columns: {
        orders: '=COUNTIFS(shop!orders[customer_id], [@id])',
        spent: '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[status], "paid")',
        weight: '=SUMIFS(shop!orders[weight], shop!orders[customer_id], [@id])',
        mean: '=AVERAGEIFS(shop!orders[total], shop!orders[customer_id], [@id])',
        last: '=MAXIFS(shop!orders[placed], shop!orders[customer_id], [@id])',
        least: '=MINIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[status], "<>paid")',
        dear: '=COUNTIFS(shop!orders[customer_id], [@id], shop!orders[total], ">="&[@limit])',
        like: '=COUNTIFS(shop!orders[status], [@region])',
        pattern: '=SUMIFS(shop!orders[total], shop!orders[status], LEFT([@region], 1)&"*", shop!orders[customer_id], "<>"&[@id])',
        recent: '=COUNTIFS(shop!orders[customer_id], [@id], shop!orders[placed], ">="&TODAY())',
        factor: '=XLOOKUP([@region], crm!regions[code], crm!regions[factor], 1)',
        scaled: '=[@spent]*[@factor]',
        // Parts in common, lazily asked for, with errors in them.
        over: '=IF([@spent]/[@limit]>1, [@spent]/[@limit], IFERROR(1/([@orders]-1), 0))',
        per_order: '=IFERROR(1/([@orders]-1), [@scaled])&ROUND([@spent]/[@limit], 2)',
        open_gross: '=SUMIFS(open_orders[gross], open_orders[customer_id], [@id])',
        first_open: '=XLOOKUP([@id], open_orders[customer_id], open_orders[label], "-")',
        namesakes: '=COUNTIFS([name], [@name])',
      },
    },
    'sales.big_customers': {
      rows: '=FILTER(customers, (customers[spent]>5)*(customers[orders]>1))',
      columns: {
        rank: '=COUNTIFS([spent], ">"&[@spent])+1',
        top: '=IF([@rank]=1, "top", XLOOKUP([@region], crm!regions[code], crm!regions[country], "none"))',
      },
      keep: ['name', 'spent', 'rank', 'top'],
    },
  },
}
