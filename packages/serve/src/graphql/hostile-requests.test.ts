import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunningShop, tokenFor } from '../testing/running-shop.ts'
import type { ClientAnswer } from '../testing/running-shop.ts'
import { created, order } from '../testing/shop.ts'

let shop: RunningShop
let manager: string

beforeAll(async () => {
  shop = await RunningShop.start({ dev: false })
  manager = await tokenFor('1', 'manager')
  shop.write({ rows: { 'sales.open_orders': [created(order(1)), created(order(2, { name: 'B\uFFFD' }))] } })
})

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  expect(shop.log.errors).toEqual([])
})

/** The code of an answer that is refused with 400. */
async function refusal(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  return codeOf(await shop.ask(manager, query, variables))
}

function codeOf({ status, errors }: ClientAnswer): unknown {
  expect(status).toBe(400)
  return errors?.[0]?.extensions?.['code']
}

/** With variables as text: what is nested so deep cannot be written from values. */
async function post(query: string, variables: string): Promise<ClientAnswer> {
  const response = await fetch(`${shop.serve.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${manager}` },
    body: `{"query":${JSON.stringify(query)},"variables":${variables}}`,
  })
  return { status: response.status, ...((await response.json()) as object) }
}

/** Milliseconds of this process that it takes. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const begun = process.cpuUsage()
  await work()
  return process.cpuUsage(begun).user / 1_000
}

const FILTERED = 'query($w: open_orders_bool_exp) { open_orders(where: $w) { id } }'

/** `_and` and `_or` in turns, each with a condition of its own: nothing of it can be put together. */
function alternating(levels: number): unknown {
  let filter: unknown = { id: { _eq: '1' } }
  for (let i = 0; i < levels; i++) filter = { [i % 2 === 0 ? '_or' : '_and']: [{ id: { _gt: String(i) } }, filter] }
  return filter
}

test.each(['{ open_orders { id } }', '{ nonsense }', '{ open_orders { nonsense } }', '{ __typename }'])(
  'S01: a subscription, which validation does not look at, is refused: %s',
  async (selection) => {
    expect(await refusal(`subscription ${selection}`)).toBe('query/invalid')
  },
)

describe('S02: filters that come as variables keep to limits, too', () => {
  test('in depth, before anything recurses over them', async () => {
    const deep = `{"w":${'{"_not":'.repeat(20_000)}{}${'}'.repeat(20_000)}}`
    expect(await cost(async () => expect(codeOf(await post(FILTERED, deep))).toBe('query/limit'))).toBeLessThan(2_000)
    expect(await cost(async () => expect(await refusal(FILTERED, { w: alternating(33) })).toBe('query/limit'))).toBeLessThan(2_000)
    expect((await shop.ask(manager, FILTERED, { w: alternating(30) })).status).toBe(200)
  })

  test('in values, of one filter and of all together', async () => {
    const values = (count: number): unknown => ({ id: { _in: Array.from({ length: count }, (_, i) => i) } })
    const all = (fields: number): string =>
      `query($w: open_orders_bool_exp) { ${Array.from({ length: fields }, (_, i) => `a${i}: open_orders(where: $w) { id }`).join(' ')} }`
    expect(await refusal(FILTERED, { w: values(2_001) })).toBe('query/limit')
    expect(await refusal(all(5), { w: values(1_700) })).toBe('query/limit')
    for (const none of [{}, { _and: [] }, { id: { _in: [] } }, { id: { _eq: 1 } }]) {
      expect(await refusal(FILTERED, { w: { _or: Array.from({ length: 501 }, () => none) } })).toBe('query/limit')
    }
    expect((await shop.ask(manager, all(2), { w: values(1_700) })).status).toBe(200)
  })
})

test('S03: what is searched for is bounded: a full-text index asks for every word', async () => {
  const search = 'query($t: String!) { open_orders_search(text: $t) { id } }'
  expect(await refusal(search, { t: 'a b '.repeat(126) })).toBe('query/limit')
  expect((await shop.ask(manager, search, { t: 'a b '.repeat(125) })).status).toBe(200)
})

test('S03: a payload that is nested without end is refused before it is handed on', async () => {
  const query = `mutation($p: JSON) { command(id: "01J9ZQ3K7M4T8V2W5X6Y7Z8A9B", name: "x", payload: {x: $p}) { id } }`
  expect(codeOf(await post(query, `{"p":${'['.repeat(50_000)}${']'.repeat(50_000)}}`))).toBe('query/limit')
})

test('a variable that was forgotten does not mean "all"', async () => {
  const query = 'query($id: BigInt) { open_orders(where: {id: {_eq: $id}}) { id } }'
  expect(await refusal(query)).toBe('query/invalid')
  expect(await refusal(query, { id: null })).toBe('query/invalid')
  expect((await shop.ask(manager, query, { id: 2 })).data).toEqual({ open_orders: [{ id: '2' }] })
})

test.each(['""', '" "', '"0x1"', '"1e0"', '1.0'])('%s is no whole number', async (literal) => {
  expect(await refusal(`{ open_orders(where: {tenant: {_eq: ${literal}}}) { id } }`)).toBe('query/invalid')
})

test('a list whose filter says more than a token holds is static, not one that nobody may follow', async () => {
  const ids = Array.from({ length: 2_000 }, (_, i) => String(10_000_000_000 + i))
  const answer = await shop.ask(manager, FILTERED, { w: { id: { _in: ids } } })
  expect(answer.extensions).toEqual({ live: {}, state: { open_orders: { status: 'static' } } })
})

test('constants are cleaned as values are: half a pair of surrogates is U+FFFD', async () => {
  const query = 'query($t: String) { open_orders(where: {customer: {_eq: $t}}) { id } }'
  for (const t of ['B\ud800', 'B\u0000', 'B\uFFFD'])
    expect((await shop.ask(manager, query, { t })).data).toEqual({ open_orders: [{ id: '2' }] })
})

test('an answer has the fields that were asked for, whatever they are called', async () => {
  const query = 'mutation { __proto__: command(id: "01J9ZQ3K7M4T8V2W5X6Y7Z8A9B", name: "x") { __proto__: status } }'
  expect(JSON.stringify((await shop.ask(manager, query)).data)).toBe('{"__proto__":{"__proto__":"accepted"}}')
})
