import { Centrifuge } from 'centrifuge'
import type { Subscription } from 'centrifuge'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Publication } from '@sheetflow/core/wire'
import { until } from '../testing/host.ts'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'
import type { ClientLive } from '../testing/running-shop.ts'
import { created, deleted, OPEN_ORDERS, order, updated } from '../testing/shop.ts'

let shop: RunningShop
let manager: string
const clients: Centrifuge[] = []

beforeEach(async () => {
  shop = await RunningShop.start()
  manager = await tokenFor('1', 'manager')
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  await shop[Symbol.asyncDispose]()
  expect(shop.log.errors).toEqual([])
})

/** The official client, unchanged. */
function connect(token = manager): Centrifuge {
  const client = new Centrifuge(shop.serve.realtimeUrl, { token, websocket: WebSocket, minReconnectDelay: 10, maxReconnectDelay: 50 })
  client.on('error', () => undefined)
  client.connect()
  clients.push(client)
  return client
}

async function live(query: string, path: string, token = manager): Promise<ClientLive> {
  const answer = await shop.ask(token, query)
  const entry = answer.extensions?.live[path]
  if (entry === undefined) throw new Error(`${path} is not live: ${JSON.stringify(answer)}`)
  return entry
}

/** Follows a live entry; what is published is gathered. */
function follow(client: Centrifuge, entry: ClientLive): { readonly subscription: Subscription; readonly seen: Publication[] } {
  const seen: Publication[] = []
  const subscription = client.newSubscription(entry.channel, { token: entry.token, since: { epoch: entry.epoch, offset: entry.offset } })
  subscription.on('publication', (context) => seen.push(context.data as Publication))
  subscription.on('error', () => undefined)
  subscription.subscribe()
  return { subscription, seen }
}

const row = order(1)

test('changes of a list arrive: enter, change, leave', async () => {
  const entry = await live('{ open_orders(where: {customer_id: {_eq: 7}}) { id total } }', 'open_orders')
  const { subscription, seen } = follow(connect(), entry)
  await subscription.ready()
  const paid = order(1, { total: '9.75' })
  const offsets = [
    shop.write({ rows: { 'sales.open_orders': [created(row)] } }),
    shop.write({ rows: { 'sales.open_orders': [updated(row, paid)] } }),
    shop.write({ rows: { 'sales.open_orders': [updated(paid, order(1, { total: '9.75', note: 'not selected' }))] } }),
    shop.write({
      rows: { 'sales.open_orders': [updated(order(1, { total: '9.75', note: 'not selected' }), order(1, { customer: '8' }))] },
    }),
    shop.write({ rows: { 'sales.open_orders': [deleted(order(1, { customer: '8' }))] } }),
  ]
  await until('three publications', () => seen.length === 3)
  expect(seen).toEqual([
    { o: offsets[0], rows: [['c', ['1'], { id: '1', total: '9.50' }]] },
    { o: offsets[1], rows: [['u', ['1'], { total: '9.75' }]] },
    { o: offsets[3], rows: [['d', ['1'], null]] },
  ])
})

test('what happened between the query and the subscription is recovered, merged by key', async () => {
  const entry = await live('{ open_orders { id total } }', 'open_orders')
  shop.write({ rows: { 'sales.open_orders': [created(row), created(order(2))] } })
  shop.write({ rows: { 'sales.open_orders': [updated(row, order(1, { total: '2.00' })), deleted(order(2))] } })
  const last = shop.write({ rows: { 'sales.open_orders': [updated(order(1, { total: '2.00' }), order(1, { total: '3.00' }))] } })
  const { subscription, seen } = follow(connect(), entry)
  const recovered = Promise.withResolvers<boolean>()
  subscription.on('subscribed', (context) => recovered.resolve(context.recovered))
  expect(await recovered.promise).toBe(true)
  await until('the recovered publication', () => seen.length === 1)
  expect(seen).toEqual([{ o: last, rows: [['c', ['1'], { id: '1', total: '3.00' }]] }])
})

test('a connection that breaks goes on where it was', async () => {
  const entry = await live('{ open_orders { id } }', 'open_orders')
  const client = connect()
  const { subscription, seen } = follow(client, entry)
  await subscription.ready()
  shop.write({ rows: { 'sales.open_orders': [created(row)] } })
  await until('the first', () => seen.length === 1)
  client.disconnect()
  shop.write({ rows: { 'sales.open_orders': [created(order(2))] } })
  client.connect()
  await until('the second', () => seen.length === 2)
  shop.write({ rows: { 'sales.open_orders': [created(order(3))] } })
  await until('the third', () => seen.length === 3)
  expect(seen.map((publication) => publication.rows?.[0]?.[1])).toEqual([['1'], ['2'], ['3']])
})

test('a window answers with its content and is refilled when it runs short', async () => {
  const rows = Array.from({ length: 30 }, (_, i) => order(i + 10, { total: `${100 - i}.00` }))
  shop.write({ rows: { 'sales.open_orders': rows.map(created) } })
  const entry = await live('{ open_orders(order_by: {total: desc}, limit: 3) { id total } }', 'open_orders')
  const { subscription, seen } = follow(connect(), entry)
  await subscription.ready()
  await until('the content', () => seen.length === 1)
  expect(seen[0]).toMatchObject({
    reset: true,
    rows: [
      ['c', ['10'], {}],
      ['c', ['11'], {}],
      ['c', ['12'], {}],
    ],
  })
  shop.write({ rows: { 'sales.open_orders': [created(order(99, { total: '500.00' }))] } })
  await until('the new first', () => seen.length === 2)
  expect(seen[1]?.rows).toEqual([
    ['d', ['12'], null],
    ['c', ['99'], { id: '99', total: '500.00' }],
  ])
  // Everything that the gateway knows of goes at once.
  const gone = [order(99, { total: '500.00' }), ...rows.slice(0, 6)]
  const offset = shop.writeAhead({ rows: { 'sales.open_orders': gone.map(deleted) } }).position.offset
  await until('the refill, read from a store that does not know yet', () => seen.length === 3)
  expect(seen[2]?.o).toBe(offset)
  expect(seen[2]?.rows?.map(([op, key]) => op + JSON.stringify(key)).toSorted()).toEqual([
    'c["16"]',
    'c["17"]',
    'c["18"]',
    'd["10"]',
    'd["11"]',
    'd["99"]',
  ])
})

