import type { Scale } from './engine-case.ts'
import type { WorkbookText } from './live-workbook.ts'
import { orderChange, Shop, SHOP_TABLES, shopRows } from './shop.ts'
import type { OrderUpdate } from './shop.ts'
import type { SheetflowCase } from './sheetflow-side.ts'
import type { Workload } from './stepping.ts'

/** The reference workload: per customer SUMIFS and COUNTIFS over the orders, per order XLOOKUP of the customer's name. */
const REFERENCE: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/customers.sheet.yaml': `about: What each customer ordered.
rows: =shop!customers
keep: [id, name]
columns:
  orders: =COUNTIFS(shop!orders[customer_id], [@id])
  spent: =SUMIFS(shop!orders[total], shop!orders[customer_id], [@id])
read: {clerk: all}
`,
    'sales/orders.sheet.yaml': `about: Orders with the customer's name.
rows: =shop!orders
keep: [id, customer_id, total]
columns:
  customer: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")
read: {clerk: all}
`,
  },
  tables: SHOP_TABLES,
}

/** Updates a transaction, by the phase's name. */
const TRANSACTION_SIZES: Readonly<Record<string, number>> = { one: 1, hundred: 100, thousand: 1_000 }

/** Random updates of orders: each round as many, in transactions of the phase's size. */
export function orderUpdates(shop: Shop, { transactions }: Scale): Workload<readonly OrderUpdate[]> {
  return {
    round: (phase) => {
      const size = TRANSACTION_SIZES[phase] ?? 1
      return shop.transactions(Math.max(1, Math.floor(transactions / size)), size)
    },
    items: (updates) => updates.length,
    sweep: () => shop.sweep(),
  }
}

/** The reference workload as the product takes it. */
export function referenceCase(scale: Scale, shop: Shop = new Shop(scale.rows)): SheetflowCase<readonly OrderUpdate[]> {
  return {
    workbook: REFERENCE,
    rows: shopRows(shop),
    workload: orderUpdates(shop, scale),
    changes: (updates) => [['public.orders', updates.map(orderChange)]],
  }
}
