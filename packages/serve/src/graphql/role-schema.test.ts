import { expect, test } from 'vitest'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'
import { CUSTOMERS, OPEN_ORDERS } from '../testing/shop.ts'

test('sheets that are called as types of ours take nothing from anybody', async () => {
  const names = ['order_by', 'as', 'command_receipt', 'open_orders_bool_exp', 'open_orders_order_by']
  const sheets = names.map((name) => ({ ...CUSTOMERS, table: `sales.${name}`, lists: {} }))
  await using shop = await RunningShop.start({}, [OPEN_ORDERS, ...sheets])
  const roots = names.map((name) => `${name} { id }`).join(' ')
  const query = `{ ${roots} open_orders(where: {id: {_eq: 1}}, order_by: [{id: desc}]) { total(as: TEXT) } }`
  expect(await shop.ask(await tokenFor('1', 'manager'), query)).toMatchObject({ status: 200, data: { order_by: [], open_orders: [] } })
})
