import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowChange } from '@sheetflow/core/message'
import type { Checkpoint } from '@sheetflow/core/ports/state-store'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { beforeEach, describe, expect, it } from 'vitest'
import { compileFrom } from '../testing/compile-from.ts'
import { deployment } from '../testing/graph-bench.ts'
import { readOutputs, RoleBench } from '../testing/role-bench.ts'
import { SourceWriter } from '../testing/source-writer.ts'
import { firstCommit, lastCommit, lastCommitBy } from './find-commit.ts'
import { GraphRows } from './graph-rows.ts'
import { KeyHistory } from './key-history.ts'
import type { KeyChange } from './key-history.ts'
import { readView, viewSchemas } from './read-output.ts'
import type { ReadableBus } from './reading-bus.ts'
import { rebuild } from './rebuild.ts'
import { readSourceHistory } from './source-history.ts'
import type { SourceEvent } from './source-history.ts'
import { tryDeployment } from './try-deployment.ts'
import { ViewFold } from './view-image.ts'
import type { ViewImage } from './view-image.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const

function orders(rows: string, gross: string, columns: Readonly<Record<string, string>> = {}): BoundGraph {
  return boundGraph({
    tables: {
      'shop!public.orders': { columns: { id: INT, total: INT, status: TEXT } },
      'shop!public.notes': { columns: { id: INT, text: TEXT } },
    },
    sheets: {
      's.open': { rows, columns: { gross, ...columns } },
      's.totals': { columns: { count: '=ROWS(shop!orders)', sum: '=SUM(shop!orders[total])' } },
    },
  })
}

const OPEN = '=FILTER(shop!orders, shop!orders[status]="open")'
const GRAPHS = {
  a: orders(OPEN, '=[@total]*2'),
  b: orders(OPEN, '=[@total]*3'),
  wider: orders('=FILTER(shop!orders, shop!orders[total]>5)', '=[@total]*2'),
  noted: orders(OPEN, '=[@total]*2', { said: '=XLOOKUP([@id], shop!notes[id], shop!notes[text], "-")' }),
}
const NEVER = new AbortController().signal

const order = (id: number, total: number, status: string): RowChange => ['c', [id], [id, total, status], null]

let bus: MemoryBus
let source: SourceWriter
let role: RoleBench
let stateStore: ReturnType<typeof memoryStateStore>

/** Orders come, change and go; a second deployment; the end. */
beforeEach(async () => {
  bus = new MemoryBus()
  source = new SourceWriter(bus, 'shop')
  stateStore = memoryStateStore()
  await source.load(GRAPHS.noted.tables.map((table) => table.schema))
  role = new RoleBench({ bus, sources: ['shop'], graphs: GRAPHS, stateStore, checkpointRows: 3 })
  await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
  role.start()
  const step = async (rows: readonly RowChange[], id: string): Promise<void> => {
    await source.rows([['public.orders', 1, rows]], [{ id, user: '7' }])
    await role.untilRead([source])
  }
  await source.rows([['public.notes', 1, [['c', [3], [3, 'soon'], null]]]])
  await step([order(1, 5, 'open'), order(2, 7, 'open')], 'c1')
  await step([['u', [1], [1, 6, 'open'], null]], 'c2')
  await step([['u', [2], [2, 7, 'paid'], null]], 'c3')
  await role.say({ v: 1, kind: 'deploy', ...deployment('b') })
  await role.until((reader) => reader.rows('s.open')[0]?.[3] === 18)
  await step([['d', [1], null, null]], 'c4')
  await step([order(3, 9, 'open')], 'c5')
  expect(await role.stop()).toBeUndefined()
})

const from = (checkpoint: Checkpoint | null, until?: number) =>
  rebuild({
    bus,
    graph: 'g',
    sources: ['shop'],
    checkpoint,
    compile: compileFrom(GRAPHS),
    signal: NEVER,
    ...(until === undefined ? {} : { until }),
  })

