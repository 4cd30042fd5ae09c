import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'
import { created, CUSTOMERS, deleted, OPEN_ORDERS, order } from '../testing/shop.ts'

let shop: RunningShop
let manager: string

beforeEach(async () => {
  shop = await RunningShop.start()
  manager = await tokenFor('1', 'manager')
})

afterEach(async () => {
  await shop[Symbol.asyncDispose]()
  expect(shop.log.errors).toEqual([])
})

const ORDERS = [
  order(1, { customer: '7', total: '9.50', tenant: 1 }),
  order(2, { customer: '8', total: '100.00', tenant: 2, placed: '2026-02-01T00:00:00.000000Z' }),
  order(3, { customer: '7', total: '1.00', tenant: 1, placed: '2026-03-01T00:00:00.000000Z', name: null }),
]

function writeOrders(): number {
  return shop.write({ rows: { 'sales.open_orders': ORDERS.map(created) } })
}

describe('a list', () => {
  test('comes by key, live, as of the store', async () => {
    const offset = writeOrders()
    const answer = await shop.ask(manager, '{ open_orders { id total } }')
    expect(answer).toMatchObject({
      status: 200,
      data: {
        open_orders: [
          { id: '1', total: '9.50' },
          { id: '2', total: '100.00' },
          { id: '3', total: '1.00' },
        ],
      },
      extensions: { state: { open_orders: { status: 'ready' } } },
    })
    expect(answer.extensions?.live['open_orders']).toMatchObject({
      channel: expect.stringMatching(/^sf:[\w-]{22}$/),
      epoch: '1.1',
      offset,
      at: offset,
      view: 'sales.open_orders',
      graph: 'sales',
      order: [],
      key: [{ column: 'id', type: 'bigint' }],
    })
  })

  test('is filtered and ordered', async () => {
    writeOrders()
    const where = '{ customer_id: { _eq: 7 }, placed_at: { _gt: "2026-01-01T00:00:00Z" } }'
    const filtered = await shop.ask(manager, `{ open_orders(where: ${where}) { id } }`)
    expect(filtered.data).toEqual({ open_orders: [{ id: '3' }] })
    const ordered = await shop.ask(manager, '{ open_orders(order_by: [{ customer: desc }, { total: asc }], limit: 3) { id } }')
    expect(ordered.data).toEqual({ open_orders: [{ id: '1' }, { id: '2' }, { id: '3' }] })
  })

  test('takes aliases, fragments, variables, __typename and directives', async () => {
    writeOrders()
    const query = `query Q($id: BigInt!, $more: Boolean!) {
      one: open_orders_by_pk(id: $id) { ...f number: id __typename note @include(if: $more) }
      none: open_orders_by_pk(id: "99") { id }
    } fragment f on open_orders { total }`
    const answer = await shop.ask(manager, query, { id: 2, more: false })
    expect(answer.data).toEqual({ one: { total: '100.00', number: '2', __typename: 'open_orders' }, none: null })
    expect(Object.keys(answer.extensions?.live ?? {})).toEqual(['one', 'none'])
  })

  test('with more rows than an answer holds is an error of that field alone', async () => {
    const rows = Array.from({ length: 1_001 }, (_, i) => order(i + 1))
    shop.write({ rows: { 'sales.open_orders': rows.map(created) } })
    const answer = await shop.ask(manager, '{ open_orders { id } few: open_orders(limit: 2) { id } customers { id } }')
    expect(answer.data).toEqual({ open_orders: null, few: [{ id: '1' }, { id: '2' }], customers: [] })
    expect(answer.errors).toMatchObject([{ path: ['open_orders'], extensions: { code: 'query/too-many-rows' } }])
  })

  test('of more than 200 rows is static', async () => {
    writeOrders()
    const answer = await shop.ask(manager, '{ open_orders(limit: 201) { id } }')
    expect(answer.extensions).toMatchObject({ live: {}, state: { open_orders: { status: 'static' } } })
  })

  test('is read page by page', async () => {
    writeOrders()
    const page = 'open_orders(order_by: {placed_at: desc}, limit: 2'
    const first = await shop.ask(manager, `{ ${page}) { id _cursor } }`)
    const rows = first.data?.['open_orders'] as { id: string; _cursor: string }[]
    expect(rows.map(({ id }) => id)).toEqual(['3', '2'])
    const second = await shop.ask(manager, `query($c: String) { ${page}, after: $c) { id } }`, { c: rows[1]?._cursor })
    expect(second.data).toEqual({ open_orders: [{ id: '1' }] })
    const other = await shop.ask(manager, 'query($c: String) { open_orders(limit: 2, after: $c) { id } }', { c: rows[1]?._cursor })
    expect(other).toMatchObject({ status: 400, errors: [{ extensions: { code: 'query/bad-token' } }] })
  })
})

