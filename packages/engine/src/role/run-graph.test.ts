import { must } from '@sheetflow/core/assert'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Log } from '@sheetflow/core/ports/host'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { describe, expect, it, vi } from 'vitest'
import { deployment } from '../testing/graph-bench.ts'
import { breakingBus, readOutputs, RoleBench } from '../testing/role-bench.ts'
import { SourceWriter } from '../testing/source-writer.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const

function orders(gross: string): BoundGraph {
  return boundGraph({
    tables: { 'shop!public.orders': { columns: { id: INT, total: INT, status: TEXT } } },
    sheets: {
      's.open': { rows: '=FILTER(shop!orders, shop!orders[status]="open")', columns: { gross } },
      's.totals': { columns: { count: '=ROWS(shop!orders)', sum: '=SUM(shop!orders[total])' } },
    },
  })
}

const GRAPHS = { a: orders('=[@total]*2'), b: orders('=[@total]*3') }

async function shop(checkpointRows?: number, partRows?: number) {
  const bus = new MemoryBus()
  const source = new SourceWriter(bus, 'shop')
  await source.load(GRAPHS.a.tables.map((table) => table.schema))
  const stateStore = memoryStateStore()
  const role = new RoleBench({
    bus,
    sources: ['shop'],
    graphs: GRAPHS,
    stateStore,
    ...(checkpointRows === undefined ? {} : { checkpointRows }),
    ...(partRows === undefined ? {} : { partRows }),
  })
  await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
  return { bus, source, role, stateStore }
}

const order = (id: number, total: number, status: string) => ['c', [id], [id, total, status], null] as const

