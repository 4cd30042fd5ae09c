import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Addresses } from './addresses.ts'
import { GraphqlQueries } from './graphql-queries.ts'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** A server that answers everything so; its address. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => void response.writeHead(status, { connection: 'close' }).end(body))
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}

function queriesAt(...urls: readonly string[]): { readonly queries: GraphqlQueries; readonly addresses: Addresses } {
  const addresses = new Addresses(
    urls.map((graphql) => ({ graphql, realtime: '' })),
    0,
  )
  return { addresses, queries: new GraphqlQueries(addresses, () => 'token') }
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
