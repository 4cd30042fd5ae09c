import { expect, test } from 'vitest'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'
import { created, CUSTOMERS, OPEN_ORDERS, order } from '../testing/shop.ts'

const ALL = { rows: null, hide: [] }

test('S07: a nested list that a rule hides cannot be asked for', async () => {
  const customers = { ...CUSTOMERS, read: { manager: ALL, clerk: { rows: null, hide: ['open'] } } }
  const orders = { ...OPEN_ORDERS, read: { manager: ALL, clerk: ALL } }
  await using shop = await RunningShop.start({}, [orders, customers])
  const query = '{ customers { id open { id } } }'
  expect(await shop.ask(await tokenFor('1', 'clerk'), query)).toMatchObject({
    status: 400,
    errors: [{ extensions: { code: 'query/invalid' } }],
  })
  expect((await shop.ask(await tokenFor('1', 'manager'), query)).status).toBe(200)
})

test('S07: a nested list that hangs on a hidden column is not live: its token would tell the value', async () => {
  const mates = { mates: { view: CUSTOMERS.table, on: [['tenant', 'tenant']] as const } }
  const customers = { ...CUSTOMERS, lists: mates, read: { manager: ALL, clerk: { rows: null, hide: ['tenant'] } } }
  await using shop = await RunningShop.start({}, [OPEN_ORDERS, customers])
  shop.write({ rows: { 'sales.open_orders': [created(order(1))], 'sales.customers': [created(['7', 'Anna', 4_711, '1'])] } })
  const liveFor = async (role: string): Promise<readonly string[]> => {
    const answer = await shop.ask(await tokenFor('1', role), '{ customers { id mates { id } } }')
    expect(answer.data).toEqual({ customers: [{ id: '7', mates: [{ id: '7' }] }] })
    return Object.keys(answer.extensions?.live ?? {})
  }
  expect(await liveFor('clerk')).toEqual(['customers'])
  expect(await liveFor('manager')).toEqual(['customers', 'customers[["7"]].mates'])
})
