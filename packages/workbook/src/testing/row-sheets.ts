import type { TableSchema } from '@sheetflow/core/schema'
import { SALES, tableSchema, TABLES } from './shop.ts'

/** The shop and the contacts of another source, to be stacked with its customers. */
export const ROW_TABLES: ReadonlyMap<string, TableSchema> = new Map([
  ...TABLES,
  [
    'crm!public.contacts',
    tableSchema(
      'public.contacts',
      ['id'],
      [
        ['id', 1, { type: 'int' }, false],
        ['full_name', 2, { type: 'text' }],
        ['country', 3, { type: 'text' }],
        ['extra', 4, { type: 'bool' }],
      ],
    ),
  ],
])

/** One sheet for each thing that `rows:` can be, with tests that show what it means. Those of FORMATS 7 as they stand there. */
export const ROW_SHEETS: Readonly<Record<string, string>> = {
  ...SALES,
  'sales/revenue.sheet.yaml': `rows: =GROUPBY(paid_orders[country], paid_orders[month])
columns:
  orders: =ROWS([id])
  revenue: =SUM([total])
  big: =COUNTIFS([total], ">5")
  share: =[@revenue]/SUMIFS(paid_orders[total], paid_orders[country], [@country])
read: {manager: all}
tests:
  - name: a group is there as long as one of its rows is, and shown as in the row with the smallest key
    given:
      shop!customers: [{id: 1, country: pl}, {id: 2, country: PL}]
      shop!orders:
        - {id: 10, customer_id: 1, total: 9.50, status: paid, placed_at: 2026-11-02T10:00:00Z}
        - {id: 11, customer_id: 2, total: 0.50, status: paid, placed_at: 2026-11-30T10:00:00Z}
        - {id: 12, customer_id: 2, total: 1, status: paid, placed_at: 2026-11-30T23:30:00Z}
        - {id: 13, customer_id: 3, total: 7, status: open, placed_at: 2026-11-30T23:30:00Z}
    expect:
      - {country: pl, month: 2026-11, orders: 2, revenue: 10, big: 1, share: 0.909090909090909}
      - {country: PL, month: 2026-12, orders: 1, revenue: 1, big: 0, share: 0.0909090909090909}
    steps:
      - then: [{delete: {shop!orders: {id: 10}}}]
        expect:
          - {country: PL, month: 2026-11, orders: 1, revenue: 0.5}
          - {country: PL, month: 2026-12, orders: 1, revenue: 1}
      - then: [{update: {shop!orders: {id: 12, status: open}}}, {update: {shop!customers: {id: 2, country: ~}}}]
        expect: [{country: ~, month: 2026-11, orders: 1, revenue: 0.5}]
`,
  'sales/countries.sheet.yaml': `rows: =SORT(UNIQUE(FILTER(shop!customers[country], shop!customers[tenant]=1)))
columns:
  customers: =COUNTIFS(shop!customers[country], [@country])
  all: =COUNTA([country])
cost: {accept: whole-table}
tests:
  - name: Blank is a value of its own, letter case is not
    given:
      shop!customers:
        [{id: 1, tenant: 1, country: PL}, {id: 2, tenant: 1, country: pl}, {id: 3, tenant: 1}, {id: 4, tenant: 2, country: DE}]
    expect: [{country: PL, customers: 2, all: 1}, {country: ~, customers: 0, all: 1}]
    steps:
      - then: [{delete: {shop!customers: {id: 1}}}, {update: {shop!customers: {id: 4, tenant: 1}}}]
        expect: [{country: pl, all: 2}, {country: ~}, {country: DE}]
`,
  'sales/best.sheet.yaml': `rows: =TAKE(SORTBY(customers, customers[spent], -1), 2)
keep: [name, spent]
columns:
  rank: =COUNTIFS([spent], ">"&[@spent])+1
tests:
  - name: the first by what they spent, ties by key; when one goes the next comes up
    given:
      shop!customers: [{id: 1, name: Anna}, {id: 2, name: Bob}, {id: 3, name: Cid}]
      shop!orders: [{id: 10, customer_id: 3, total: 5, status: paid}, {id: 11, customer_id: 2, total: 5, status: paid}]
    expect: [{id: 2, spent: 5, rank: 1}, {id: 3, spent: 5, rank: 1}]
    steps:
      - then: [{delete: {shop!orders: {id: 11}}}]
        expect: [{id: 3, spent: 5, rank: 1}, {id: 1, spent: 0, rank: 2}]
      - then: [{truncate: [shop!customers]}]
        expect: []
`,
  'sales/people.sheet.yaml': `rows: =VSTACK(shop!customers, FILTER(crm!contacts, crm!contacts[country]<>"DE"))
keep: [name, country, tenant]
map: {name: {shop!customers: name, crm!contacts: full_name}}
columns:
  label: =[@name]&" of "&[@source]
tests:
  - name: a row is known by its table and its key; what a table lacks is Blank
    given:
      shop!customers: [{id: 1, name: Anna, country: PL, tenant: 7}]
      crm!contacts: [{id: 1, full_name: Bob, country: PL}, {id: 2, full_name: Cid, country: DE}]
    expect:
      - {source: shop!customers, id: 1, name: Anna, tenant: 7, label: Anna of shop!customers}
      - {source: crm!contacts, id: 1, name: Bob, country: PL, tenant: ~, label: Bob of crm!contacts}
    steps:
      - then: [{update: {crm!contacts: {id: 2, country: FR}}}, {delete: {shop!customers: {id: 1}}}]
        expect: [{source: crm!contacts, id: 1}, {source: crm!contacts, id: 2, name: Cid}]
`,
  'sales/customer_orders.sheet.yaml': `rows: =MERGE(shop!customers, shop!orders, shop!customers[id]=shop!orders[customer_id], "left")
keep: [name, total]
columns:
  has_ordered: =NOT(ISBLANK([@total]))
tests:
  - name: every pair, and who has no partner alone
    given:
      shop!customers: [{id: 1, name: Anna}, {id: 2, name: Bob}]
      shop!orders: [{id: 10, customer_id: 1, total: 9.50}, {id: 11, customer_id: 1, total: 1}, {id: 12, customer_id: 3, total: 4}]
    expect:
      - {id: 1, orders_id: 10, name: Anna, total: 9.50}
      - {id: 1, orders_id: 11, name: Anna, total: 1}
      - {id: 2, orders_id: ~, name: Bob, total: ~, has_ordered: false}
    steps:
      - then: [{update: {shop!orders: {id: 12, customer_id: 2}}}, {delete: {shop!customers: {id: 1}}}]
        expect: [{id: 2, orders_id: 12, name: Bob, total: 4, has_ordered: true}]
`,
  'sales/by_status.sheet.yaml': `rows: |-
  =PIVOTBY(shop!orders[customer_id], shop!orders[status], shop!orders[total], SUM, {"open", "paid", "not yet"})
columns:
  rest: =SUM([total])-[@open]-[@paid]
tests:
  - name: one column for each value that is given
    given:
      shop!orders:
        - {id: 1, customer_id: 7, total: 5, status: open}
        - {id: 2, customer_id: 7, total: 3, status: PAID}
        - {id: 3, customer_id: 7, total: 1, status: paid}
        - {id: 4, customer_id: 8, total: 9, status: not yet}
        - {id: 5, customer_id: 8, total: 2, status: lost}
    expect:
      - {customer_id: 7, open: 5, paid: 4, not_yet: 0, rest: 0}
      - {customer_id: 8, open: 0, paid: 0, not_yet: 9, rest: 11}
    steps:
      - then: [{delete: {shop!orders: [{id: 4}, {id: 5}]}}, {update: {shop!orders: {id: 1, status: paid}}}]
        expect: [{customer_id: 7, open: 0, paid: 9, rest: 0}]
`,
  'sales/by_country_and_tenant.sheet.yaml': `rows: |-
  =PIVOTBY(HSTACK(shop!customers[country], shop!customers[tenant]), shop!customers[name], shop!customers[id], COUNTA,
    {"1", "01", "TRUE", "#N/A", "", "a*", "b~"})
tests:
  - name: several row fields; texts are equal as in a group
    given:
      shop!customers:
        - {id: 1, name: "1", country: PL, tenant: 1}
        - {id: 2, name: "01", country: pl, tenant: 1}
        - {id: 3, name: "1.0", country: PL, tenant: 1}
        - {id: 4, name: "true", country: PL, tenant: 1}
        - {id: 5, name: "#N/A", country: PL, tenant: 1}
        - {id: 6, name: "", country: PL, tenant: 1}
        - {id: 7, name: ~, country: PL, tenant: 1}
        - {id: 8, name: "A*", country: PL, tenant: 2}
        - {id: 9, name: "abc", country: PL, tenant: 2}
        - {id: 10, name: "b~", country: PL, tenant: 2}
    expect:
      - {country: PL, tenant: 1, t_1: 1, t_01: 1, TRUE: 1, n_a: 1, t: 1, a: 0, b: 0}
      - {country: PL, tenant: 2, t_1: 0, t_01: 0, TRUE: 0, n_a: 0, t: 0, a: 1, b: 1}
    steps:
      - then: [{update: {shop!customers: {id: 7, name: "01"}}}, {update: {shop!customers: {id: 6, tenant: 2}}}]
        expect:
          - {country: PL, tenant: 1, t_1: 1, t_01: 2, TRUE: 1, n_a: 1, t: 0}
          - {country: PL, tenant: 2, t_1: 0, t_01: 0, TRUE: 0, n_a: 0, t: 1}
`,
}
