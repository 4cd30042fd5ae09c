import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { connect, nkeys } from '@nats-io/transport-node'
import { selfSigned } from '@sheetflow/testkit/certificate'
import { range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { isAtLeast, natsServer, natsServers } from '@sheetflow/testkit/nats/binaries'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { describe, expect, it } from 'vitest'
import { checkNats } from './checks.ts'
import { openNatsBus, type NatsBusOptions } from './nats-bus.ts'

/** Real servers, as operators set them up. */

const REFUSED = { code: 'bus/unavailable', retry: 'later' }

/** Appends and reads as this user. */
async function works(options: NatsBusOptions): Promise<void> {
  await using bus = await openNatsBus(options)
  const { last } = await bus.ensure('S')
  await bus.append('S', [testMessage('a', 'x')], { expectedLast: last })
  expect(await readAll(bus, 'S', last + 1)).toHaveLength(1)
}

describe('who we are', () => {
  it('user and password, and a token', async () => {
    await using server = await startNats({ config: ['authorization { timeout: 60, user: sheetflow, password: "s3cret" }'] })
    const servers = [server.url]
    await works({ servers, user: 'sheetflow', password: 's3cret' })
    await expect(openNatsBus({ servers, user: 'sheetflow', password: 'wrong' })).rejects.toMatchObject(REFUSED)
    await expect(openNatsBus({ servers })).rejects.toMatchObject(REFUSED)
    await using other = await startNats({ config: ['authorization { timeout: 60, token: "t0ken" }'] })
    await works({ servers: [other.url], token: 't0ken' })
  })

  it('an nkey', async () => {
    const user = nkeys.createUser()
    await using server = await startNats({ config: [`authorization { timeout: 60, users: [ { nkey: ${user.getPublicKey()} } ] }`] })
    await works({ servers: [server.url], nkey: text(user.getSeed()) })
    await expect(openNatsBus({ servers: [server.url], nkey: text(nkeys.createUser().getSeed()) })).rejects.toMatchObject(REFUSED)
  })

  it('a JWT of an account, with its seed or as a .creds file', async () => {
    const [operator, system, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount(), nkeys.createUser()]
    const unlimited = {
      mem_storage: -1,
      disk_storage: -1,
      streams: -1,
      consumer: -1,
      subs: -1,
      conn: -1,
      leaf: -1,
      imports: -1,
      exports: -1,
      data: -1,
      payload: -1,
    }
    const accountJwt = signed(operator, account.getPublicKey(), { type: 'account', version: 2, limits: { ...unlimited, wildcards: true } })
    const jwt = signed(account, user.getPublicKey(), { type: 'user', version: 2, subs: -1, data: -1, payload: -1 })
    await using server = await startNats({
      config: [
        `operator: ${signed(operator, operator.getPublicKey(), { type: 'operator', version: 2 })}`,
        'authorization { timeout: 60 }',
        'resolver: MEMORY',
        `system_account: ${system.getPublicKey()}`,
        `resolver_preload: { ${account.getPublicKey()}: ${accountJwt}, ${system.getPublicKey()}: ${signed(operator, system.getPublicKey(), { type: 'account', version: 2, limits: { ...unlimited, mem_storage: 0, disk_storage: 0, wildcards: true } })} }`,
      ],
    })
    const seed = text(user.getSeed())
    await works({ servers: [server.url], jwt, nkey: seed })
    const creds = `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`
    await works({ servers: [server.url], creds })
    await expect(openNatsBus({ servers: [server.url], jwt, nkey: text(nkeys.createUser().getSeed()) })).rejects.toMatchObject(REFUSED)
  })

  it('TLS: with the CA it is trusted, without it is refused', async () => {
    const { cert, key } = selfSigned('127.0.0.1', ['127.0.0.1', 'localhost'])
    await using files = await startNats()
    const [ca, keyFile] = [path.join(files.dir, 'cert.pem'), path.join(files.dir, 'key.pem')]
    writeFileSync(ca, cert)
    writeFileSync(keyFile, key)
    await using server = await startNats({
      config: [`tls { cert_file: ${JSON.stringify(ca)}, key_file: ${JSON.stringify(keyFile)}, timeout: 60 }`],
    })
    const servers = [server.url.replace('nats://', 'tls://')]
    await works({ servers, tls: { ca } })
    await expect(openNatsBus({ servers, tls: {} })).rejects.toMatchObject(REFUSED)
  })
})

it('no server, and one without JetStream, say what to do', async () => {
  await expect(openNatsBus({ servers: ['nats://someone:hidden@127.0.0.1:1'] })).rejects.toMatchObject({
    ...REFUSED,
    message: expect.not.stringContaining('hidden') as string,
    fix: expect.stringContaining('addresses') as string,
  })
  await using server = await startNats({ config: ['accounts { A: { users: [ { user: a, password: a } ] } }'] })
  await expect(openNatsBus({ servers: [server.url], user: 'a', password: 'a' })).rejects.toMatchObject({
    ...REFUSED,
    message: expect.stringContaining('no JetStream') as string,
  })
})

it('a message that the server takes not is bus/too-large, and what is behind it goes on', async () => {
  await using server = await startNats({ maxPayloadBytes: 1024 * 1024 })
  await using bus = await openNatsBus({ servers: [server.url] })
  await bus.ensure('S')
  await expect(bus.append('S', [testMessage('a', '1', 1024 * 1024)])).rejects.toMatchObject({ code: 'bus/too-large' })
  expect(await bus.append('S', [testMessage('a', '1', 1_000_000)])).toEqual({ first: 1, last: 1 })
})

it('a message larger than any of ours, which somebody else has put into an inbox, is read, and what stands behind it', async () => {
  await using server = await startNats()
  await using bus = await openNatsBus({ servers: [server.url] })
  await bus.ensure('SF_IN_SRC_shop')
  const bytes = 7 * 1024 * 1024
  const nc = await connect({ servers: server.url })
  const answer = await nc.request('sf.in.src.shop.command', new Uint8Array(bytes), { timeout: 60_000 })
  expect(answer.json()).toMatchObject({ seq: 1 })
  await nc.close()
  await bus.append('SF_IN_SRC_shop', [testMessage('sf.in.src.shop.command', 'behind')])
  const sizes: number[] = []
  for await (const batch of bus.read('SF_IN_SRC_shop', { from: 1, untilNow: true })) sizes.push(...batch.map(({ body }) => body.byteLength))
  expect(sizes).toEqual([bytes, 'behind|'.length])
})

it('a stream that is larger than what the server has is refused, with its words and what to set', async () => {
  await using server = await startNats({ jetstream: ['max_file_store: 200MB'] })
  await using bus = await openNatsBus({ servers: [server.url], patienceMs: 2_000 })
  await expect(bus.ensure('S', { maxBytes: 8_000_000_000 })).rejects.toMatchObject({
    code: 'bus/full',
    retry: 'later',
    message: expect.stringContaining('insufficient storage resources available') as string,
    fix: expect.stringContaining('limits.streamBytes') as string,
  })
  expect(await bus.ensure('S', { maxBytes: 100_000_000 })).toMatchObject({ last: 0 })
  await expect(bus.ensure('S', { maxBytes: 8_000_000_000 })).rejects.toMatchObject({
    code: 'bus/full',
    fix: expect.stringContaining('limits.streamBytes') as string,
  })
})

it('plain subjects: what FORMATS 3 names stands on the server under that very name, also when a graph gets another workbook', async () => {
  await using server = await startNats()
  await using bus = await openNatsBus({ servers: [server.url] })
  await bus.ensure('SF_GRAPH_sales')
  await bus.append('SF_GRAPH_sales', [testMessage('sf.wb.sales.orders', '1'), testMessage('sf.graph.sales._commit', '2')], {
    expectedLast: 0,
  })
  await bus.append('SF_GRAPH_sales', [testMessage('sf.wb.more.orders', '3')], { expectedLast: 2 })
  const listed = (await (await fetch(`${server.monitor}/jsz?streams=true&config=true`)).json()) as Jsz
  const streams = listed.account_details.flatMap(({ stream_detail: all }) => all)
  expect(streams.find(({ name }) => name === 'SF_GRAPH_sales')?.config.subjects).toEqual([
    'sf.graph.sales.>',
    'sf.wb.sales.>',
    'sf.wb.more.>',
  ])
  await bus.ensure('SF_GRAPH_other')
  await expect(bus.append('SF_GRAPH_other', [testMessage('sf.wb.sales.orders', '1')], { expectedLast: 0 })).rejects.toMatchObject({
    code: 'bus/unavailable',
    message: expect.stringContaining('belong to another stream') as string,
  })
})

it('a stream that was deleted and made again has a new epoch', async () => {
  await using server = await startNats()
  await using bus = await openNatsBus({ servers: [server.url] })
  const { epoch } = await bus.ensure('S')
  await bus.append('S', [testMessage('a', '1')])
  await deleteStream(server, 'S')
  await using again = await openNatsBus({ servers: [server.url] })
  const anew = await again.ensure('S')
  expect(anew).toMatchObject({ first: 1, last: 0 })
  expect(anew.epoch).toBeGreaterThan(epoch)
})

describe.for(await natsServers())('when it is on the disk of NATS $version', (binary) => {
  it('sync_interval is asked of the monitoring, said by the configuration, or taken to be the default', async () => {
    const has = isAtLeast(binary.version, '2.10')
    const after = async (server: NatsServer, options: Partial<NatsBusOptions>): Promise<number> => {
      await using bus = await openNatsBus({ servers: [server.url], ...options })
      return bus.durableAfterMs
    }
    await using plain = await startNats({ binary })
    expect(await after(plain, {})).toBe(133_000)
    expect(await after(plain, { monitor: plain.monitor })).toBe(133_000)
    expect(await after(plain, { syncInterval: 'always' })).toBe(0)
    expect(await after(plain, { syncInterval: 10_000 })).toBe(12_000)
    await expect(after(plain, { monitor: 'http://127.0.0.1:1' })).rejects.toMatchObject(REFUSED)
    if (!has) return
    await using always = await startNats({ binary, jetstream: ['sync_interval: always'] })
    expect(await after(always, { monitor: always.monitor })).toBe(0)
    await using second = await startNats({ binary, jetstream: ['sync_interval: "1s"'] })
    expect(await after(second, { monitor: second.monitor })).toBe(2_100)
  })

  it('doctor says what is promised', async () => {
    const atomic = isAtLeast(binary.version, '2.12')
    await using server = await startNats({ binary, maxPayloadBytes: 1024 * 1024 })
    const checks = await checkNats({ servers: [server.url] })
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['server', 'ok'],
      ['atomic', atomic ? 'ok' : 'warn'],
      ['payload', 'warn'],
      ['sync', 'warn'],
    ])
    expect(checks[0]?.message).toContain(binary.version)
    const [unreachable] = await checkNats({ servers: ['nats://127.0.0.1:1'] })
    expect(unreachable).toMatchObject({ name: 'reach', status: 'fail', fix: expect.stringContaining('addresses') as string })
  })
})