describe('a cell error', () => {
  test('is null with an entry in errors, or text', async () => {
    const row = order(1, { total: { e: '#N/A', of: 'customer' } })
    shop.write({ rows: { 'sales.open_orders': [created(row)] } })
    const answer = await shop.ask(manager, '{ open_orders { id total shown: total(as: TEXT) } }')
    expect(answer.data).toEqual({ open_orders: [{ id: '1', total: null, shown: '#N/A' }] })
    expect(answer.errors).toEqual([
      { message: '#N/A', path: ['open_orders', 0, 'total'], extensions: { code: 'CELL_ERROR', error: '#N/A', of: 'customer' } },
    ])
  })

  test('is not seen in text that looks like one', async () => {
    shop.write({ rows: { 'sales.open_orders': [created(order(1, { note: '{"e":"#N/A"}' }))] } })
    const answer = await shop.ask(manager, '{ open_orders { note } }')
    expect(answer).toMatchObject({ data: { open_orders: [{ note: '{"e":"#N/A"}' }] } })
    expect(answer.errors).toBeUndefined()
  })
})

describe('nested lists', () => {
  beforeEach(() => {
    shop.write({
      rows: {
        'sales.customers': [created(['7', 'Anna', 1, '1']), created(['8', 'Ben', 2, '2'])],
        'sales.open_orders': ORDERS.map(created),
      },
    })
  })

  test('are live per parent, by the path of the parent', async () => {
    const answer = await shop.ask(manager, '{ customers { name open(order_by: {total: desc}) { id } } }')
    expect(answer.data).toEqual({
      customers: [
        { name: 'Anna', open: [{ id: '1' }, { id: '3' }] },
        { name: 'Ben', open: [{ id: '2' }] },
      ],
    })
    expect(Object.keys(answer.extensions?.live ?? {}).toSorted()).toEqual(['customers', 'customers[["7"]].open', 'customers[["8"]].open'])
  })

  test('are live for a hundred parents of a page', async () => {
    const rows = Array.from({ length: 150 }, (_, i) => created([String(1_000 + i), 'X', 1, '0']))
    shop.write({ rows: { 'sales.customers': rows } })
    const answer = await shop.ask(manager, '{ customers(limit: 200) { open { id } } }')
    const states = Object.values(answer.extensions?.state ?? {}).map(({ status }) => status)
    expect(states.filter((status) => status === 'static')).toHaveLength(52)
    expect(Object.keys(answer.extensions?.live ?? {})).toHaveLength(101)
  })
})

