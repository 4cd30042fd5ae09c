import { expect, test } from 'vitest'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'
import { CUSTOMERS, OPEN_ORDERS } from '../testing/shop.ts'

/** The parent's column `spent` of that type; orders hang on it by `customer_id`, which is a bigint, or `tenant`, which is an int. */
function customersBy(type: ColumnType, child: string): typeof CUSTOMERS {
  const columns = CUSTOMERS.columns.map((column) => (column.name === 'spent' ? { ...type, name: 'spent', id: 4, null: true } : column))
  return { ...CUSTOMERS, columns, lists: { open: { view: OPEN_ORDERS.table, on: [[child, 'spent']] as const } } }
}

test.each<readonly [what: string, type: ColumnType, value: JsonValue, child: string, where: string]>([
  ['an int and a bigint', { type: 'int' }, 7, 'customer_id', '{customer_id: {_eq: 7}}'],
  ['a bigint and an int', { type: 'bigint' }, '7', 'tenant', '{tenant: {_eq: 7}}'],
  ['a decimal and a bigint', { type: 'decimal', p: 12, s: 2 }, '7.00', 'customer_id', '{customer_id: {_eq: 7}}'],
  ['Blank and Blank', { type: 'bigint' }, null, 'customer_id', '{customer_id: {_is_null: true}}'],
])(
  'a nested list follows the rows that stores join, %s too: its channel is that of the same question',
  async (_, type, value, child, where) => {
    await using shop = await RunningShop.start({}, [OPEN_ORDERS, customersBy(type, child)])
    shop.write({ rows: { 'sales.customers': [['c', ['1'], ['1', 'Anna', 1, value], null]] } })
    const { extensions } = await shop.ask(
      await tokenFor('1', 'manager'),
      `{ customers { open { id } } open_orders(where: ${where}) { id } }`,
    )
    const channel = extensions?.live['open_orders']?.channel
    expect(channel).toMatch(/^sf:/)
    expect(extensions?.live['customers[["1"]].open']?.channel).toBe(channel)
  },
)