describe('the graph role', () => {
  it('activates the first deployment, publishes views, and follows', async () => {
    const { source, role } = await shop()
    role.start()
    await source.rows([['public.orders', 1, [order(1, 5, 'open'), order(2, 7, 'paid')]]])
    const reader = await role.until((read) => read.rows('s.totals')[0]?.[1] === 12)
    expect(reader.rows('s.open')).toEqual([[1, 5, 'open', 10]])
    expect(reader.views.get('s.open')).toMatchObject({ status: 'ready' })
    expect(await role.stop()).toBeUndefined()
  })

  it('a deployment that comes before all tables is early, not wrong: nobody is warned', async () => {
    const warn = vi.fn<Log['warn']>()
    const silent = (): void => undefined
    const bus = new MemoryBus()
    const source = new SourceWriter(bus, 'shop')
    const role = new RoleBench({
      bus,
      sources: ['shop'],
      graphs: GRAPHS,
      stateStore: null,
      log: { debug: silent, info: silent, warn, error: silent },
    })
    await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
    role.start()
    await role.untilRead([])
    await source.load(GRAPHS.a.tables.map((table) => table.schema))
    await source.rows([['public.orders', 1, [order(1, 5, 'open')]]])
    await role.until((read) => read.rows('s.open').length === 1)
    expect(await role.stop()).toBeUndefined()
    expect(warn).not.toHaveBeenCalled()
  })

  it('swaps a new deployment in one transaction; views that mean the same go on', async () => {
    const { source, role } = await shop()
    role.start()
    await source.rows([['public.orders', 1, [order(1, 5, 'open')]]])
    const before = await role.until((read) => read.rows('s.open').length === 1)
    await role.say({ v: 1, kind: 'deploy', ...deployment('b') })
    const after = await role.until((read) => read.rows('s.open')[0]?.[3] === 15)
    expect(must(after.views.get('s.open')).generation).toBe(must(before.views.get('s.open')).generation + 1)
    expect(must(after.views.get('s.totals')).generation).toBe(must(before.views.get('s.totals')).generation)
    await role.stop()
  })

  it('law 11: a receipt is applied in the very transaction of its effect', async () => {
    const { bus, source, role } = await shop()
    role.start()
    await role.say({ v: 1, kind: 'receipt', id: 'c1', user: '7', status: 'done', result: { e: 'x' }, at: '2026-11-23T10:00:00.000000Z' })
    await source.rows([['public.orders', 1, [order(1, 5, 'open')]]], [{ id: 'c1', user: '7' }])
    await source.rows([], [{ id: 'c2', user: '7' }])
    const reader = await role.until((read) => read.rows('g._receipts').some((row) => row[0] === 'c2'))
    await role.stop()
    expect(reader.rows('g._receipts').map((row) => [row[0], row[2]])).toEqual([
      ['c1', 'applied'],
      ['c2', 'applied'],
    ])
    const { transactions } = await readOutputs(bus)
    const effect = must(transactions.find((one) => one.commit?.causes.some((cause) => cause.id === 'c1')))
    const tables = effect.pieces.flatMap((piece) => (piece.kind === 'rows' ? [piece.message.table] : []))
    expect(new Set(tables)).toEqual(new Set(['g._receipts', 's.open', 's.totals']))
    // `inputs` of the receipt are the places of the transaction that carries it.
    const places = Object.entries(effect.commit?.inputs ?? {}).map(([stream, { epoch, offset }]) => [stream, { epoch, offset }])
    const rows = effect.pieces.flatMap((piece) =>
      piece.kind === 'rows' && piece.message.table === 'g._receipts' ? piece.message.rows : [],
    )
    expect(rows[0]?.[2]?.[6]).toEqual(JSON.stringify(Object.fromEntries(places)))
  })

  it('publishes rows that are bigger than a message: a long text, before and after', async () => {
    const bus = new MemoryBus()
    const source = new SourceWriter(bus, 'shop')
    const notes = boundGraph({
      tables: { 'shop!public.notes': { columns: { id: INT, text: TEXT } } },
      sheets: { 's.notes': { rows: '=shop!notes', keep: ['text'] } },
    })
    await source.load(notes.tables.map((table) => table.schema))
    const role = new RoleBench({ bus, sources: ['shop'], graphs: { a: notes }, stateStore: null })
    await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
    role.start()
    await role.until((read) => read.views.has('s.notes'))
    const [first, second] = ['a'.repeat(200_000), 'b'.repeat(200_000)]
    await source.rows([['public.notes', 1, [['c', [1], [1, first], null]]]])
    await source.rows([['public.notes', 1, [['u', [1], [1, second], [1, first]]]]])
    await role.until((read) => read.rows('s.notes').some((row) => row[1] === second))
    expect(await role.stop()).toBeUndefined()
  })

  it('a row that no message can carry goes on without its largest values, which are #VALUE! and told of, and is whole again', async () => {
    const bus = new MemoryBus()
    const source = new SourceWriter(bus, 'shop')
    const copies = Array.from({ length: 10 }, (_, i) => `c${i}`)
    const notes = boundGraph({
      tables: { 'shop!public.notes': { columns: { id: INT, text: TEXT } } },
      sheets: {
        's.notes': {
          rows: '=shop!notes',
          keep: ['size', ...copies],
          columns: { size: '=LEN([@text])', ...Object.fromEntries(copies.map((name) => [name, '=[@text]'])) },
        },
      },
    })
    await source.load(notes.tables.map((table) => table.schema))
    const warn = vi.fn<Log['warn']>()
    const silent = (): void => undefined
    const role = new RoleBench({
      bus,
      sources: ['shop'],
      graphs: { a: notes },
      stateStore: null,
      log: { debug: silent, info: silent, warn, error: silent },
    })
    await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
    role.start()
    await role.until((read) => read.views.has('s.notes'))
    const [short, long, longer] = ['a', 'b'.repeat(250_000), 'ż'.repeat(125_001)]
    const shown = async (text: string): Promise<readonly unknown[]> =>
      must((await role.until((read) => read.rows('s.notes')[0]?.[1] === text.length)).rows('s.notes')[0]).slice(2)
    await source.rows([['public.notes', 1, [['c', [1], [1, short], null]]]])
    expect(await shown(short)).toEqual(copies.map(() => short))
    const cut = (text: string, left: number): unknown[] => copies.map((of, i) => (i < left ? text : { e: '#VALUE!', of }))
    await source.rows([['public.notes', 1, [['u', [1], [1, long], [1, short]]]]])
    expect(await shown(long)).toEqual(cut(long, 6))
    await source.rows([['public.notes', 1, [['u', [1], [1, longer], [1, long]]]]])
    expect(await shown(longer)).toEqual(cut(longer, 6))
    expect(warn.mock.calls.filter(([name]) => name === 'graph/row-too-large')).toEqual([
      ['graph/row-too-large', { graph: 'g', view: 's.notes', rows: 1, bytes: 1_572_864 }],
      ['graph/row-too-large', { graph: 'g', view: 's.notes', rows: 1, bytes: 1_572_864 }],
    ])
    await source.rows([['public.notes', 1, [['u', [1], [1, short], [1, longer]]]]])
    expect(await shown(short)).toEqual(copies.map(() => short))
    expect(await role.stop()).toBeUndefined()
  })

  it('takes a large transaction in as it comes, shows it whole at its commit, and lets nothing in between', async () => {
    const { bus, source, role } = await shop(undefined, 100)
    role.start()
    await role.until((read) => read.views.has('s.totals'))
    const rows = Array.from({ length: 1_000 }, (_, id) => order(id, 1, 'open'))
    const commit = await source.open([['public.orders', 1, rows]])
    await role.say({ v: 1, kind: 'receipt', id: 'c1', user: '7', status: 'done', result: null, at: '2026-11-23T10:00:00.000000Z' })
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
    const { reader, transactions } = await readOutputs(bus)
    expect(reader.rows('s.totals')).toEqual([[0, 0]])
    expect(reader.rows('g._receipts')).toEqual([])
    await commit()
    await role.until((read) => read.rows('s.totals')[0]?.[0] === 1_000 && read.rows('g._receipts').length === 1)
    await role.stop()
    const later = (await readOutputs(bus)).transactions.slice(transactions.length)
    expect(later.map(({ commit: one }) => one?.counts['s.open'] ?? 0)).toEqual([1_000, 0])
  })

  it('goes on from a checkpoint, and reads again only what is behind it', async () => {
    const { source, role, stateStore } = await shop(1)
    role.start()
    for (let id = 1; id <= 20; id++) await source.rows([['public.orders', 1, [order(id, id, 'open')]]])
    await role.untilRead([source])
    await role.stop()
    const checkpoint = must(await stateStore.load())
    expect(checkpoint.head.inputs['SF_SRC_shop']?.offset).toBeGreaterThan(3)
    await source.rows([['public.orders', 1, [['u', [3], [3, 100, 'open'], null]]]])
    role.start()
    const reader = await role.untilRead([source])
    await role.stop()
    expect(reader.rows('s.totals')).toEqual([[20, 307]])
    expect(reader.rows('s.open')[2]).toEqual([3, 100, 'open', 200])
  })

  it('tells its readers everything anew when its stream has a new epoch, as after its server had lost it: to them it is another history', async () => {
    for (const checkpoints of [undefined, 1]) {
      const { bus, source, role } = await shop(checkpoints)
      role.start()
      await source.rows([['public.orders', 1, [order(1, 5, 'open')]]])
      await role.untilRead([source])
      await role.stop()
      const { epoch, last } = await bus.range('SF_GRAPH_g')
      await bus.ensure('SF_GRAPH_g', { epoch: epoch + 1 })
      await source.rows([['public.orders', 1, [order(2, 6, 'open')]]])
      role.start()
      const reader = await role.untilRead([source])
      await role.stop()
      const schemas = (await bus.last('SF_GRAPH_g', 'sf.wb.s._schema.open')).map(({ offset }) => offset)
      expect(schemas.every((offset) => offset > last)).toBe(true)
      const { generation } = must(reader.views.get('s.open'))
      expect(generation).toBeGreaterThan(1)
      expect(reader.rows('s.open').map(([id]) => id)).toEqual([1, 2])
      // Once told, it goes on as ever.
      await source.rows([['public.orders', 1, [order(3, 7, 'open')]]])
      role.start()
      const again = await role.untilRead([source])
      await role.stop()
      expect(again.views.get('s.open')?.generation).toBe(generation)
    }
  })

  it('drops a half-written output and writes it again whole', async () => {
    const { bus, source, role } = await shop()
    role.start()
    await role.until((read) => read.views.has('s.totals'))
    await role.stop()
    await source.rows([['public.orders', 1, [order(1, 5, 'open')]]])
    role.start(breakingBus(bus, 'SF_GRAPH_g', 1, 1))
    expect(isSheetflowError(await role.death(), 'bus/unavailable')).toBe(true)
    const { transactions } = await readOutputs(bus)
    expect(transactions.at(-1)?.pieces.some((piece) => piece.kind === 'rows' && piece.message.table === 's.open')).toBe(false)
    role.start()
    const reader = await role.untilRead([source])
    await role.stop()
    expect(reader.rows('s.open')).toEqual([[1, 5, 'open', 10]])
  })

  it('is fenced off by a second life', async () => {
    const { bus, source, role } = await shop()
    const second = new RoleBench({ bus, sources: ['shop'], graphs: GRAPHS, stateStore: null })
    role.start()
    await role.until((read) => read.views.has('s.totals'))
    second.start()
    await second.until(() => second.live)
    await source.rows([['public.orders', 1, [order(1, 5, 'open')]]])
    const died = await Promise.race([role.death(), second.death()])
    expect(isSheetflowError(died, 'bus/fenced')).toBe(true)
  })

  it('asks for a snapshot when what it read was trimmed and no checkpoint is there', async () => {
    const { bus, source, role } = await shop()
    role.start()
    await source.rows([['public.orders', 1, [order(1, 5, 'open'), order(2, 6, 'open')]]])
    await role.until((read) => read.rows('s.open').length === 2)
    await role.stop()
    const { last } = await bus.range('SF_SRC_shop')
    await bus.trim('SF_SRC_shop', { maxBytes: 0 })
    const again = new RoleBench({ bus, sources: ['shop'], graphs: GRAPHS, stateStore: null })
    again.start()
    const asked = await messages(bus, 'SF_IN_SRC_shop')
    expect(asked).toMatchObject([{ kind: 'resnapshot', tables: ['public.orders'] }])
    expect(last).toBeGreaterThan(0)
    await source.control({ kind: 'start', run: 2, tables: ['public.orders'] })
    await source.rows([['public.orders', 1, [['r', [2], [2, 6, 'open'], null]]]])
    await source.control({ kind: 'loaded', run: 2, tables: ['public.orders'] })
    const reader = await again.until((read) => read.views.get('s.open')?.status === 'ready' && read.rows('s.open').length === 1)
    expect(reader.rows('s.totals')).toEqual([[1, 6]])
    await again.stop()
  })

  it('does not take for loaded what a run brought that was trimmed in its middle: readers keep what they have, as stale', async () => {
    const { bus, source, role } = await shop()
    role.start()
    await source.rows([['public.orders', 1, [order(1, 5, 'open'), order(2, 6, 'open')]]])
    await role.until((read) => read.rows('s.open').length === 2)
    await role.stop()
    await source.control({ kind: 'start', run: 2, tables: ['public.orders'] })
    await source.rows([['public.orders', 1, [1, 2].map((id) => ['r', [id], [id, 4 + id, 'open'], null] as const)]])
    await bus.trim('SF_SRC_shop', { maxBytes: 0 })
    await source.control({ kind: 'loaded', run: 2, tables: ['public.orders'] })
    await source.rows([['public.orders', 1, [order(3, 7, 'open')]]])
    const again = new RoleBench({ bus, sources: ['shop'], graphs: GRAPHS, stateStore: null })
    again.start()
    expect(await messages(bus, 'SF_IN_SRC_shop')).toMatchObject([{ kind: 'resnapshot', tables: ['public.orders'] }])
    const { reader: meanwhile } = await readOutputs(bus)
    expect(meanwhile.views.get('s.open')).toMatchObject({ status: 'stale' })
    expect(meanwhile.rows('s.open')).toHaveLength(2)
    await source.control({ kind: 'start', run: 3, tables: ['public.orders'] })
    await source.rows([['public.orders', 1, [1, 2, 3].map((id) => ['r', [id], [id, 4 + id, 'open'], null] as const)]])
    await source.control({ kind: 'loaded', run: 3, tables: ['public.orders'] })
    const reader = await again.until((read) => read.views.get('s.open')?.status === 'ready')
    expect(reader.rows('s.totals')).toEqual([[3, 18]])
    await again.stop()
  })
})

async function messages(bus: MemoryBus, stream: string): Promise<unknown[]> {
  for (;;) {
    const known = await bus.range(stream).catch(() => null)
    if (known !== null && known.last > 0) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  const all: unknown[] = []
  for await (const batch of bus.read(stream, { from: 1, untilNow: true })) {
    for (const message of batch) all.push(JSON.parse(new TextDecoder().decode(message.body)))
  }
  return all
}