/** What the readers of the view have at that commit, from the stream's beginning. */
async function folded(view: string, until: number): Promise<ViewImage | null> {
  const fold = new ViewFold(view)
  for await (const transaction of readView({ bus, graph: 'g', until, signal: NEVER }, view)) fold.push(transaction)
  return fold.image
}

async function changesOf(view: string, key: KeyJson): Promise<readonly KeyChange[]> {
  const history = new KeyHistory(view, key, (await viewSchemas(bus, 'g')).get(view) ?? null)
  const changes: KeyChange[] = []
  for await (const transaction of readView({ bus, graph: 'g', signal: NEVER }, view)) {
    const change = history.push(transaction)
    if (change !== null) changes.push(change)
  }
  return changes
}

describe('a graph rebuilt', () => {
  it('is, at every commit, what its readers had there', async () => {
    const { transactions } = await readOutputs(bus)
    for (const { position } of transactions) {
      const { offset } = must(position)
      const { graph, position: at } = await from(null, offset)
      expect(at.offset).toBe(offset)
      for (const { view, output } of graph.active?.published ?? []) {
        if (!graph.views.isLive(view)) continue
        expect(Array.from(output.rows(), ([, , row]) => row)).toEqual((await folded(view, offset))?.rows)
      }
    }
  })

  it('is the same from a checkpoint, and writes nothing', async () => {
    const ranges = async () => Promise.all(['SF_GRAPH_g', 'SF_SRC_shop', 'SF_IN_GRAPH_g'].map((stream) => bus.range(stream)))
    const before = await ranges()
    const checkpoint = must(await stateStore.load())
    const [warm, cold] = [await from(checkpoint), await from(null)]
    expect([warm.from, cold.from]).toEqual(['checkpoint', 'beginning'])
    expect(warm.position).toEqual(cold.position)
    expect(warm.inputs).toEqual(cold.inputs)
    const rows = ({ graph }: typeof warm) => graph.active?.published.map(({ output }) => [...output.rows()])
    expect(rows(warm)).toEqual(rows(cold))
    expect(await ranges()).toEqual(before)
    expect((await stateStore.load())?.head).toEqual(checkpoint.head)
  })

  it('beside a graph that runs on is what it was when it was asked for', async () => {
    const { last } = await bus.range('SF_GRAPH_g')
    const looked = { moved: false }
    // Between the first look at the graph's own stream and the next at anything, the graph goes on.
    const moving: ReadableBus = {
      read: (stream, options) => bus.read(stream, options),
      last: (stream, subject) => bus.last(stream, subject),
      range: async (stream) => {
        const range = await bus.range(stream)
        if (!looked.moved && stream === 'SF_SRC_shop') {
          looked.moved = true
          role.start()
          await source.rows([['public.orders', 1, [order(4, 1, 'open')]]])
          await role.untilRead([source])
          await role.stop()
        }
        return range
      },
    }
    const options = { bus: moving, graph: 'g', sources: ['shop'], checkpoint: null, compile: compileFrom(GRAPHS), signal: NEVER }
    expect((await rebuild(options)).position.offset).toBe(last)
    expect((await bus.range('SF_GRAPH_g')).last).toBeGreaterThan(last)
  })

  it('is refused, with the oldest position, where inputs are trimmed before it', async () => {
    const checkpoint = must(await stateStore.load())
    const oldest = checkpoint.head.output.offset
    await bus.trim('SF_SRC_shop', { maxBytes: 0 })
    await expect(from(checkpoint, oldest - 1)).rejects.toMatchObject({ code: 'ledger/out-of-reach', details: { oldest } })
    await expect(from(null, oldest)).rejects.toMatchObject({ code: 'ledger/out-of-reach', details: { oldest: null } })
    expect((await from(checkpoint, oldest)).position.offset).toBe(oldest)
  })

  it('is refused where nothing has run', async () => {
    const nothing = rebuild({ bus, graph: 'h', sources: ['shop'], checkpoint: null, compile: compileFrom(GRAPHS), signal: NEVER })
    await expect(nothing).rejects.toMatchObject({ code: 'ledger/empty' })
  })

  it('gives rows of tables and sheets by key and slot', async () => {
    const { graph } = await from(null)
    const rows = new GraphRows(graph, must(graph.active))
    expect(rows.slots('shop!public.orders').map((slot) => rows.key('shop!public.orders', slot))).toEqual([[2], [3]])
    const slot = rows.find('s.open', [3])
    expect([0, 1, 3].map((column) => rows.json('s.open', slot, column))).toEqual([3, 9, 27])
    // A paid one is a row of the table alone.
    expect([rows.find('shop!public.orders', [2]) >= 0, rows.find('s.open', [2]), rows.find('s.open', [99])]).toEqual([true, -1, -1])
  })
})

