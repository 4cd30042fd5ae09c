import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { graphSubjects } from '@sheetflow/core/framing/subjects'
import type { RowJson } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { graphInbox, graphStream } from '@sheetflow/core/subject'
import { ask, created, orders, plan, sheet, VIEW } from '@sheetflow/testkit/kits/view-store-lab'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteViews } from '../sql/sqlite/view-store.ts'
import { runStore } from './run-store.ts'

const GRAPH = 'kit'
const STREAM = graphStream(GRAPH)
const WIDE = 'kit.wide'
const PATIENT = { timeout: 60_000 }
const clock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
}

const silent = (): void => undefined
const log = { debug: silent, info: silent, warn: silent, error: silent }

let folder: string
let bus: Bus
let store: ViewStore
let written = 0

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheetflow-wide-'))
  bus = new MemoryBus()
  store = openSqliteViews(join(folder, 'views.db'))
})

afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

/** Fills a view, as the graph role writes it. */
async function fill(schema: SheetSchema, rows: readonly RowJson[], graph = GRAPH): Promise<void> {
  const stream = graphStream(graph)
  const packer = new TransactionPacker({ stream, epoch: 1, subjects: graphSubjects(graph) })
  const { table: view, generation } = schema
  packer.begin(`1-${++written}`)
  packer.control({ kind: 'view', view, generation, status: 'ready' })
  packer.schema(schema)
  packer.changes(
    view,
    1,
    rows.map((row) => created(row)),
  )
  packer.commit({ at: '2026-11-23T10:00:00.000000Z', inputs: {}, causes: [] })
  await bus.ensure(stream, { epoch: 1 })
  await bus.append(stream, packer.take())
}

function wide(generation: number, columns: number): SheetSchema {
  return sheet(WIDE, generation, Object.fromEntries(Array.from({ length: columns }, (_, i) => [`n${i}`, 'int'] as const)))
}

/** Runs the role until the work is done. `told`: the views that it has last said to be refused. */
async function withRole(work: (told: () => readonly string[]) => Promise<void>, graphs: readonly string[] = [GRAPH]): Promise<void> {
  const stop = new AbortController()
  let refused: readonly string[] = []
  const onRefused = (_: string, views: readonly string[]): void => void (refused = views)
  const done = runStore({ bus, store, name: 'main', graphs, clock, log, signal: stop.signal, onRefused })
  try {
    await Promise.race([work(() => refused), done])
  } finally {
    stop.abort()
    await done
  }
}

async function rowsOf(view: string, generation: number, column: string): Promise<unknown> {
  return await ask(store, plan(generation, [column], { view })).catch(() => null)
}

test('a sheet with more columns than a table may have is left out, and told; the others are kept, over restarts too, until it has fewer', async () => {
  await fill(wide(1, 2), [[1, 2]])
  await withRole(async (told) => {
    await expect.poll(() => rowsOf(WIDE, 1, 'n1'), PATIENT).toEqual([{ n1: 2 }])
    await fill(wide(2, 2_001), [Array.from({ length: 2_001 }, () => 3)])
    await fill(orders(1), [['1', 7, '9.50', 'first']])
    await expect.poll(() => rowsOf(VIEW, 1, 'note'), PATIENT).toEqual([{ note: 'first' }])
    expect(told()).toEqual([WIDE])
    // What it was before is not shown as if it went on.
    expect(await store.views()).toContainEqual(expect.objectContaining({ view: WIDE, status: 'loading' }))
  })
  await withRole(async (told) => {
    await fill(orders(2), [['2', 7, '9.50', 'second']])
    await expect.poll(() => rowsOf(VIEW, 2, 'note'), PATIENT).toEqual([{ note: 'second' }])
    expect(told()).toEqual([WIDE])
    await fill(wide(3, 3), [[4, 5, 6]])
    await expect.poll(() => rowsOf(WIDE, 3, 'n2'), PATIENT).toEqual([{ n2: 6 }])
    expect(told()).toEqual([])
  })
  // Nothing that cannot be kept was asked for again.
  await expect(bus.range(graphInbox(GRAPH))).rejects.toMatchObject({ code: 'bus/unknown-stream' })
})

test.each([
  ['reaches back to its beginning', 0],
  ['has been trimmed', 6],
])(
  'a bus of an older backup, of the same epoch: the store that was ahead of it holds what the stream says, where that %s',
  async (_, trimmed) => {
    await fill(orders(1), [['1', 7, '9.50', 'lost']])
    for (let generation = 2; generation < 10; generation++) await fill(orders(generation), [['1', 7, '9.50', 'lost']])
    await withRole(async () => {
      await expect.poll(() => rowsOf(VIEW, 9, 'note'), PATIENT).toEqual([{ note: 'lost' }])
    })
    const before = await store.position(STREAM)
    bus = new MemoryBus()
    written = 0
    await fill(orders(1), [['1', 7, '9.50', 'kept']])
    await fill(orders(2), [['1', 7, '9.50', 'kept']])
    await bus.retain(STREAM, 'store.main', trimmed)
    await bus.trim(STREAM, trimmed > 0 ? { maxBytes: 0 } : {})
    await withRole(async () => {
      // What is asked for where something is missing comes behind the request.
      const requests = async (): Promise<number> => (await bus.range(graphInbox(GRAPH)).catch(() => ({ last: 0 }))).last
      await expect.poll(requests, PATIENT).toBe(Math.min(trimmed, 1))
      await fill(orders(3), [['2', 7, '1.00', 'new']])
      await expect.poll(() => rowsOf(VIEW, 3, 'note'), PATIENT).toEqual([{ note: 'new' }])
    })
    const after = await store.position(STREAM)
    expect(after).toEqual({ epoch: 1, offset: (await bus.range(STREAM)).last, tx: '1-3' })
    expect(after?.offset).toBeLessThan(before?.offset ?? 0)
  },
)

/** A sheet that somebody may read. */
const READ = { ...orders(1), read: { clerk: { rows: null, hide: [] } } }

test('a sheet that moves to another graph: its rows are those of that graph alone, though both count generations from 1', async () => {
  await fill(READ, [
    ['1', 7, '9.50', 'kept'],
    ['2', 7, '1.00', 'gone'],
  ])
  await withRole(async () => {
    await expect.poll(() => rowsOf(VIEW, 1, 'note'), PATIENT).toHaveLength(2)
  })
  await fill(READ, [['1', 7, '9.50', 'moved']], 'joined')
  const both = [GRAPH, 'joined']
  await withRole(async () => {
    await expect.poll(() => rowsOf(VIEW, 1, 'note'), PATIENT).toEqual([{ note: 'moved' }])
    expect(await store.views()).toMatchObject([{ view: VIEW, stream: graphStream('joined') }])
    // The graph that had it gives it up at last.
    await fill(orders(2), [])
    await expect.poll(async () => (await store.position(STREAM))?.tx, PATIENT).toBe(`1-${written}`)
    expect(await rowsOf(VIEW, 1, 'note')).toEqual([{ note: 'moved' }])
  }, both)
})
