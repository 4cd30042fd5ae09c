import { must } from '@sheetflow/core/assert'
import { ALWAYS } from '@sheetflow/core/predicate'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseFrame } from './gateway/protocol.ts'
import { Catalogue } from './catalogue/catalogue.ts'
import { Cursors } from './graphql/cursor.ts'
import { GraphqlService } from './graphql/graphql-service.ts'
import { rightsIn } from './graphql/rights.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { SubscriptionTokens } from './live/subscription-tokens.ts'
import { REAL_CLOCK, TestLog } from './testing/host.ts'
import { MemoryViews } from './testing/memory-views.ts'
import { GraphWriter } from './testing/graph-writer.ts'
import { RecordedCommands } from './testing/running-shop.ts'
import { created, CUSTOMERS, OPEN_ORDERS, order } from './testing/shop.ts'

const RUNS = runs(3_000, 100_000)
const KEY = new Uint8Array(32).fill(7)
const CLAIMS = { user: '1', role: 'manager', expires: null, all: { tenant: 1, id: 7 } }

const log = new TestLog()
let service: GraphqlService
let tokens: SubscriptionTokens

beforeAll(async () => {
  const bus = new MemoryBus()
  const views = new MemoryViews()
  const writer = new GraphWriter('sales', bus)
  await writer.open()
  for (const schema of [OPEN_ORDERS, CUSTOMERS]) views.ensureNow(schema)
  views.applyNow(writer.stream, writer.write({ schemas: [OPEN_ORDERS, CUSTOMERS], rows: { 'sales.open_orders': [created(order(1))] } }))
  const catalogue = new Catalogue()
  catalogue.addGraph({ graph: 'sales', stream: writer.stream, storeOf: () => views })
  for (const schema of [OPEN_ORDERS, CUSTOMERS]) catalogue.set('sales', schema, 'ready')
  tokens = new SubscriptionTokens({ key: KEY, tokenMs: 1_000, clock: REAL_CLOCK, rightsOf: rightsIn(catalogue) })
  service = new GraphqlService({
    operations: null,
    catalogue,
    tokens,
    log,
    limits: DEFAULT_LIMITS,
    cursors: new Cursors(KEY),
    commands: new RecordedCommands(),
    clock: REAL_CLOCK,
    blobUrl: (hash) => hash,
    introspection: true,
    saw: () => undefined,
  })
})

afterAll(() => expect(log.errors).toEqual([]))

const SIGNS = '{ } ( ) [ ] : $ @ ! | = ... " """ # , "x" "" "\\u0000" 1 -1 1.5 99999999999999999999 null true \u{1F600} \ud800 \u0000'
const KEYWORDS = 'query mutation subscription fragment on include skip if __proto__ constructor toString'
const ROOTS = 'open_orders customers open open_orders_by_pk open_orders_search _receipts command __schema'
const NAMES = 'id total _key _cursor __typename where order_by limit after graph text as TEXT payload _eq _in _and _not _is_null asc desc'
const WORDS = [SIGNS, KEYWORDS, ROOTS, NAMES].flatMap((words) => words.split(' '))

const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join(' '))

/** Something that is nearly a query. */
const nearly = fc
  .tuple(
    fc.constantFrom('open_orders', 'customers', 'open_orders_by_pk', '_receipts'),
    fc.dictionary(fc.constantFrom('where', 'order_by', 'limit', 'after', 'id', 'graph'), fc.jsonValue({ maxDepth: 4 })),
    fc.array(fc.constantFrom('id', 'total', 'total(as: TEXT)', '_key', '_cursor', '__typename', 'x: id', 'open { id }', 'nothing'), {
      minLength: 1,
      maxLength: 5,
    }),
  )
  .map(([field, args, selection]) => {
    const written = Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value).replace(/"([A-Za-z_]+)":/g, '$1:')}`)
    return `{ ${field}${written.length === 0 ? '' : `(${written.join(', ')})`} { ${selection.join(' ')} } }`
  })

test('GraphQL: whatever is asked, the answer is JSON with data or coded errors, never a fault', async () => {
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.tuple(fc.oneof(soup, nearly), fc.jsonValue()).map(([query, variables]) => JSON.stringify({ query, variables })),
    nearly.map((query) => JSON.stringify({ query })),
  )
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const answer = await service.answer(text, CLAIMS)
      expect([200, 400]).toContain(answer.status)
      const json = JSON.parse(answer.body) as { data?: unknown; errors?: { extensions?: { code?: string } }[] }
      const isCoded = json.errors?.every((error) => /^(query|command)\//.test(error.extensions?.code ?? ''))
      expect(answer.status === 400 ? isCoded : typeof json.data === 'object').toBe(true)
    }),
    { numRuns: RUNS },
  )
})

test('frames: commands or a refusal', () => {
  const frame = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.json(), { maxLength: 3 }).map((lines) => lines.join('\n')),
    fc
      .record({
        id: fc.jsonValue(),
        name: fc.constantFrom('connect', 'subscribe', 'rpc', 'refresh', 'unsubscribe', '__proto__', 'send', 'history'),
        fields: fc.jsonValue(),
      })
      .map(({ id, name, fields }) => `{"id":${JSON.stringify(id)},${JSON.stringify(name)}:${JSON.stringify(fields)}}`),
  )
  fc.assert(
    fc.property(frame, (text) => {
      for (const command of parseFrame(text) ?? []) expect(command.kind).toBeTypeOf('string')
    }),
    { numRuns: RUNS },
  )
})

test('tokens and cursors: only our own', () => {
  const cursors = new Cursors(KEY)
  const rights = { role: 'r', rows: ALWAYS, hide: [] }
  const { token } = must(tokens.grant({ view: 'a.b', generation: 1, predicate: ALWAYS, columns: [1] }, '1', rights))
  const cursor = cursors.sign('list', { order: [], key: ['1'] })
  const damaged = (good: string): fc.Arbitrary<string> =>
    fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom('', 'A', 'b', '.', '\u0000', '=='))
      .map(([at, by]) => good.slice(0, at) + by + good.slice(at + 1))
      .filter((text) => text !== good)
  fc.assert(
    fc.property(fc.oneof(fc.string(), damaged(token)), (text) => {
      const claims = tokens.verify(text)
      // The last character of base64url has bits that mean nothing.
      expect(claims === null || JSON.stringify(claims) === JSON.stringify(tokens.verify(token))).toBe(true)
    }),
    { numRuns: RUNS },
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), damaged(cursor)), (text) => {
      expect(() => cursors.open('list', text)).toThrow(/cursor/)
    }),
    { numRuns: RUNS },
  )
})
