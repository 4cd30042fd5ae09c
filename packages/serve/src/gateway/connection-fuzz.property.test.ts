import { isSheetflowError } from '@sheetflow/core/errors'
import { ALWAYS } from '@sheetflow/core/predicate'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { devToken } from '../identity/dev-token.ts'
import { JwtIdentity } from '../identity/jwt-identity.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { SubscriptionTokens } from '../live/subscription-tokens.ts'
import { REAL_CLOCK, TestLog } from '../testing/host.ts'
import { RecordedCommands } from '../testing/running-shop.ts'
import { Connection } from './connection.ts'
import { KeyedCounts } from './keyed-counts.ts'
import { Outbox } from './outbox.ts'
import type { Wire } from './outbox.ts'
import type { GatewayServices } from './services.ts'

const RUNS = runs(2_000, 100_000)
const SECRET = new Uint8Array(32).fill(7)

const log = new TestLog()
const tokens = new SubscriptionTokens({ key: SECRET, tokenMs: 600_000, clock: REAL_CLOCK, rightsOf: () => null })
const rights = { role: 'r', rows: ALWAYS, hide: [] }
const granted = must(tokens.grant({ view: 'a.b', generation: 1, predicate: ALWAYS, columns: [1] }, '1', rights))
const services: GatewayServices = {
  limits: { ...DEFAULT_LIMITS, frameBytes: 4_000, channelsPerConnection: 2 },
  clock: REAL_CLOCK,
  log,
  anonymous: true,
  commands: new RecordedCommands(),
  tokens,
  identity: { claims: () => Promise.resolve({ user: '1', role: 'r', expires: null, all: {} }) },
  hubOf: () => undefined,
}

const fields = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<object>(
    { ...granted },
    { ...granted, recover: true, epoch: '1.1', offset: 1e308 },
    { channel: granted.channel, token: `${granted.token}x` },
    { method: 'command', data: { id: '01J9ZQ3K7M4T8V2W5X6Y7Z8A9B', name: 'x', payload: {} } },
    { method: 'lease', data: { token: granted.token } },
    { token: 'x' },
    {},
  ),
)
const names = ['connect', 'subscribe', 'unsubscribe', 'sub_refresh', 'refresh', 'rpc', 'send', 'history', 'publish', '__proto__', 'id']
const command = fc
  .tuple(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.jsonValue({ maxDepth: 1 })), fc.constantFrom(...names), fields)
  .map(([id, name, value]) => `{"id":${JSON.stringify(id)},${JSON.stringify(name)}:${JSON.stringify(value)}}`)
const line = fc.oneof(
  { weight: 8, arbitrary: command },
  fc.constantFrom('{}', '', '[]', 'null'),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const frames = fc.array(
  fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n')),
  { minLength: 1, maxLength: 4 },
)

/** A socket that remembers lines. */
class Lines implements Wire {
  readonly lines: string[] = []
  closed: number | null = null
  readonly bufferedBytes = 0

  send(frame: Uint8Array): void {
    this.lines.push(...new TextDecoder().decode(frame).split('\n'))
  }

  close(code: number): void {
    this.closed = code
  }
}

test('frames, new or connected: replies with the ids of commands, or a close code; never a fault', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), frames, async (connects, texts) => {
      const wire = new Lines()
      const outbox = new Outbox(services.limits, () => undefined)
      const connection = new Connection(wire, outbox, services, new KeyedCounts(10))
      if (connects) connection.receive('{"id":1,"connect":{}}')
      await Promise.resolve()
      for (const text of texts) connection.receive(text)
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
      outbox.drain(connection.outlet)
      for (const one of wire.lines) {
        const { id, error } = JSON.parse(one) as { readonly id?: unknown; readonly error?: { readonly code: unknown } }
        expect(Number.isSafeInteger(id)).toBe(true)
        expect(error === undefined || Number.isSafeInteger(error.code)).toBe(true)
      }
      expect(wire.closed === null || (wire.closed >= 3000 && wire.closed < 4000)).toBe(true)
      connection.closed()
    }),
    { numRuns: RUNS },
  )
  expect(log.errors).toEqual([])
})

test('tokens of readers: the good one, or access/unauthenticated', async () => {
  const identity = new JwtIdentity({ secret: SECRET }, REAL_CLOCK)
  const good = await devToken(SECRET, { user: '1', role: 'clerk' }, Date.now())
  const claims = await identity.claims(good)
  const parts = good.split('.')
  const part = fc.oneof(
    fc.constantFrom(...parts),
    fc.json().map((json) => Buffer.from(json).toString('base64url')),
    fc
      .record({ alg: fc.constantFrom('none', 'HS256', 'HS512', 'RS256'), crit: fc.jsonValue() })
      .map((head) => Buffer.from(JSON.stringify(head)).toString('base64url')),
    fc.string({ maxLength: 20 }),
  )
  const damaged = fc
    .tuple(fc.nat(good.length - 1), fc.constantFrom('', 'A', 'b', '.', '\u0000', '==', '-'))
    .map(([at, by]) => good.slice(0, at) + by + good.slice(at + 1))
  const token = fc.oneof(
    damaged,
    fc.array(part, { maxLength: 5 }).map((all) => all.join('.')),
    fc.string({ unit: 'binary' }),
  )
  await fc.assert(
    fc.asyncProperty(token, async (text) => {
      try {
        // The last character of base64url has bits that mean nothing.
        expect(await identity.claims(text)).toEqual(claims)
      } catch (error) {
        if (!isSheetflowError(error, 'access/unauthenticated')) throw error
      }
    }),
    { numRuns: RUNS },
  )
})
