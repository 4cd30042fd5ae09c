import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import { encodeBody } from '@sheetflow/core/framing/codec'
import type { RowChange } from '@sheetflow/core/message'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { graphInbox, tableSubject } from '@sheetflow/core/subject'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { describe, expect, it } from 'vitest'
import { lastLetters } from '../letters/last-letters.ts'
import { deployment } from '../testing/graph-bench.ts'
import { readOutputs, RoleBench } from '../testing/role-bench.ts'
import { SourceWriter } from '../testing/source-writer.ts'

const INT = { type: 'int' } as const
const GRAPH = boundGraph({
  tables: { 'shop!public.orders': { columns: { id: INT, total: INT, status: { type: 'text' } } } },
  sheets: { 's.open': { rows: '=FILTER(shop!orders, shop!orders[status]="open")', columns: {} } },
})
const STREAM = 'SF_SRC_shop'
const SUBJECT = tableSubject('shop', 'public.orders')
const NO_JSON = new TextEncoder().encode('{"v":1,"table":"public.orders","rows":[["c",[1')

const order = (id: number, total: number): RowChange => ['c', [id], [id, total, 'open'], null]

async function shop({ checkpoints = false } = {}) {
  const bus = new MemoryBus()
  const source = new SourceWriter(bus, 'shop')
  await source.load(GRAPH.tables.map((table) => table.schema))
  const stateStore = checkpoints ? memoryStateStore() : null
  const role = new RoleBench({ bus, sources: ['shop'], graphs: { a: GRAPH }, stateStore, checkpointRows: 1 })
  await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
  let n = 0
  const write = async (...rows: readonly RowChange[]): Promise<void> => await source.rows([['public.orders', 1, rows]])
  /** Puts bytes on the bus that no writer of ours would. */
  const poison = async (body: Uint8Array, stream = STREAM, subject = SUBJECT): Promise<number> =>
    (await bus.append(stream, [{ subject, id: `poison-${++n}`, body }])).last
  return { bus, source, role, write, poison }
}

/** What the sources are asked for. */
async function asked(bus: Bus): Promise<unknown[]> {
  const { last } = await bus.ensure('SF_IN_SRC_shop')
  const all: unknown[] = []
  if (last > 0) for await (const batch of bus.read('SF_IN_SRC_shop', { from: 1, untilNow: true })) all.push(...batch.map(json))
  return all
}

const json = ({ body }: StoredMessage): unknown => JSON.parse(new TextDecoder().decode(body))

describe('poison on the bus', () => {
  it('a message that is no JSON: the rest of its transaction and all that follows go on, the view says stale until the table is read again', async () => {
    const { bus, source, role, write, poison } = await shop()
    role.start()
    await write(order(1, 5), order(2, 6))
    const offset = await poison(NO_JSON)
    await write(['u', [2], [2, 7, 'open'], null])
    const reader = await role.until((read) => read.rows('s.open')[1]?.[1] === 7)
    expect(reader.views.get('s.open')?.status).toBe('stale')
    expect(await lastLetters(bus, 'g')).toMatchObject({
      open: [{ id: `shop-${offset}`, table: 'public.orders', key: null, offset, stream: STREAM }],
    })
    expect(await asked(bus)).toMatchObject([{ kind: 'resnapshot', tables: ['public.orders'] }])
    await source.control({ kind: 'start', run: 2, tables: ['public.orders'] })
    await write(['r', [1], [1, 8, 'open'], null], ['r', [2], [2, 7, 'open'], null])
    await source.control({ kind: 'loaded', run: 2, tables: ['public.orders'] })
    const healed = await role.until((read) => read.views.get('s.open')?.status === 'ready')
    expect(healed.rows('s.open')).toEqual([
      [1, 8, 'open'],
      [2, 7, 'open'],
    ])
    expect(await lastLetters(bus, 'g')).toMatchObject({ open: [], closed: [{ state: 'healed', offset }], total: 1 })
    await role.stop()
  })

  it('law 6: stale is said in the very transaction that the poison was part of, with its other rows and the letter', async () => {
    const { bus, role, write } = await shop()
    role.start()
    await write(order(1, 5))
    await role.until((read) => read.rows('s.open').length === 1)
    await write(order(2, 6), ['u', [1], [1, { x: 1 } as never, 'open'], null], order(3, 7))
    await role.until((read) => read.rows('s.open').length === 3)
    const { transactions } = await readOutputs(bus)
    const said = must(
      transactions.find(({ pieces }) => pieces.some((piece) => piece.kind === 'control' && piece.message.kind === 'letters')),
    )
    expect(said.pieces.map(({ kind }) => kind)).toEqual(['control', 'control', 'rows'])
    expect(said.pieces[0]).toMatchObject({ message: { kind: 'view', view: 's.open', status: 'stale' } })
    expect(said.commit?.counts).toEqual({ 's.open': 3 })
    expect(await asked(bus)).toMatchObject([{ kind: 'reread', table: 'public.orders', keys: [['1']] }])
    await role.stop()
  })

  it.each([
    ['from a checkpoint', true],
    ['from the beginning of the streams', false],
  ])('law 4: a restart %s decides the same and publishes nothing anew', async (_, checkpoints) => {
    const { bus, source, role, write, poison } = await shop({ checkpoints })
    role.start()
    await write(order(1, 5), order(2, 6))
    await write(['u', [1], [1, 7], null] as RowChange, order(3, 1))
    await poison(NO_JSON)
    await write(order(4, 1))
    const before = await role.untilRead([source])
    const letters = await lastLetters(bus, 'g')
    expect(letters.open).toHaveLength(2)
    await role.stop()
    role.start()
    await write(order(5, 1))
    const after = await role.untilRead([source])
    expect(after.views.get('s.open')).toMatchObject({ status: 'stale', generation: before.views.get('s.open')?.generation })
    expect(after.rows('s.open').map(([id]) => id)).toEqual([1, 2, 3, 4, 5])
    expect(await lastLetters(bus, 'g')).toEqual(letters)
    await write(['r', [1], [1, 9, 'open'], null])
    await role.until((read) => read.rows('s.open')[0]?.[1] === 9)
    expect((await lastLetters(bus, 'g')).open.map(({ key }) => key)).toEqual([null])
    await role.stop()
  })

  it('a program that can read what the one before could not publishes every view anew', async () => {
    const { bus, source, role, write, poison } = await shop()
    role.start()
    await write(order(1, 5))
    const offset = await poison(NO_JSON)
    const before = await role.untilRead([source])
    await role.stop()
    const rows = encodeBody({ v: 1, table: 'public.orders', schema: 1, tx: 'late', first: 0, rows: [order(2, 6)] })
    role.start(altered(bus, (message) => (message.offset === offset ? rows : message.body)))
    const after = await role.until((read) => read.rows('s.open').length === 2)
    expect(after.views.get('s.open')).toMatchObject({ status: 'ready', generation: must(before.views.get('s.open')).generation + 1 })
    expect((await lastLetters(bus, 'g')).open).toEqual([])
    await role.stop()
  })

  it('a message of its inbox that cannot be read is kept for somebody to see, and what follows counts', async () => {
    const { bus, role, write, poison } = await shop()
    role.start()
    const offset = await poison(encodeBody({ v: 1, kind: 'edit' }), graphInbox('g'), 'sf.in.graph.g.edit')
    await write(order(1, 5))
    const reader = await role.until((read) => read.rows('s.open').length === 1)
    expect(reader.views.get('s.open')?.status).toBe('ready')
    expect((await lastLetters(bus, 'g')).open).toMatchObject([
      { id: `inbox-${offset}`, source: null, reason: expect.stringContaining("no proper 'sheet'") },
    ])
    await role.say({ v: 1, kind: 'letter', action: 'drop', ids: [`inbox-${offset}`] })
    await expect.poll(async () => (await lastLetters(bus, 'g')).closed).toMatchObject([{ state: 'dropped' }])
    await role.stop()
  })
})

