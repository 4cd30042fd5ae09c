import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'

/** The shop of FORMATS 7. */

type Column = readonly [name: string, id: number, type: ColumnType, nullable?: boolean]

/** A schema as capture would write it. */
export function tableSchema(table: string, key: readonly string[], columns: readonly Column[]): TableSchema {
  const schemas = columns.map(([name, id, type, nullable = true]): ColumnSchema => ({ ...type, name, id, null: nullable }))
  return { v: 1, table, schema: 1, hash: '', key, columns: schemas }
}

const ORDER_COLUMNS: readonly Column[] = [
  ['id', 1, { type: 'bigint' }, false],
  ['customer_id', 2, { type: 'bigint' }],
  ['total', 3, { type: 'decimal', p: 12, s: 2 }],
  ['status', 4, { type: 'text' }, false],
  ['placed_at', 5, { type: 'timestamptz' }],
]

export const ORDERS: TableSchema = tableSchema('public.orders', ['id'], ORDER_COLUMNS)

/** Orders whose columns some change since has touched. */
export function ordersWith(change: (columns: readonly Column[]) => readonly Column[]): TableSchema {
  return tableSchema('public.orders', ['id'], change(ORDER_COLUMNS))
}

export const CUSTOMERS: TableSchema = tableSchema(
  'public.customers',
  ['id'],
  [
    ['id', 1, { type: 'bigint' }, false],
    ['name', 2, { type: 'text' }],
    ['tenant', 3, { type: 'int' }],
    ['country', 4, { type: 'text' }],
    ['unit price', 5, { type: 'decimal', p: 12, s: 2 }],
    ['extra', 6, { type: 'json' }],
  ],
)

export const TABLES: ReadonlyMap<string, TableSchema> = new Map([
  ['shop!public.orders', ORDERS],
  ['shop!public.customers', CUSTOMERS],
])

/** The files of FORMATS 7 that need no functions beyond the first issue's, as they stand there. */
export const SALES: Readonly<Record<string, string>> = {
  'sales/workbook.yaml': `time_zone: Europe/Warsaw
values:
  # named values and functions
  VAT: 0.23
  GROSS: =LAMBDA(net, ROUND(net*(1+VAT), 2))
user: {id: int, tenant: int, role: text}
`,
  'sales/open_orders.sheet.yaml': `about: Orders that still have to be shipped, with the customer's name.
rows: =FILTER(shop!orders, shop!orders[status]="open")
# columns passed on; the key always is. \`keep: all\` is allowed, lint says what it exposes
keep: [id, customer_id, total, placed_at]
columns:
  customer: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")
  tenant: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[tenant])
  gross: =GROSS([@total])
  label: |-
    ="Order #"&[@id]&": "&[@customer]
publish: {index: [customer_id, placed_at], search: [customer]}
# nobody reads what no rule lets read; a rule is named after a role
read:
  clerk: =[@tenant]=user[tenant]
  customer: {rows: "=[@customer_id]=user[id]", hide: [tenant]}
format: {gross: "#,##0.00"}
tests:
  - name: a late customer fills the name in
    given:
      shop!orders:
        - {id: 1, customer_id: 7, total: 9.50, status: open}
      shop!customers: []
    expect:
      - {id: 1, customer: "?", gross: 11.69}
    steps:
      - then:
          - insert: {shop!customers: {id: 7, name: Anna, tenant: 1}}
        expect:
          - {id: 1, customer: Anna, label: "Order #1: Anna"}
`,
  'sales/customers.sheet.yaml': `rows: =shop!customers
keep: [id, name, tenant]
columns:
  orders: =COUNTIFS(shop!orders[customer_id], [@id])
  spent: =SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[status], "paid")
  last: =MAXIFS(shop!orders[placed_at], shop!orders[customer_id], [@id])
  # a nested list in GraphQL
  open: =FILTER(open_orders, open_orders[customer_id]=[@id])
read:
  clerk: =[@tenant]=user[tenant]
`,
  'sales/paid_orders.sheet.yaml': `rows: =FILTER(shop!orders, shop!orders[status]="paid")
keep: [id, total]
columns:
  country: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[country], "?")
  month: =TEXT([@placed_at], "yyyy-mm")
`,
}
