import { createHmac, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { GraphqlService } from './graphql/graphql-service.ts'
import { graphqlHandler } from './http/graphql-handler.ts'
import { listen, makeHttpServer } from './http/http-server.ts'
import { JwtIdentity } from './identity/jwt-identity.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { REAL_CLOCK, TestLog } from './testing/host.ts'
import { RunningShop, tokenFor } from './testing/running-shop.ts'
import { created, order } from './testing/shop.ts'

let shop: RunningShop
let manager: string

beforeAll(async () => {
  shop = await RunningShop.start({ dev: false })
  manager = await tokenFor('1', 'manager')
  shop.write({ rows: { 'sales.open_orders': [created(order(1))] } })
})

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  expect(shop.log.errors).toEqual([])
})

async function post(
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${shop.serve.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${manager}`, ...headers },
    body,
  })
  return { status: response.status, text: await response.text() }
}

function codeOf(text: string): unknown {
  return (JSON.parse(text) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code
}

describe('S01 malformed documents are refused with 400', () => {
  test.each(['', '{', '}', 'query', '{ a(', '\u0000', '{ open_orders { id } } }', '"', '{ open_orders(where: {id: {_eq: 1.5}}) { id } }'])(
    '%j',
    async (query) => {
      const { status, text } = await post(JSON.stringify({ query }))
      expect(status).toBe(400)
      expect(codeOf(text)).toMatch(/^query\//)
    },
  )

  test.each([
    '',
    'null',
    '[]',
    '[{"query":"{ open_orders { id } }"}]',
    '{"query":1}',
    '{"query":"{__typename}","variables":[]}',
    '{"query"',
  ])('body %j', async (body) => {
    expect((await post(body)).status).toBe(400)
  })
})

describe('S02, S03 documents over the limits', () => {
  const nested = (depth: number): string => `${'{ open_orders(where: {_and: ['.repeat(depth)}${']}) { id } }'.repeat(depth)}`

  test.each([
    ['depth', `{ customers ${'{ open '.repeat(13)}{ id }${' }'.repeat(13)} }`],
    ['brackets', `{ open_orders(where: ${'{_not: '.repeat(5_000)}{}${'}'.repeat(5_000)}) { id } }`],
    ['brackets behind strings', `{ open_orders(where: ${'{_and: [{customer: {_eq: "}}}}]]]]"}}, '.repeat(200)}`],
    ['aliases', `{ ${Array.from({ length: 200 }, (_, i) => `a${i}: open_orders { id }`).join(' ')} }`],
    ['repeated fields', `{ open_orders { ${'id '.repeat(900)} } }`],
    ['directives', `{ open_orders { id ${'@include(if: true) '.repeat(300)} } }`],
    ['tokens', `{ open_orders(where: {id: {_in: [${'1 '.repeat(3_000)}]}}) { id } }`],
    ['bytes', `{ open_orders { id } } #${'x'.repeat(70_000)}`],
    ['fragments in a circle', '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'],
    ['cost', '{ customers { id name open(limit: 1000) { id customer total } } }'],
    ['nested brackets', nested(100)],
  ])('%s', async (_, query) => {
    const begun = process.cpuUsage()
    const { status } = await post(JSON.stringify({ query }))
    expect(status).toBe(400)
    expect(process.cpuUsage(begun).user / 1_000).toBeLessThan(2_000)
  })

  test('a body that is too long is not read', async () => {
    expect((await post(JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(1_100_000) } }))).status).toBe(413)
  })
})