it('without batches on a server that has them, appends are a prefix at worst and the bus says so', async () => {
  const binary = await natsServer()
  await using server = await startNats({ binary })
  await using bus = await openNatsBus({ servers: [server.url], batches: false })
  expect(bus.atomic).toBe(false)
  await bus.ensure('S')
  expect(
    await bus.append(
      'S',
      range(1, 500).map((n) => testMessage('a', `${n}`)),
      { expectedLast: 0 },
    ),
  ).toEqual({ first: 1, last: 500 })
})

interface Jsz {
  readonly account_details: readonly {
    readonly stream_detail: readonly { readonly name: string; readonly config: { readonly subjects: readonly string[] } }[]
  }[]
}

async function deleteStream(server: NatsServer, stream: string): Promise<void> {
  const { connect } = await import('@nats-io/transport-node')
  const nc = await connect({ servers: server.url })
  await nc.request(`$JS.API.STREAM.DELETE.${stream}`)
  await nc.close()
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** A JWT as NATS has them: signed with an nkey, its claims under `nats`. */
function signed(
  by: { getPublicKey(): string; sign(bytes: Uint8Array): Uint8Array },
  subject: string,
  nats: Readonly<Record<string, unknown>>,
): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  const claims = { jti: subject, iat: Math.floor(Date.now() / 1_000), iss: by.getPublicKey(), sub: subject, name: 'test', nats }
  const body = `${encode({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encode(claims)}`
  return `${body}.${Buffer.from(by.sign(new TextEncoder().encode(body))).toString('base64url')}`
}

it('a bus that cannot be opened because its monitoring does not answer leaves no connection behind', async () => {
  await using server = await startNats()
  await expect(openNatsBus({ servers: [server.url], monitor: 'http://127.0.0.1:1' })).rejects.toMatchObject(REFUSED)
  const connections = async (): Promise<number> => {
    const answer = await fetch(`${server.monitor}/connz`)
    return ((await answer.json()) as { readonly num_connections: number }).num_connections
  }
  await expect.poll(connections).toBe(0)
})