describe('rights', () => {
  test('rows by the role, claims put in', async () => {
    writeOrders()
    const clerk = await tokenFor('2', 'clerk', { tenant: 2 })
    expect((await shop.ask(clerk, '{ open_orders { id } }')).data).toEqual({ open_orders: [{ id: '2' }] })
    const nobody = await tokenFor('2', 'clerk')
    expect((await shop.ask(nobody, '{ open_orders { id } }')).data).toEqual({ open_orders: [] })
    expect((await shop.ask(clerk, '{ open_orders_by_pk(id: 1) { id } }')).data).toEqual({ open_orders_by_pk: null })
  })

  test.each([
    '{ open_orders { tenant } }',
    '{ open_orders(where: {tenant: {_eq: 1}}) { id } }',
    '{ open_orders(order_by: {tenant: asc}) { id } }',
    '{ customers { id } }',
  ])('hidden columns and views are unknown: %s', async (query) => {
    const customer = await tokenFor('3', 'customer', { id: 7 })
    expect(await shop.ask(customer, query)).toMatchObject({ status: 400, errors: [{ extensions: { code: 'query/invalid' } }] })
  })

  test('an unindexed text column cannot be filtered', async () => {
    expect(await shop.ask(manager, '{ open_orders(where: {note: {_eq: "x"}}) { id } }')).toMatchObject({ status: 400 })
  })

  test('a role without rules reads nothing but receipts', async () => {
    const stranger = await tokenFor('4', 'constructor')
    expect((await shop.ask(stranger, '{ open_orders { id } }')).status).toBe(400)
    expect((await shop.ask(stranger, '{ _receipts(graph: "sales") { id } }')).data).toEqual({ _receipts: [] })
  })

  test('equal rights share a channel, others do not', async () => {
    const channel = async (token: string): Promise<string | undefined> =>
      (await shop.ask(token, '{ open_orders(where: {customer_id: {_eq: 7}}) { id } }')).extensions?.live['open_orders']?.channel
    const one = await channel(await tokenFor('1', 'clerk', { tenant: 1 }))
    expect(await channel(await tokenFor('2', 'clerk', { tenant: 1 }))).toBe(one)
    expect(await channel(await tokenFor('2', 'clerk', { tenant: 2 }))).not.toBe(one)
    expect(await channel(manager)).not.toBe(one)
  })

  test('everybody sees his own receipts', async () => {
    const rows = ['1', '2'].map((user) =>
      created([`01J9ZQ3K7M4T8V2W5X6Y7Z8A9${user}`, user, 'applied', null, null, '2026-11-23T10:00:00.000000Z', null]),
    )
    shop.write({ rows: { 'sales._receipts': rows } })
    const answer = await shop.ask(manager, '{ _receipts(graph: "sales") { user status } }')
    expect(answer.data).toEqual({ _receipts: [{ user: '1', status: 'applied' }] })
    expect(answer.extensions?.live['_receipts']).toBeDefined()
    // By their ids, as a client asks for what it has not heard of.
    const byId =
      'query ($graph: String!, $ids: [String!]) { _receipts(graph: $graph, where: {id: {_in: $ids}}) { id status code result at inputs } }'
    const ids = rows.map(([, key]) => key?.[0])
    const some = await shop.ask(manager, byId, { graph: 'sales', ids })
    expect(some.data).toMatchObject({ _receipts: [{ id: ids[0], status: 'applied' }] })
    expect((await shop.ask(manager, byId, { graph: 'sales', ids: ids.slice(1) })).data).toEqual({ _receipts: [] })
  })
})

describe('schemas change', () => {
  test('and queries follow, old generations waiting for the store', async () => {
    writeOrders()
    const [, , , ...rest] = OPEN_ORDERS.columns
    const columns = [...OPEN_ORDERS.columns.slice(0, 3), { name: 'label', id: 9, type: 'text', null: true } as const, ...rest]
    const next = { ...OPEN_ORDERS, schema: 2, generation: 2, columns }
    const row = ['1', '7', 'Anna', 'new', '9.50', null, 1, null]
    const ahead = shop.writeAhead({ schemas: [next], rows: { 'sales.open_orders': [['c', ['1'], row, null]] } })
    const asked = shop.ask(manager, '{ open_orders { id label } }')
    shop.store(ahead)
    expect((await asked).status === 400 || (await asked).data).toBeTruthy()
    expect(await shop.ask(manager, '{ open_orders { id label } }')).toMatchObject({ data: { open_orders: [{ id: '1', label: 'new' }] } })
  })

  test('and a cursor of before is refused where a column that makes its place has another type now', async () => {
    writeOrders()
    const page = 'query($c: String) { open_orders(order_by: {total: asc}, limit: 2, after: $c) { id _cursor } }'
    const first = await shop.ask(manager, page)
    const cursor = (first.data as { readonly open_orders: readonly { readonly _cursor: string }[] }).open_orders[0]?._cursor
    const columns = OPEN_ORDERS.columns.map((column) =>
      column.name === 'total' ? ({ name: 'total', id: 4, type: 'timestamptz', null: true } as const) : column,
    )
    const row = ['1', '7', 'Anna', '2026-01-01T00:00:00.000000Z', null, 1, null]
    const next = { ...OPEN_ORDERS, schema: 2, generation: 2, columns }
    shop.write({ schemas: [next], rows: { 'sales.open_orders': [['c', ['1'], row, null]] } })
    await expect.poll(async () => (await shop.ask(manager, page)).data).toMatchObject({ open_orders: [{ id: '1' }] })
    expect(await shop.ask(manager, page, { c: cursor })).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'query/bad-token' } }],
    })
  })

  test('a view that is not filled yet is loading', async () => {
    shop.writeAhead({ schemas: [{ ...CUSTOMERS, table: 'sales.later', lists: {} }], status: 'loading' })
    const answer = await shop.ask(manager, '{ later { id } }')
    expect(answer).toMatchObject({ data: { later: null }, errors: [{ extensions: { code: 'query/not-ready' } }] })
    expect(answer.extensions?.state).toEqual({ later: { status: 'loading' } })
  })

  test('search is never live', async () => {
    writeOrders()
    const answer = await shop.ask(manager, '{ open_orders_search(text: "Ann", limit: 5) { id customer } }')
    expect(answer.data).toEqual({
      open_orders_search: [
        { id: '1', customer: 'Anna' },
        { id: '2', customer: 'Anna' },
      ],
    })
    expect(answer.extensions).toEqual({ live: {}, state: { open_orders_search: { status: 'static' } } })
    shop.write({ rows: { 'sales.open_orders': [deleted(ORDERS[0] as never)] } })
  })
})

