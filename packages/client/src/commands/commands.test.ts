import type { Receipt } from '@sheetflow/core/receipt'
import { isUlid } from '@sheetflow/core/ulid'
import { Random } from '@sheetflow/testkit/random'
import { describe, expect, test, vi } from 'vitest'
import { memoryCache } from '../cache/memory-cache.ts'
import { Client } from '../client.ts'
import type { PaintedField, PaintedRow } from '../page/painted.ts'
import type { Page } from '../page/page.ts'
import { Reader } from '../reader.ts'
import { FakeTimers, turn } from '../testing/fake-timers.ts'
import { ModelServer } from '../testing/model-server.ts'
import { TwoGraphs } from '../testing/two-graphs.ts'
import type { CommandEvent, CommandHandle } from './commands.ts'

const ORDERS = '{ orders(order_by: [{total: desc}]) { id amount: total } }'

/** A client over the model's server, with a clock of its own. */
class Bench {
  readonly server = new ModelServer()
  readonly timers = new FakeTimers()
  readonly events: CommandEvent[] = []
  readonly client: Client
  readonly page: Page
  /** What the source of tokens says. */
  token: string | null = null
  readonly reader = new Reader('model', () => this.token)

  constructor() {
    const { queries, channels } = this.server
    const random = new Random(1).next
    const clock = (): number => 1_795_420_800_000 + this.timers.now
    const cache = memoryCache()
    this.client = new Client({
      queries,
      channels,
      reader: this.reader,
      clock,
      random,
      cache,
      timers: this.timers,
      url: 'model',
    })
    this.client.onCommand((event) => this.events.push(event))
    this.page = this.client.page(ORDERS)
  }

  async start(): Promise<this> {
    this.server.commit((draft) => {
      draft.customers.set('1', { id: '1', name: 'Anna', total: 0 })
      for (const [id, total] of [
        ['10', 20],
        ['11', 30],
      ] as const)
        draft.orders.set(id, { id, customer_id: '1', total, note: '' })
    })
    this.server.connect()
    await this.pass(0)
    return this
  }

  /** Lets time pass, and everything that waits go on. */
  async pass(ms: number): Promise<void> {
    for (let i = 0; i < 6; i++) {
      this.timers.advance(i === 0 ? ms : 0)
      await turn()
      if (this.server.channels.state === 'connected') this.server.deliver()
      await turn()
    }
  }

  get orders(): PaintedField | undefined {
    return this.page.picture.fields['orders']
  }

  row(id: string): PaintedRow | undefined {
    return this.orders?.rows.find((row) => row.values['id'] === id)
  }
}

const LEAVES = { view: 'sales.orders', key: ['11'], values: null }

/** What a promise has come to, without waiting for it. */
async function outcome(promise: Promise<Receipt>): Promise<Receipt | null> {
  return Promise.race([promise, turn().then(() => null)])
}

