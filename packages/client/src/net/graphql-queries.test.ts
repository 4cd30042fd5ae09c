import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Addresses } from './addresses.ts'
import { FakeTimers } from '../testing/fake-timers.ts'
import { GraphqlQueries, type GraphqlQueriesOptions } from './graphql-queries.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server that answers everything so; its address. */
async function answering(status: number, body: string): Promise<string> {
  return await serving((_request, response) => void response.writeHead(status, { connection: 'close' }).end(body))
}

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}

function queriesAt(...urls: readonly string[]): { readonly queries: GraphqlQueries; readonly addresses: Addresses } {
  return queriesWith({}, ...urls)
}

function queriesWith(
  options: GraphqlQueriesOptions,
  ...urls: readonly string[]
): { readonly queries: GraphqlQueries; readonly addresses: Addresses } {
  const addresses = new Addresses(
    urls.map((graphql) => ({ graphql, realtime: '' })),
    0,
  )
  return { addresses, queries: new GraphqlQueries(addresses, () => 'token', options) }
}

test('a token that cannot be had is being offline: the question is put again, not lost', async () => {
  const { addresses } = queriesAt('http://127.0.0.1:1/graphql')
  const queries = new GraphqlQueries(addresses, () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(queries.ask('{ orders { id } }', {})).rejects.toMatchObject({ code: 'client/offline', retry: 'later' })
})

test('nothing is sent in the name of another reader than the one who asked', async () => {
  const { addresses } = queriesAt(await answering(200, '{"data":{"orders":[]}}'), await answering(200, '{"data":{"orders":[]}}'))
  const left = new AbortController()
  const queries = new GraphqlQueries(addresses, () => {
    // The token is another's, who is heard of here.
    left.abort()
    return 'token'
  })
  await expect(queries.ask('mutation { command }', {}, left.signal)).rejects.toMatchObject({ code: 'client/offline' })
})

test('where nobody answers, and where a balancer answers in their place, the next address is asked, and asked from then on', async () => {
  const well = await answering(200, '{"data":{"orders":[]}}')
  const { queries, addresses } = queriesAt('http://127.0.0.1:1/graphql', await answering(503, 'nobody is there'), well)
  expect((await queries.ask('{ orders { id } }', {})).data).toEqual({ orders: [] })
  expect(addresses.current.graphql).toBe(well)
})

test('where nobody answers anywhere the client is offline', async () => {
  const { queries } = queriesAt('http://127.0.0.1:1/graphql', await answering(502, 'nobody is there'))
  await expect(queries.ask('{ orders { id } }', {})).rejects.toMatchObject({ code: 'client/offline', retry: 'later' })
})

test('an answer is an answer: a refusal is not asked elsewhere', async () => {
  const { queries, addresses } = queriesAt(await answering(401, '{}'), await answering(200, '{"data":{}}'))
  const first = addresses.current
  await expect(queries.ask('{ orders { id } }', {})).rejects.toMatchObject({ code: 'access/unauthenticated' })
  expect(addresses.current).toBe(first)
})

test('who has no token is told to sign in, who has one that its token is not accepted', async () => {
  const { queries, addresses } = queriesAt(await answering(401, '{}'))
  const unsigned = new GraphqlQueries(addresses, () => null)
  await expect(unsigned.ask('{ orders { id } }', {})).rejects.toMatchObject({ message: 'nobody is signed in', fix: 'Sign in.' })
  await expect(queries.ask('{ orders { id } }', {})).rejects.toMatchObject({ message: 'the server does not accept the token' })
})

/** Timers that say how often they were set. */
class CountedTimers extends FakeTimers {
  set = 0

  override after(ms: number, run: () => void): () => void {
    this.set += 1
    return super.after(ms, run)
  }
}

describe('an address that takes the question and says nothing', () => {
  const ORDERS = '{"data":{"orders":[]}}'

  /** Moves the clock on as soon as the server has been asked, `asked` times in all. */
  async function afterAsking(seen: () => number, asked: number, move: () => void): Promise<void> {
    await expect.poll(seen, { timeout: 20_000 }).toBe(asked)
    move()
  }

  test('is left for the next one when its time is over', async () => {
    let asked = 0
    const mute = await serving(() => void (asked += 1))
    const well = await answering(200, ORDERS)
    const timers = new FakeTimers()
    const { queries, addresses } = queriesWith({ timers, silenceMs: 1000 }, mute, well)
    const answer = queries.ask('{ orders { id } }', {})
    await afterAsking(
      () => asked,
      1,
      () => timers.advance(1000),
    )
    expect((await answer).data).toEqual({ orders: [] })
    expect(addresses.current.graphql).toBe(well)
    // Nothing of it is left to ring later.
    timers.advance(10_000)
  })

  test('is left in the middle of its answer, too', async () => {
    const half = await serving((_request, response) => void response.writeHead(200).write('{"data":'))
    const timers = new CountedTimers()
    const { queries } = queriesWith({ timers, silenceMs: 1000 }, half, await answering(200, ORDERS))
    const answer = queries.ask('{ orders { id } }', {})
    // Once before the answer, once before its text, once behind the first piece.
    await expect.poll(() => timers.set, { timeout: 20_000 }).toBe(3)
    timers.advance(1000)
    expect((await answer).data).toEqual({ orders: [] })
  })

  test('is offline where it is the only one, and named', async () => {
    let asked = 0
    const mute = await serving(() => void (asked += 1))
    const timers = new FakeTimers()
    const { queries } = queriesWith({ timers, silenceMs: 1000 }, mute)
    const answer = queries.ask('{ orders { id } }', {}).catch((error: unknown) => error)
    await afterAsking(
      () => asked,
      1,
      () => timers.advance(1000),
    )
    expect(await answer).toMatchObject({
      code: 'client/offline',
      retry: 'later',
      cause: { message: `${mute} has said nothing for 1000 ms` },
    })
  })

  test('is waited for while its answer comes, however slowly', async () => {
    const timers = new CountedTimers()
    const slow = await serving((_request, response) => {
      response.writeHead(200).flushHeaders()
      let pieces = 0
      const writing = setInterval(() => {
        if (timers.set < pieces + 2) return
        // The reader has heard the piece before: less than the silence goes by until the next one, more than it in all.
        timers.advance(600)
        const piece = ORDERS.slice(pieces * 4, (pieces + 1) * 4)
        pieces += 1
        response.write(piece)
        if (pieces * 4 < ORDERS.length) return
        clearInterval(writing)
        response.end()
      }, 5)
    })
    const { queries } = queriesWith({ timers, silenceMs: 1000 }, slow)
    expect((await queries.ask('{ orders { id } }', {})).data).toEqual({ orders: [] })
  })
})

test.each([408, 429])('%d says that this address cannot answer now: the next one is asked', async (status) => {
  const { queries } = queriesAt(await answering(status, '{"message":"slow down"}'), await answering(200, '{"data":{"orders":[]}}'))
  expect((await queries.ask('{ orders { id } }', {})).data).toEqual({ orders: [] })
})

test('JSON that is no answer to the question is being offline, not an answer without rows', async () => {
  const { queries } = queriesAt(await answering(429, '{"message":"slow down"}'))
  await expect(queries.ask('{ orders { id } }', {})).rejects.toMatchObject({ code: 'client/offline', retry: 'later' })
})

describe('where the last address says that it is away', () => {
  const away = (extensions: Readonly<Record<string, string>>): string => JSON.stringify({ errors: [{ message: 'not now', extensions }] })

  test('in JSON, the client is offline: nothing was refused', async () => {
    const { queries } = queriesAt(await answering(503, away({ code: 'access/unauthenticated' })))
    await expect(queries.ask('mutation { command }', {})).rejects.toMatchObject({
      code: 'client/offline',
      retry: 'later',
      cause: { message: 'not now' },
    })
  })

  test('for good, it is the answer', async () => {
    const { queries } = queriesAt(await answering(503, away({ code: 'store/unknown', retry: 'never' })))
    expect((await queries.ask('{ orders { id } }', {})).errors).toMatchObject([{ message: 'not now' }])
  })
})