test('commands are taken by mutation', async () => {
  const id = '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B'
  const query = `mutation($p: JSON) { ship: command(id: "${id}", name: "ship_order", payload: $p) { status validForMs } }`
  expect((await shop.ask(manager, query, { p: { id: 42 } })).data).toEqual({ ship: { status: 'accepted', validForMs: 60_000 } })
  expect(shop.commands.taken).toMatchObject([{ command: { id, name: 'ship_order', payload: { id: 42 } }, claims: { user: '1' } }])
  const bad = await shop.ask(manager, 'mutation { command(id: "x", name: "ship_order", payload: {id: 42}) { id } }')
  expect(bad).toMatchObject({ status: 200, data: { command: null }, errors: [{ extensions: { code: 'command/bad-payload' } }] })
})

test('a command as large and as deep as its payload may be is taken', async () => {
  let deep: unknown = 1
  for (let level = 0; level < 64; level++) deep = [deep]
  const payload = { text: '\u20AC'.repeat(250_000), list: Array.from({ length: 2_000 }, (_, i) => i), json: { 'a b': 1 }, deep }
  const query = 'mutation ($id: ID!, $payload: JSON) { command(id: $id, name: "ship_order", payload: $payload) { status } }'
  const id = '01J9ZQ3K7M4T8V2W5X6Y7Z8A9C'
  expect(await shop.ask(manager, query, { id, payload })).toMatchObject({ status: 200, data: { command: { status: 'accepted' } } })
  expect(shop.commands.taken.at(-1)?.command).toEqual({ id, name: 'ship_order', payload })
})

test('where only known operations may be asked, others are refused by name, commands are not', async () => {
  const known = '{ open_orders(where: {customer_id: {_eq: "7"}}, limit: 5) { id } }'
  const shape = 'open_orders(where: {customer_id: {_eq: _}}, limit: 5) { id }'
  await using strict = await RunningShop.start({ operations: { admits: ({ text }) => text === shape } })
  expect(await strict.ask(manager, known.replace('"7"', '"8"'))).toMatchObject({ status: 200, data: { open_orders: [] } })
  const refusal = await strict.ask(manager, '{ open_orders(limit: 6) { id } }')
  expect(refusal).toMatchObject({ status: 400, errors: [{ extensions: { code: 'query/not-persisted' } }] })
  expect(refusal.errors?.[0]?.message).toContain('open_orders(limit: 6) { id }')
  const command = 'mutation { command(id: "01J9ZQ3K7M4T8V2W5X6Y7Z8A9B", name: "ship_order", payload: {id: 42}) { id status } }'
  expect(await strict.ask(manager, command)).toMatchObject({ status: 200 })
})