describe('the history of a row', () => {
  it('is each change with old and new values, time, cause and generation', async () => {
    const changes = await changesOf('s.open', [1])
    expect(
      changes.map(({ kind, generation, causes, cells }) => ({ kind, generation, by: causes.map((cause) => cause.id), cells })),
    ).toEqual([
      { kind: 'appeared', generation: undefined, by: ['c1'], cells: expect.arrayContaining([{ column: 'gross', after: 10 }]) as unknown },
      {
        kind: 'changed',
        generation: undefined,
        by: ['c2'],
        cells: [
          { column: 'total', before: 5, after: 6 },
          { column: 'gross', before: 10, after: 12 },
        ],
      },
      { kind: 'changed', generation: 2, by: [], cells: [{ column: 'gross', before: 12, after: 18 }] },
      { kind: 'vanished', generation: undefined, by: ['c4'], cells: expect.arrayContaining([{ column: 'gross', before: 18 }]) as unknown },
    ])
  })

  it('has its old values where the stream is trimmed before the first change that is left', async () => {
    const [appeared] = await changesOf('s.open', [1])
    const { transactions } = await readOutputs(bus)
    const kept = must(transactions.find(({ position }) => must(position).offset > must(appeared).position.offset)?.position)
    const later = (await changesOf('s.open', [1])).filter(({ position }) => position.offset >= kept.offset)
    const history = new KeyHistory('s.open', [1], must((await viewSchemas(bus, 'g')).get('s.open')))
    const found: KeyChange[] = []
    for (const transaction of transactions) {
      if (must(transaction.position).offset < kept.offset) continue
      const change = history.push(transaction)
      if (change !== null) found.push(change)
    }
    expect(found.map(({ kind, cells }) => ({ kind, cells }))).toEqual(later.map(({ kind, cells }) => ({ kind, cells })))
    // The schema of the first generation is trimmed with it.
    expect(found.map(({ namesAssumed }) => namesAssumed)).toEqual([true, true, undefined])
    expect(later.map(({ namesAssumed }) => namesAssumed)).toEqual([undefined, undefined, undefined])
  })
})

describe('a view backwards', () => {
  it('is at every commit of its generation what it was forwards', async () => {
    const all = await Array.fromAsync(readView({ bus, graph: 'g', signal: NEVER }, 's.open'))
    const end = must(all.at(-1)).position.offset
    const fold = new ViewFold('s.open')
    fold.start(must(await folded('s.open', end)))
    const undone: number[] = []
    for (const transaction of all.toReversed()) {
      if (!fold.undo(transaction)) break
      undone.push(transaction.position.offset)
      expect(fold.image).toEqual(await folded('s.open', transaction.position.offset - 1))
    }
    // It ends at the second deployment, which filled the view anew.
    expect(undone.length).toBeGreaterThan(1)
    expect((await folded('s.open', must(undone.at(-1)) - 1))?.schema.generation).toBe(2)
    const images = await Promise.all(all.map(({ position }) => folded('s.open', position.offset)))
    expect(images.filter((image) => image !== null).map(({ schema }) => schema.generation)).toContain(1)
  })
})