describe('what a command is expected to do', () => {
  test('stays on each page until that page has the effect', async () => {
    const bench = await new Bench().start()
    const other = bench.client.page('{ customers { id open(order_by: [{total: desc}]) { id } } }')
    await bench.pass(0)
    const BEFORE = [
      ['11', true],
      ['10', false],
    ]
    const { id, settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
    await bench.pass(0)
    const leaving = (): unknown =>
      other.picture.fields['customers']?.rows.flatMap(({ nested }) => nested['open']?.rows.map((row) => [row.values['id'], row.leaving]))
    expect(leaving()).toEqual(BEFORE)
    // The customer that comes with it has a list of its own, which has to be asked for: of a store that is behind.
    bench.server.stored = bench.server.data.head
    bench.server.finish(id, 'applied', (draft) => {
      draft.orders.delete('11')
      draft.customers.set('2', { id: '2', name: 'Bruno', total: 0 })
    })
    await bench.pass(0)
    expect(bench.row('11')).toBeUndefined()
    expect(await outcome(settled)).toMatchObject({ status: 'applied' })
    expect(leaving()).toEqual(BEFORE)
    bench.server.stored = null
    for (let i = 0; i < 3; i++) await bench.pass(1000)
    expect(leaving()).toEqual([['10', false]])
  })

  test('stays in each graph until that graph has the effect, but not for ever', async () => {
    const server = new TwoGraphs()
    const timers = new FakeTimers()
    const { queries, channels } = server
    const clock = (): number => timers.now
    const reader = new Reader('model', () => null)
    const client = new Client({ queries, channels, reader, clock, random: new Random(1).next, cache: memoryCache(), timers, url: 'model' })
    const page = client.page('{ orders { shown: id } customers { shown: name } }')
    const pass = async (ms: number): Promise<void> => {
      for (let i = 0; i < 6; i++) {
        timers.advance(i === 0 ? ms : 0)
        await turn()
        server.connect()
        await turn()
      }
    }
    server.sales.commit((draft) => void draft.orders.set('11', { id: '11', customer_id: '1', total: 30, note: '' }))
    server.ops.commit((draft) => void draft.customers.set('1', { id: '1', name: 'Anna', total: 0 }))
    await pass(0)
    const raise = { view: 'ops.customers', key: ['1'], values: { name: 'Berta' } }
    const shown = (): unknown =>
      Object.values(page.picture.fields).map(({ rows }) => rows.map((row) => [row.values['shown'], row.pending.length]))
    const ship = async (): Promise<string> => {
      const { id } = client.command('ship', {}, { expect: [LEAVES, raise] })
      await pass(0)
      return id
    }

    const first = await ship()
    expect(shown()).toEqual([[['11', 1]], [['Berta', 1]]])
    server.sales.finish(first, 'applied', (draft) => void draft.orders.delete('11'))
    await pass(0)
    expect(shown()).toEqual([[], [['Berta', 1]]])
    server.ops.finish(first, 'applied', (draft) => void draft.customers.set('1', { id: '1', name: 'Berta B.', total: 0 }))
    await pass(0)
    expect(shown()).toEqual([[], [['Berta B.', 0]]])

    // The second graph does not read the source: nothing comes.
    server.sales.finish(await ship(), 'applied')
    await pass(0)
    expect(shown()).toEqual([[], [['Berta', 1]]])
    await pass(10_000)
    expect(shown()).toEqual([[], [['Berta B.', 0]]])
  })
})

describe('a command', () => {
  test('is expected, sent, and its overlay goes in the very picture that has the effect', async () => {
    const bench = await new Bench().start()
    const pictures: string[] = []
    bench.page.subscribe(({ fields }) => {
      pictures.push((fields['orders']?.rows ?? []).map((row) => `${row.values['id'] as string}${row.leaving ? ' leaving' : ''}`).join(', '))
    })
    const { id, settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
    expect(isUlid(id)).toBe(true)
    expect(bench.row('11')).toMatchObject({ leaving: true, pending: [id] })
    await bench.pass(0)
    expect(bench.server.commands).toMatchObject([{ id, name: 'ship' }])
    expect(await outcome(settled)).toBeNull()
    bench.server.finish(id, 'applied', (draft) => void draft.orders.delete('11'))
    await bench.pass(0)
    expect(await outcome(settled)).toMatchObject({ id, status: 'applied' })
    // At no time is the row there again without its mark.
    expect(pictures).toEqual(['11 leaving, 10', '10'])
    expect(bench.events.map((event) => event.status)).toEqual(['sending', 'accepted', 'applied'])
  })

  test('of one reader is never sent in the name of another', async () => {
    const bench = await new Bench().start()
    bench.token = 'anna'
    await bench.reader.token()
    bench.server.cut()
    await bench.pass(0)
    const { settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
    bench.token = 'bruno'
    await bench.reader.token()
    expect(await outcome(settled)).toMatchObject({ status: 'failed', code: 'access/denied' })
    bench.server.connect()
    await bench.pass(10_000)
    expect(bench.server.commands).toEqual([])
    expect(bench.row('11')?.pending).toEqual([])
  })

  test('shows the values that are expected, by the names of the query', async () => {
    const bench = await new Bench().start()
    bench.client.command('raise', { id: '10' }, { expect: [{ view: 'sales.orders', key: ['10'], values: { total: 99 } }] })
    expect(bench.row('10')?.values).toEqual({ id: '10', amount: 99 })
    expect(bench.row('11')?.pending).toEqual([])
  })

  test('that is refused is as if nothing had been expected, and says why', async () => {
    const bench = await new Bench().start()
    const { id, settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
    await bench.pass(0)
    bench.server.finish(id, 'rejected', undefined, { code: 'shop/late', result: '"Too late."' })
    await bench.pass(0)
    expect(await outcome(settled)).toMatchObject({ status: 'rejected', code: 'shop/late', result: 'Too late.' })
    expect(bench.row('11')).toMatchObject({ leaving: false, pending: [] })
    expect(bench.events.at(-1)?.error).toEqual({ code: 'shop/late', message: 'Too late.' })
  })

  test('that the server does not take fails at once, with its code', async () => {
    const bench = await new Bench().start()
    bench.server.replies.push({
      data: { command: null },
      errors: [{ message: 'no such command', extensions: { code: 'command/unknown' } }],
    })
    const { settled } = bench.client.command('shp', {}, { expect: [LEAVES] })
    await bench.pass(0)
    expect(await outcome(settled)).toMatchObject({ status: 'rejected', code: 'command/unknown' })
    expect(bench.row('11')?.leaving).toBe(false)
  })

  test('is sent as it was given, whatever JSON it holds, in one document for all', async () => {
    const bench = await new Bench().start()
    const asked = vi.spyOn(bench.server.queries, 'ask')
    const payload = {
      list: Array.from({ length: 2000 }, (_, i) => i),
      text: 'a'.repeat(100_000),
      half: '\uD800',
      json: { 'a b': 1, left: undefined },
    }
    bench.server.replies.push('offline')
    bench.client.command('note', payload)
    payload.list.length = 0
    bench.client.command('ship', { id: '11' })
    for (let i = 0; i < 3; i++) await bench.pass(2000)
    const given = { ...payload, list: Array.from({ length: 2000 }, (_, i) => i), json: { 'a b': 1 } }
    expect(bench.server.commands.map((command) => command.payload)).toEqual([given, given, { id: '11' }])
    const documents = asked.mock.calls.map(([document]) => document).filter((document) => document.startsWith('mutation'))
    expect(new Set(documents).size).toBe(1)
    expect(documents[0]?.length).toBeLessThan(200)
  })

  test.each([[NaN], [undefined], [() => 1], [1n]])('that cannot be sent is thrown back, and nothing is expected (%s)', async (value) => {
    const bench = await new Bench().start()
    const give = (): CommandHandle => bench.client.command('ship', { list: [value as never] }, { expect: [LEAVES] })
    expect(give).toThrow(expect.objectContaining({ code: 'command/bad-payload' }) as Error)
    expect(bench.row('11')?.leaving).toBe(false)
  })

  test('is sent again with the same id when an answer is lost or the server asks for it', async () => {
    const bench = await new Bench().start()
    const busy = { data: { command: null }, errors: [{ message: 'full', extensions: { code: 'bus/full', retry: 'later' } }] }
    bench.server.replies.push('offline', busy)
    const { id } = bench.client.command('ship', { id: '11' })
    for (let i = 0; i < 3; i++) await bench.pass(2000)
    expect(bench.server.commands.map((command) => command.id)).toEqual([id, id, id])
    expect(bench.events.map((event) => event.status)).toEqual(['sending', 'accepted'])
  })

  const REFUSED = { data: { command: null }, errors: [{ message: 'no', extensions: { code: 'access/denied', retry: 'never' } }] }
  const BUSY = { data: { command: null }, errors: [{ message: 'full', extensions: { code: 'bus/full', retry: 'later' } }] }

  describe('that is refused after an attempt without an answer', () => {
    async function refusedLate(first: 'offline' | typeof BUSY): Promise<Bench & CommandHandle> {
      const bench = await new Bench().start()
      bench.server.replies.push(first, REFUSED)
      const given = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
      for (let i = 0; i < 3; i++) await bench.pass(2000)
      expect(bench.server.commands).toHaveLength(2)
      expect(await outcome(given.settled)).toBeNull()
      expect(bench.row('11')?.leaving).toBe(true)
      return Object.assign(bench, given)
    }

    test.each([['offline'], [BUSY]] as const)('may have been taken: its receipt says what became of it (%j)', async (first) => {
      const bench = await refusedLate(first)
      bench.server.finish(bench.id, 'applied', (draft) => void draft.orders.delete('11'))
      await bench.pass(0)
      expect(await outcome(bench.settled)).toMatchObject({ status: 'applied' })
    })

    test('is unknown when nothing comes, and says why', async () => {
      const bench = await refusedLate('offline')
      await bench.pass(100_000)
      expect(await outcome(bench.settled)).toMatchObject({ status: 'unknown' })
      expect(bench.events.at(-1)?.error).toEqual({ code: 'access/denied', message: 'no' })
    })
  })

  test('that fails inside of the server may have been taken', async () => {
    const bench = await new Bench().start()
    bench.server.replies.push({ data: null, errors: [{ message: 'internal server error', extensions: { code: 'INTERNAL' } }] })
    const { id } = bench.client.command('ship', { id: '11' })
    for (let i = 0; i < 3; i++) await bench.pass(2000)
    expect(bench.server.commands.map((command) => command.id)).toEqual([id, id])
  })

  test('is sent when the one before has been answered, not before', async () => {
    const bench = await new Bench().start()
    bench.server.replies.push(BUSY)
    const ids = [5, 7].map((n) => bench.client.command('set', { n }).id)
    for (let i = 0; i < 3; i++) await bench.pass(2000)
    expect(bench.server.commands.map(({ id }) => id)).toEqual([ids[0], ...ids])
  })

  test('is not held up by one that may not wait any longer', async () => {
    const bench = await new Bench().start()
    for (let i = 0; i < 100; i++) bench.server.replies.push(BUSY)
    const first = bench.client.command('set', { n: 5 }, { validForMs: 10_000 })
    const second = bench.client.command('set', { n: 7 })
    for (let i = 0; i < 9; i++) await bench.pass(1000)
    expect(new Set(bench.server.commands.map(({ id }) => id))).toEqual(new Set([first.id]))
    bench.server.replies.length = 0
    await bench.pass(1000)
    expect(bench.server.commands.at(-1)?.id).toBe(second.id)
  })

  test('waits for the connection, and is sent when it is back', async () => {
    const bench = await new Bench().start()
    bench.server.cut()
    const { settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
    await bench.pass(30_000)
    expect(bench.server.commands).toEqual([])
    expect(bench.row('11')?.leaving).toBe(true)
    bench.server.connect()
    await bench.pass(0)
    expect(bench.server.commands).toHaveLength(1)
    expect(await outcome(settled)).toBeNull()
  })

  test('is given up when the connection stays away for longer than it may wait', async () => {
    const bench = await new Bench().start()
    bench.server.cut()
    const { settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES], validForMs: 5000 })
    await bench.pass(5000)
    expect(await outcome(settled)).toMatchObject({ status: 'expired', code: 'command/expired' })
    expect(bench.events.at(-1)?.error?.message).toBe('no connection for 5 s: the command was not sent')
    bench.server.connect()
    await bench.pass(0)
    expect(bench.server.commands).toEqual([])
    expect(bench.row('11')?.leaving).toBe(false)
  })

  test('of a target without transactions ends with `done`, after a moment for `applied`', async () => {
    const bench = await new Bench().start()
    const { id, settled } = bench.client.command('mail', {}, { expect: [LEAVES] })
    await bench.pass(0)
    bench.server.finish(id, 'done')
    await bench.pass(0)
    expect(await outcome(settled)).toBeNull()
    await bench.pass(20_000)
    expect(await outcome(settled)).toMatchObject({ status: 'done' })
    expect(bench.row('11')?.leaving).toBe(false)
  })

  test('is waited for as long as the server says that its handler may', async () => {
    const bench = await new Bench().start()
    bench.server.replies.push({ data: { command: { id: '', status: 'accepted', validForMs: 600_000 } } })
    const { settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
    await bench.pass(0)
    await bench.pass(620_000)
    expect(await outcome(settled)).toBeNull()
    expect(bench.row('11')?.leaving).toBe(true)
    await bench.pass(10_000)
    expect(await outcome(settled)).toMatchObject({ status: 'unknown' })
  })

  test('of which nothing is heard is asked for by its id before it is given up', async () => {
    const bench = await new Bench().start()
    bench.page.close()
    const given = [
      bench.client.command('ship', { id: '11' }, { graph: 'sales' }),
      bench.client.command('mail', {}, { graph: 'sales' }),
      bench.client.command('ship', { id: '12' }, { graph: 'sales' }),
      bench.client.command('ship', { id: '13' }),
    ]
    await bench.pass(0)
    const asked = bench.server.questions.length
    bench.server.finish(given[0]?.id ?? '', 'applied')
    bench.server.finish(given[1]?.id ?? '', 'done')
    await bench.pass(95_000)
    await bench.pass(10_000)
    const ends = await Promise.all(given.map(async ({ settled }) => (await outcome(settled))?.status))
    expect(ends).toEqual(['applied', 'done', 'unknown', 'unknown'])
    expect(bench.server.questions.slice(asked).length).toBeLessThanOrEqual(2)
  })

  test('is not lost when more receipts come at once than are followed', async () => {
    const bench = await new Bench().start()
    const all = Array.from({ length: 1250 }, (_, i) =>
      bench.client.command('ship', { id: String(i) }, i === 1249 ? { expect: [LEAVES] } : {}),
    )
    await bench.pass(0)
    while (bench.server.commands.length < all.length) await bench.pass(0)
    expect(bench.row('11')?.leaving).toBe(true)
    bench.server.commit((draft) => {
      draft.orders.delete('11')
      for (const { id } of all) draft._receipts.set(id, bench.server.data.receipt(id, 'applied'))
    })
    for (let i = 0; i < 6; i++) await bench.pass(0)
    const outcomes = await Promise.all(all.map(({ settled }) => outcome(settled)))
    expect(Object.groupBy(outcomes, (receipt) => receipt?.status ?? 'pending')).toEqual({ applied: outcomes })
    // What was asked for it is not followed any more.
    expect(bench.server.channels.size).toBe(2)
  })

  test('of which nothing is heard any more is unknown', async () => {
    const bench = await new Bench().start()
    const { settled } = bench.client.command('ship', { id: '11' }, { expect: [LEAVES] })
    await bench.pass(0)
    await bench.pass(100_000)
    expect(await outcome(settled)).toMatchObject({ status: 'unknown' })
  })

  test('is forgotten by a page that shows nothing of it, and receipts are asked for only once', async () => {
    const bench = await new Bench().start()
    for (let i = 0; i < 3; i++) bench.client.command('ship', { id: String(i) })
    await bench.pass(0)
    expect(bench.server.questions.filter((question) => question.includes('_receipts'))).toHaveLength(1)
    expect(Object.keys(bench.page.picture.fields)).toEqual(['orders'])
  })
})