test('a transaction with too many rows is a reset, once the store has it, that tells the few readers to ask soon', async () => {
  const entry = await live('{ open_orders { id } }', 'open_orders')
  const client = connect()
  const { subscription, seen } = follow(client, entry)
  const other = follow(client, await live('{ customers { id } }', 'customers'))
  await Promise.all([subscription.ready(), other.subscription.ready()])
  const many = Array.from({ length: 1_001 }, (_, i) => created(order(i)))
  const ahead = shop.writeAhead({ rows: { 'sales.open_orders': many, 'sales.customers': [created(['7', 'Anna', 1, '1'])] } })
  const later = shop.writeAhead({ rows: { 'sales.open_orders': [created(order(5_000))] } })
  await until('the gateway knows of both', () => shop.serve.metrics().graphs['sales']?.position === later.position.offset)
  // What it had to say by then stands in front of this answer.
  await client.rpc('lease', { token: entry.token })
  expect([seen, other.seen]).toEqual([[], []])
  shop.store(ahead)
  shop.store(later)
  await until('both', () => seen.length === 2 && other.seen.length === 1)
  expect(seen).toEqual([
    { o: ahead.position.offset, reset: true, spread: 2 },
    { o: later.position.offset, rows: [['c', ['5000'], { id: '5000' }]] },
  ])
})

test('who follows is told how the view stands when that changes, in order with its rows', async () => {
  const list = await live('{ open_orders { id } }', 'open_orders')
  const window = await live('{ open_orders(order_by: [{total: desc}], limit: 3) { id } }', 'open_orders')
  const client = connect()
  const [followed, ordered] = [follow(client, list), follow(client, window)]
  await Promise.all([followed.subscription.ready(), ordered.subscription.ready()])
  await until('the content of the window', () => ordered.seen.length === 1)
  const stale = shop.write({ stands: { 'sales.open_orders': 'stale' } })
  const ready = shop.write({ stands: { 'sales.open_orders': 'ready' }, rows: { 'sales.open_orders': [created(row)] } })
  const told = [
    { o: stale, status: 'stale', rows: [] },
    { o: ready, status: 'ready', rows: [['c', ['1'], { id: '1' }]] },
  ]
  await until('both', () => followed.seen.length === 2 && ordered.seen.length === 3)
  expect(followed.seen).toEqual(told)
  expect(ordered.seen.slice(1)).toMatchObject(told.map(({ o, status }) => ({ o, status })))
})

test('an answer says how the view stood when it was read; who comes back is told what it is now', async () => {
  const ahead = shop.writeAhead({ stands: { 'sales.open_orders': 'stale' } })
  const query = '{ open_orders { id } }'
  expect((await shop.ask(manager, query)).extensions?.state).toEqual({ open_orders: { status: 'ready' } })
  const before = await live(query, 'open_orders')
  shop.store(ahead)
  expect((await shop.ask(manager, query)).extensions?.state).toEqual({ open_orders: { status: 'stale' } })
  const late = follow(connect(), before)
  await until('the status', () => late.seen.length === 1)
  expect(late.seen).toEqual([{ o: ahead.position.offset, status: 'stale', rows: [] }])
  const window = follow(connect(), await live('{ open_orders(order_by: [{total: desc}], limit: 3) { id } }', 'open_orders'))
  await until('the content', () => window.seen.length === 1)
  expect(window.seen).toEqual([{ o: ahead.position.offset, reset: true, status: 'stale', rows: [] }])
})

test('a new generation ends the old channels by a reset', async () => {
  const entry = await live('{ open_orders { id } }', 'open_orders')
  const { subscription, seen } = follow(connect(), entry)
  await subscription.ready()
  const offset = shop.write({ schemas: [{ ...OPEN_ORDERS, generation: 2 }], rows: { 'sales.open_orders': [created(row)] } })
  await until('the reset', () => seen.length === 1)
  expect(seen).toEqual([{ o: offset, reset: true, spread: 2 }])
  const late = follow(connect(), entry)
  const error = Promise.withResolvers<number>()
  late.subscription.on('unsubscribed', (context) => error.resolve(context.code))
  expect(await error.promise).toBe(112)
})

test('commands and renewals of subscription tokens are calls on the socket', async () => {
  const client = connect()
  await client.ready()
  const id = '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B'
  expect((await client.rpc('command', { id, name: 'ship_order', payload: { id: 1 } })).data).toEqual({
    id,
    status: 'accepted',
    validForMs: 60_000,
  })
  const entry = await live('{ open_orders { id } }', 'open_orders')
  const renewed = (await client.rpc('lease', { token: entry.token })).data as { token: string }
  const { subscription } = follow(client, { ...entry, token: renewed.token })
  await subscription.ready()
  await expect(client.rpc('nothing', {})).rejects.toMatchObject({ code: 104 })
})