describe('a commit is found', () => {
  it('by offset and by time', async () => {
    const range = { bus, graph: 'g', signal: NEVER }
    const commits = (await readOutputs(bus)).transactions.map(({ position, commit }) => ({
      position: must(position),
      commit: must(commit),
    }))
    expect((await firstCommit(range))?.position).toEqual(commits[0]?.position)
    for (const [i, { position, commit }] of commits.entries()) {
      expect((await lastCommit({ ...range, until: position.offset }))?.position).toEqual(position)
      expect((await lastCommit({ ...range, until: position.offset - 1 }))?.position).toEqual(commits[i - 1]?.position)
      const sameTime = commits.findLast((one) => one.commit.at <= commit.at)
      expect((await lastCommitBy(range, commit.at))?.position).toEqual(sameTime?.position)
    }
    expect(await lastCommitBy(range, '2000-01-01T00:00:00.000000Z')).toBeNull()
  })
})

describe('the history of rows at the source', () => {
  it('tells the changes that touch a column that matters, with what it was before', async () => {
    const events: SourceEvent[] = []
    const tracked = [{ table: 'public.orders', rows: [{ key: [1], columns: new Set(['total']) }] }]
    for await (const event of readSourceHistory({ bus, source: 'shop', signal: NEVER }, tracked)) events.push(event)
    expect(events.map(({ causes, rows }) => [causes[0]?.id, rows])).toEqual([
      ['c1', [{ table: 'public.orders', key: [1], op: 'c', cells: [{ column: 'total', after: 5 }] }]],
      ['c2', [{ table: 'public.orders', key: [1], op: 'u', cells: [{ column: 'total', before: 5, after: 6 }] }]],
      ['c4', [{ table: 'public.orders', key: [1], op: 'd', cells: [{ column: 'total', before: 6 }] }]],
    ])
  })
})

describe('a deployment that is tried', () => {
  it('says which rows appear, change and vanish, and what is not touched', async () => {
    const tried = tryDeployment(await from(null), deployment('wider'), 5)
    expect([...tried.untouched]).toEqual(['s.totals'])
    expect(tried.incomplete.size).toBe(0)
    // 3 is open and 2 paid; both are above 5, and the factor goes back from 3 to 2.
    expect(tried.sheets.get('s.open')).toMatchObject({
      before: 1,
      after: 2,
      appear: 1,
      change: 1,
      vanish: 0,
      same: 0,
      examples: [
        { kind: 'appears', key: [2], cells: expect.arrayContaining([{ column: 'gross', after: 14 }]) as unknown },
        { kind: 'changes', key: [3], cells: [{ column: 'gross', before: 27, after: 18 }] },
      ],
    })
  })

  it('that is the one that runs changes nothing', async () => {
    const tried = tryDeployment(await from(null), deployment('b'), 5)
    expect([tried.sheets.size, [...tried.untouched].sort()]).toEqual([0, ['s.open', 's.totals']])
  })

  it('names what a state from a checkpoint does not hold; one from the beginning that keeps all has it', async () => {
    const warm = tryDeployment(await from(must(await stateStore.load())), deployment('noted'), 5)
    expect([...warm.incomplete]).toEqual([['s.open', ['shop!public.notes']]])
    const options = { bus, graph: 'g', sources: ['shop'], compile: compileFrom(GRAPHS), signal: NEVER }
    const rebuilt = await rebuild({ ...options, checkpoint: null, keepsAll: true })
    const { graph } = rebuilt
    const whole = tryDeployment(rebuilt, deployment('noted'), 5)
    expect(whole.incomplete.size).toBe(0)
    expect(whole.sheets.get('s.open')).toMatchObject({ change: 1, examples: [{ cells: [{ column: 'gross', before: 27, after: 18 }] }] })
    const rows = new GraphRows(graph, whole.next)
    expect(rows.json('s.open', rows.find('s.open', [3]), 4)).toBe('soon')
  })
})