describe('what is no poison', () => {
  it('bytes that are right when they are fetched again', async () => {
    const { bus, role, write, poison } = await shop()
    const rows = encodeBody({ v: 1, table: 'public.orders', schema: 1, tx: 'x', first: 0, rows: [order(1, 5)] })
    const offset = await poison(rows)
    await write(order(2, 6))
    let reads = 0
    role.start(altered(bus, (message) => (message.offset === offset && ++reads <= 2 ? NO_JSON : message.body)))
    await role.until((read) => read.rows('s.open').length === 2)
    expect(reads).toBeGreaterThanOrEqual(3)
    expect((await lastLetters(bus, 'g')).total).toBe(0)
    await role.stop()
  })

  it.each([
    ['the bus fails', 'bus/unavailable'],
    ['the disk is full', 'bus/full'],
  ] as const)('%s: the role ends with its error, and there is no letter', async (_, code) => {
    const { bus, role, poison } = await shop()
    role.start()
    await role.until((read) => read.views.has('s.open'))
    await role.stop()
    const offset = await poison(NO_JSON)
    let reads = 0
    const failing = altered(bus, (message) => {
      if (message.offset === offset && ++reads === 2) throw new SheetflowError(code, 'not now')
      return message.body
    })
    role.start(failing)
    expect(await role.death()).toMatchObject({ code })
    expect((await lastLetters(bus, 'g')).total).toBe(0)
  })

  it('a format of a newer version, and a commit that cannot be read: nothing behind them may be guessed', async () => {
    for (const [subject, body, code] of [
      [SUBJECT, encodeBody({ v: 2 }), 'core/unknown-format'],
      ['sf.src.shop._commit', NO_JSON, 'core/bad-message'],
    ] as const) {
      const { role, poison } = await shop()
      await poison(body, STREAM, subject)
      role.start()
      expect(await role.death()).toMatchObject({ code })
    }
  })
})

/** A bus from which the source's stream is read otherwise than it stands there. */
function altered(bus: Bus, bodyOf: (message: StoredMessage) => Uint8Array): Bus {
  return {
    atomic: bus.atomic,
    durableAfterMs: bus.durableAfterMs,
    ensure: (name, options) => bus.ensure(name, options),
    append: (name, messages, options) => bus.append(name, messages, options),
    last: (name, subject) => bus.last(name, subject),
    range: (name) => bus.range(name),
    retain: (name, reader, offset) => bus.retain(name, reader, offset),
    trim: (name, limits) => bus.trim(name, limits),
    async *read(name, options) {
      for await (const batch of bus.read(name, options)) {
        yield name === STREAM ? batch.map((message) => ({ ...message, body: bodyOf(message) })) : batch
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
