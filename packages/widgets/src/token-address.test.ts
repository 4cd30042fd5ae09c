import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { TokenAddress } from './token-address.ts'

type Reply = readonly [status: number, body: string, headers?: Readonly<Record<string, string>>]

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server that gives these answers in turn, the last one again and again; `null` = none at all. */
async function giving(
  ...replies: readonly (Reply | null)[]
): Promise<{ readonly at: TokenAddress; readonly time: { ms: number }; asked(): number }> {
  let asked = 0
  const server = createServer((_request, response) => {
    const reply = replies[Math.min(asked++, replies.length - 1)]
    if (reply === undefined || reply === null) return
    const [status, body, headers = {}] = reply
    response.writeHead(status, { connection: 'close', ...headers }).end(body)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const time = { ms: Date.UTC(2026, 10, 26) }
  const src = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  const limitMs = replies.includes(null) ? 50 : 60_000
  return { at: new TokenAddress(src, { clock: () => time.ms, random: () => 1, limitMs }), time, asked: () => asked }
}

const ANNA: Reply = [200, '{"token":"anna"}']
const OFFLINE = { code: 'client/offline', retry: 'later' }

test.each([401, 403, 404])('%d: nobody is signed in', async (status) => {
  const { at } = await giving([status, 'no'])
  expect(await at.token()).toBeNull()
})

test('no token in the answer: nobody is signed in', async () => {
  const { at } = await giving([200, '{"token":null}'])
  expect(await at.token()).toBeNull()
})

test.each([400, 405, 408, 425, 429, 500, 502, 503, 504])('%d says nothing of who reads: it is asked again', async (status) => {
  const { at, time } = await giving([status, '{"token":null}'], ANNA)
  await expect(at.token()).rejects.toMatchObject({ ...OFFLINE, message: expect.stringContaining(`answers ${status}`) as string })
  time.ms += 500
  expect(await at.token()).toBe('anna')
})

test('an answer that is none of ours, none in time, and a connection that fails say nothing either', async () => {
  for (const reply of [[200, '<html>'] as const, null]) {
    const { at, time } = await giving(reply, ANNA)
    await expect(at.token()).rejects.toMatchObject(OFFLINE)
    time.ms += 500
    expect(await at.token()).toBe('anna')
  }
  const nobody = new TokenAddress('http://127.0.0.1:1/token', { clock: () => 0, random: () => 1 })
  await expect(nobody.token()).rejects.toMatchObject(OFFLINE)
})

test('pauses double from half a second to 15, and begin anew after a token', async () => {
  const away: Reply = [429, '']
  const { at, time, asked } = await giving(...Array.from({ length: 7 }, () => away), ANNA, away)
  let expected = 0
  for (const pause of [500, 1000, 2000, 4000, 8000, 15_000, 15_000]) {
    await expect(at.token()).rejects.toMatchObject(OFFLINE)
    expect(asked()).toBe(++expected)
    time.ms += pause - 1
    await expect(at.token()).rejects.toMatchObject(OFFLINE)
    expect(asked()).toBe(expected)
    time.ms += 1
  }
  expect(await at.token()).toBe('anna')
  await expect(at.token()).rejects.toMatchObject(OFFLINE)
  time.ms += 500
  await expect(at.token()).rejects.toMatchObject(OFFLINE)
  expect(asked()).toBe(10)
})

test.each([
  ['seconds', { 'retry-after': '30' }, 30_000],
  ['a date by the clock of the answer', { 'retry-after': 'Thu, 26 Nov 2026 09:00:40 GMT', date: 'Thu, 26 Nov 2026 09:00:00 GMT' }, 40_000],
  ['a year, which is a mistake', { 'retry-after': '31536000' }, 600_000],
  ['less than the pause it would have had', { 'retry-after': '0' }, 500],
  ['something that nobody can read', { 'retry-after': 'soon' }, 500],
] as const)('Retry-After: %s', async (_name, headers, pauseMs) => {
  const { at, time, asked } = await giving([429, '', headers], ANNA)
  await expect(at.token()).rejects.toMatchObject(OFFLINE)
  time.ms += pauseMs - 1
  await expect(at.token()).rejects.toMatchObject({ ...OFFLINE, fix: expect.stringContaining('401, 403 or 404') as string })
  expect(asked()).toBe(1)
  time.ms += 1
  expect(await at.token()).toBe('anna')
})

test('a clock that is set back does not lengthen a pause', async () => {
  const { at, time } = await giving([503, ''], ANNA)
  await expect(at.token()).rejects.toMatchObject(OFFLINE)
  time.ms -= 3_600_000
  expect(await at.token()).toBe('anna')
})

test('questions put while one is under way are that one', async () => {
  const { at, asked } = await giving(ANNA)
  expect(await Promise.all([at.token(), at.token(), at.token()])).toEqual(['anna', 'anna', 'anna'])
  expect(asked()).toBe(1)
})