describe('S04 ways in', () => {
  test('introspection is off outside of development', async () => {
    expect((await post('{"query":"{ __schema { types { name } } }"}')).status).toBe(400)
    expect((await post('{"query":"{ __typename }"}')).text).toContain('"__typename":"Query"')
  })

  test('GET is for queries', async () => {
    const ask = (query: string): Promise<Response> =>
      fetch(`${shop.serve.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { authorization: `Bearer ${manager}` } })
    expect((await ask('{ open_orders { id } }')).status).toBe(200)
    expect((await ask('mutation { command(id: "01J9ZQ3K7M4T8V2W5X6Y7Z8A9B", name: "x") { id } }')).status).toBe(400)
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'a form cannot post: %s',
    async (type) => {
      expect((await post('{"query":"{ __typename }"}', { 'content-type': type })).status).toBe(415)
    },
  )

  test('a page of another origin is refused', async () => {
    expect((await post('{"query":"{ __typename }"}', { origin: 'https://evil.example' })).status).toBe(403)
    expect((await post('{"query":"{ __typename }"}', { origin: shop.serve.url })).status).toBe(200)
  })

  test('other methods and paths', async () => {
    expect((await fetch(`${shop.serve.url}/graphql`, { method: 'DELETE' })).status).toBe(405)
    expect((await fetch(`${shop.serve.url}/nothing`)).status).toBe(404)
    expect((await fetch(`${shop.serve.url}/graphql`, { headers: { accept: 'text/html' } })).status).toBe(404)
  })
})

/** The close code, or the HTTP status of a refused upgrade. */
function closeOf(
  frames: readonly (string | Buffer)[],
  options: { readonly origin?: string; readonly path?: string } = {},
): Promise<number> {
  const address = shop.serve.realtimeUrl.replace('/connection/websocket', options.path ?? '/connection/websocket')
  const socket = new WebSocket(address, options.origin === undefined ? {} : { origin: options.origin })
  return new Promise((resolve) => {
    socket.on('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => undefined)
    socket.on('open', () => {
      for (const frame of frames) socket.send(frame)
    })
    socket.on('close', resolve)
  })
}

describe('S06 sockets', () => {
  test('a page of another origin cannot connect', async () => {
    expect(await closeOf([], { origin: 'https://evil.example' })).toBe(403)
    expect(await closeOf([], { path: '/other' })).toBe(404)
  })

  test.each([
    ['a command before connect', ['{"id":1,"rpc":{"method":"x"}}'], 3501],
    ['no JSON', ['hello'], 3501],
    ['no object', ['[1]'], 3501],
    ['no id', ['{"connect":{}}'], 3501],
    ['an id of another kind', ['{"id":"1","connect":{}}'], 3501],
    ['bytes', [Buffer.from('{"id":1,"connect":{}}')], 3501],
    ['a wrong token', ['{"id":1,"connect":{"token":"x.y.z"}}'], 3500],
    ['a frame that is too long', [`{"id":1,"connect":{"token":"${'x'.repeat(70_000)}"}}`], 1009],
    ['an answer to no ping', [`{"id":1,"connect":{"token":"TOKEN"}}\n{}`], 3501],
    ['connecting twice', [`{"id":1,"connect":{"token":"TOKEN"}}\n{"id":2,"connect":{"token":"TOKEN"}}`], 3501],
  ])('%s', async (_, frames, code) => {
    expect(await closeOf(frames.map((frame) => (typeof frame === 'string' ? frame.replaceAll('TOKEN', manager) : frame)))).toBe(code)
  })

  test('an ended connection token is an error that says so', async () => {
    const ended = await tokenFor('1', 'manager', {}, -10)
    expect(await replyTo([`{"id":1,"connect":{"token":"${ended}"}}`], 1)).toMatchObject({ error: { code: 109 } })
    expect(await replyTo(['{"id":1,"connect":{}}'], 1)).toMatchObject({ error: { code: 101 } })
  })
})

/** The reply to command `id` of a connection that sends these frames. */
function replyTo(frames: readonly string[], id: number): Promise<unknown> {
  const socket = new WebSocket(shop.serve.realtimeUrl)
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code) => reject(new Error(`closed: ${code}`)))
    socket.on('open', () => {
      for (const frame of frames) socket.send(frame)
    })
    socket.on('message', (data) => {
      for (const line of (data as Buffer).toString('utf8').split('\n')) {
        const reply = JSON.parse(line) as { id?: number }
        if (reply.id !== id) continue
        resolve(reply)
        socket.terminate()
      }
    })
  })
}

describe('S07 channels', () => {
  async function subscribe(token: string, channel: string, by = manager): Promise<unknown> {
    const command = JSON.stringify({ id: 2, subscribe: { channel, token } })
    return replyTo([`{"id":1,"connect":{"token":"${by}"}}\n${command}`], 2)
  }

  async function liveOf(by: string): Promise<{ readonly channel: string; readonly token: string }> {
    const entry = (await shop.ask(by, '{ open_orders { id } }')).extensions?.live['open_orders']
    if (entry === undefined) throw new Error('not live')
    return entry
  }

  test('are entered only with the token of that channel and that user', async () => {
    const mine = await liveOf(manager)
    const other = await tokenFor('2', 'clerk', { tenant: 2 })
    const theirs = await liveOf(other)
    expect(await subscribe(mine.token, mine.channel)).toMatchObject({ subscribe: { recoverable: true } })
    expect(await subscribe('', mine.channel)).toMatchObject({ error: { code: 103 } })
    expect(await subscribe(mine.token, theirs.channel)).toMatchObject({ error: { code: 103 } })
    expect(await subscribe(mine.token, mine.channel, other)).toMatchObject({ error: { code: 103 } })
  })

  test('a token that was changed, or signed by another, is refused', async () => {
    const { channel, token } = await liveOf(manager)
    const [head, body = '', signature] = token.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: 9_999_999_999 })).toString('base64url')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    for (const bad of [
      `${head}.${forged}.${signature}`,
      `${head}.${body}.`,
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      'x',
      `${token}x`,
    ]) {
      expect(await subscribe(bad, channel)).toMatchObject({ error: { code: 103 } })
    }
  })
})

describe('S13 tokens', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => {
    if (request.url === '/fault') response.writeHead(500).end('no')
    else if (request.url === '/page') response.end('<html></html>')
    else response.end(JSON.stringify({ keys: [jwk] }))
  })
  let identity: JwtIdentity
  let address: string

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    identity = new JwtIdentity({ jwks: `${address}/jwks`, issuer: 'https://id.example.com', audience: 'shop' }, REAL_CLOCK)
  })
  afterAll(() => server.close())

  const seconds = (): number => Math.floor(Date.now() / 1_000)
  const good = (): Record<string, unknown> => ({ sub: '7', role: 'clerk', iss: 'https://id.example.com', aud: 'shop', exp: seconds() + 60 })
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  function signed(claims: unknown, header: Record<string, unknown> = { alg: 'RS256', kid: 'k1' }): string {
    const body = `${part(header)}.${part(claims)}`
    return `${body}.${createSign('RSA-SHA256').update(body).sign(pair.privateKey).toString('base64url')}`
  }

  test('a good one is taken', async () => {
    expect(await identity.claims(signed(good()))).toMatchObject({ user: '7', role: 'clerk' })
  })

  test('everything else is not', async () => {
    const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString()
    const confused = `${part({ alg: 'HS256', kid: 'k1' })}.${part(good())}`
    const bad = [
      `${part({ alg: 'none' })}.${part(good())}.`,
      `${confused}.${createHmac('sha256', pem).update(confused).digest('base64url')}`,
      signed(good(), { alg: 'RS256', kid: '../../etc/passwd' }),
      signed(good(), { alg: 'none', kid: 'k1' }),
      signed({ ...good(), exp: seconds() - 60 }),
      signed({ ...good(), exp: undefined }),
      signed({ ...good(), aud: 'other' }),
      signed({ ...good(), iss: 'https://evil.example' }),
      signed({ ...good(), nbf: seconds() + 600 }),
      `${signed(good())}x`,
      'x'.repeat(100_000),
      '',
    ]
    for (const token of bad) await expect(identity.claims(token)).rejects.toMatchObject({ code: 'access/unauthenticated' })
  })

  test.each([
    [
      'is away',
      () =>
        new Promise<string>((resolve) => {
          const gone = createServer()
          gone.listen(0, '127.0.0.1', () => {
            const { port } = gone.address() as AddressInfo
            gone.close(() => resolve(`http://127.0.0.1:${port}/jwks`))
          })
        }),
    ],
    ['answers with a fault', () => Promise.resolve(`${address}/fault`)],
    ['answers with something else', () => Promise.resolve(`${address}/page`)],
  ])('a provider that %s refuses nobody: ask again later', async (_, place) => {
    const lost = new JwtIdentity({ jwks: await place() }, REAL_CLOCK)
    await expect(lost.claims(signed(good()))).rejects.toMatchObject({ code: 'access/unauthenticated', retry: 'later' })
  })

  test('while a provider is away HTTP answers 503 and says that it may be asked again', async () => {
    const lost = new JwtIdentity({ jwks: `${address}/fault` }, REAL_CLOCK)
    const handler = graphqlHandler({
      // It is not asked.
      service: {} as GraphqlService,
      identity: lost,
      limits: DEFAULT_LIMITS,
      anonymous: false,
      origins: [],
    })
    const asked = makeHttpServer([handler], new TestLog())
    const url = `http://127.0.0.1:${await listen(asked, 0, '127.0.0.1')}/graphql`
    try {
      const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${signed(good())}` }, body: '{}' })
      expect(response.status).toBe(503)
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'access/unauthenticated', retry: 'later' } }] })
    } finally {
      asked.close()
    }
  })

  test('a secret that is too short is refused', () => {
    expect(() => new JwtIdentity({ secret: new Uint8Array(randomBytes(16)) }, REAL_CLOCK)).toThrow(/32 bytes/)
  })

  test('HTTP answers 401', async () => {
    for (const header of ['Bearer x', 'Basic eDp5', `Bearer ${manager}x`, 'Bearer']) {
      expect((await post('{"query":"{ __typename }"}', { authorization: header })).status).toBe(401)
    }
    expect((await shop.ask(null, '{ __typename }')).status).toBe(401)
  })
})
