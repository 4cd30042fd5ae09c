import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { graphSubjects } from '@sheetflow/core/framing/subjects'
import { UNCHANGED_JSON } from '@sheetflow/core/json-special'
import type { RowChange, RowJson, ViewStatus } from '@sheetflow/core/message'
import type { Bus, BusMessage } from '@sheetflow/core/ports/bus'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import type { StoredPosition } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import { graphInbox, graphStream } from '@sheetflow/core/subject'
import { ask, created, deleted, orders, plan, sheet, updated, VIEW } from '@sheetflow/testkit/kits/view-store-lab'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { openSqliteViews } from '../sql/sqlite/view-store.ts'
import { runStore } from './run-store.ts'
import type { StoreRoleOptions } from './run-store.ts'

const GRAPH = 'kit'
const STREAM = graphStream(GRAPH)
const A: RowJson = ['1', 7, '9.50', 'first']
const B: RowJson = ['2', 7, '1.00', null]
const C: RowJson = ['3', null, '-0.05', '']

const clock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
}
const silent = (): void => undefined
const log: Log = { debug: silent, info: silent, warn: silent, error: silent }

let folder: string
let bus: Bus
let graph: GraphWriter

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sheetflow-store-role-'))
  bus = new MemoryBus()
  graph = new GraphWriter()
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

interface Draft {
  readonly schemas?: readonly SheetSchema[]
  readonly views?: readonly (readonly [view: string, generation: number, status?: ViewStatus])[]
  readonly rows?: Readonly<Record<string, readonly RowChange[]>>
}

/** Writes a graph's stream as the graph role does. */
class GraphWriter {
  #count = 0
  epoch = 1
  attempt = 1

  messages({ schemas = [], views = [], rows = {} }: Draft): readonly BusMessage[] {
    const packer = new TransactionPacker({ stream: STREAM, epoch: this.epoch, subjects: graphSubjects(GRAPH) })
    packer.begin(`${this.attempt}-${++this.#count}`)
    for (const [view, generation, status = 'ready'] of views) packer.control({ kind: 'view', view, generation, status })
    for (const schema of schemas) packer.schema(schema)
    for (const [view, changes] of Object.entries(rows)) packer.changes(view, 1, changes)
    packer.commit({ at: '2026-11-23T10:00:00.000000Z', inputs: {}, causes: [] })
    return packer.take()
  }

  /** Appends a transaction; the offset of its commit. */
  async write(draft: Draft): Promise<number> {
    await bus.ensure(STREAM, { epoch: this.epoch })
    return (await bus.append(STREAM, this.messages(draft))).last
  }

  /** A view filled with these rows. */
  fill(generation: number, all: readonly RowJson[], schema: SheetSchema = orders(generation)): Promise<number> {
    const { table } = schema
    return this.write({ schemas: [schema], views: [[table, generation]], rows: { [table]: all.map((row) => created(row)) } })
  }
}

/** Retention drops everything before this offset; nobody has heard of the store for a day. */
async function trimBefore(offset: number): Promise<void> {
  await bus.retain(STREAM, 'store.main', offset - 1)
  await bus.trim(STREAM, { maxBytes: 0 })
}

/** A running role over the store file `views.db`. */
class Role implements AsyncDisposable {
  readonly store: ViewStore = openSqliteViews(join(folder, 'views.db'))
  readonly done: Promise<void>
  readonly #stop = new AbortController()
  #position: StoredPosition | null = null
  readonly #waiting = new Set<() => void>()

  constructor(options: Partial<StoreRoleOptions> = {}) {
    const { store } = this
    const onApplied = (_stream: string, position: StoredPosition): void => {
      this.#position = position
      for (const check of this.#waiting) check()
    }
    this.done = runStore({ bus, store, name: 'main', graphs: [GRAPH], clock, log, signal: this.#stop.signal, onApplied, ...options })
    this.done.catch(silent)
  }

  /** Resolves when the store has applied the commit at that offset; the rows of the view then. */
  async at(offset: number, generation = 1, view: string = VIEW): Promise<unknown> {
    await Promise.race([this.done, this.reached(offset)])
    return (await ask(this.store, plan(generation, ['id', 'note'], { view }))).map((row) => Object.values(row))
  }

  async statuses(): Promise<unknown> {
    return Object.fromEntries((await this.store.views()).map(({ view, status }) => [view, status]))
  }

  /** Resolves when the store has applied the commit at that offset. */
  reached(offset: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if ((this.#position?.offset ?? 0) < offset) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.done.catch(silent)
    await this.store[Symbol.asyncDispose]()
  }
}

/** Views of the `refill` requests that the graph has been sent. */
async function requests(): Promise<unknown[]> {
  const found: unknown[] = []
  try {
    for await (const batch of bus.read(graphInbox(GRAPH), { from: 1, untilNow: true }))
      for (const { body } of batch) found.push((JSON.parse(new TextDecoder().decode(body)) as { views: unknown }).views)
  } catch {
    return found
  }
  return found
}

describe('the store role', () => {
  test('waits for a graph that has never run, then follows it', async () => {
    await using role = new Role()
    const filled = await graph.fill(1, [A, B])
    expect(await role.at(filled)).toEqual([
      ['1', 'first'],
      ['2', null],
    ])
    const later = await graph.write({ rows: { [VIEW]: [updated(A, ['1', 7, '9.50', 'second']), deleted(B)] } })
    expect(await role.at(later)).toEqual([['1', 'second']])
    expect(await role.store.position(STREAM)).toEqual({ epoch: 1, offset: later, tx: '1-2' })
    expect(await requests()).toEqual([])
  })

  test('leaves out transactions that were half-written', async () => {
    await using role = new Role()
    await graph.fill(1, [A])
    const half = graph.messages({ rows: { [VIEW]: Array.from({ length: 100 }, () => deleted(A)) } })
    await bus.append(STREAM, half.slice(0, 1))
    graph.attempt = 2
    const whole = await graph.write({ rows: { [VIEW]: [created(B)] } })
    expect(await role.at(whole)).toEqual([
      ['1', 'first'],
      ['2', null],
    ])
  })

  test('goes on where it was', async () => {
    const filled = await graph.fill(1, [A])
    {
      await using role = new Role()
      await role.at(filled)
    }
    const missed = await graph.write({ rows: { [VIEW]: [created(B)] } })
    await using role = new Role()
    expect(await role.at(missed)).toEqual([
      ['1', 'first'],
      ['2', null],
    ])
    expect(await requests()).toEqual([])
  })

  test.each([20_000, 2])(
    'sets a view aside of which the store cannot keep a row, and goes on with the others (pieces of %i rows)',
    async (pieceRows) => {
      const refused: unknown[] = []
      await using role = new Role({ pieceRows, onRefused: (_, views) => refused.push(views) })
      const OTHER = 'kit.other'
      const other = await graph.fill(1, [[1, 'x']], sheet(OTHER, 1, { id: 'int', note: 'text' }))
      await role.at(other, 1, OTHER)
      // Three places where the column has two.
      const bad: RowJson = ['9', 7, '1.234', null]
      await graph.fill(1, [A, bad, B])
      const later = await graph.write({ rows: { [OTHER]: [created([2, 'y'])], [VIEW]: [created(C)] } })
      expect(await role.at(later, 1, OTHER)).toEqual([
        [1, 'x'],
        [2, 'y'],
      ])
      expect([await role.at(later), await role.statuses(), await requests()]).toEqual([[], { [VIEW]: 'loading', [OTHER]: 'ready' }, []])
      const filled = await graph.fill(2, [A, B, C])
      expect(await role.at(filled, 2)).toHaveLength(3)
      const broken = await graph.write({ rows: { [VIEW]: [created(bad)], [OTHER]: [deleted([1, 'x'])] } })
      expect([await role.at(broken, 1, OTHER), await role.at(broken, 2)]).toEqual([[[2, 'y']], []])
      expect(refused).toEqual([[VIEW], [], [VIEW]])
      {
        // The next life asks for it.
        await using next = new Role({ pieceRows })
        const again = await graph.fill(2, [C])
        expect([await next.at(again, 2), await requests()]).toEqual([[['3', '']], [[VIEW]]])
      }
    },
  )

  test('swaps a generation in the transaction that announces it', async () => {
    await using role = new Role()
    await graph.fill(1, [A, B])
    const swapped = await graph.fill(2, [C])
    expect(await role.at(swapped, 2)).toEqual([['3', '']])
    const stale = await graph.write({ views: [[VIEW, 2, 'stale']], rows: { [VIEW]: [created(A)] } })
    expect(await role.at(stale, 2)).toEqual([
      ['1', 'first'],
      ['3', ''],
    ])
    expect(await role.statuses()).toEqual({ [VIEW]: 'stale' })
  })

  test('a view that is loading is filled when it is ready, also under one generation', async () => {
    await using role = new Role()
    const loading = await graph.write({ schemas: [orders(1)], views: [[VIEW, 1, 'loading']] })
    expect(await role.at(loading)).toEqual([])
    const ready = await graph.write({ views: [[VIEW, 1]], rows: { [VIEW]: [created(A)] } })
    expect(await role.at(ready)).toEqual([['1', 'first']])
    expect(await role.statuses()).toEqual({ [VIEW]: 'ready' })
  })

  test('a new store behind a trimmed stream asks for its views and leaves out what comes before them', async () => {
    await graph.fill(1, [A, B])
    await trimBefore(await graph.write({ rows: { [VIEW]: [created(C)] } }))
    await using role = new Role()
    await expect.poll(requests).toEqual([[VIEW]])
    await graph.write({ rows: { [VIEW]: [deleted(A)] } })
    const filled = await graph.fill(2, [B, C])
    expect(await role.at(filled, 2)).toEqual([
      ['2', null],
      ['3', ''],
    ])
    const later = await graph.write({ rows: { [VIEW]: [deleted(B)] } })
    expect(await role.at(later, 2)).toEqual([['3', '']])
  })

  test('a store behind a trimmed stream shows no mixture: its views are empty and loading until they are filled', async () => {
    {
      await using role = new Role()
      await role.at(await graph.fill(1, [A, B]))
    }
    await graph.write({ rows: { [VIEW]: [deleted(A)] } })
    await trimBefore(await graph.write({ rows: { [VIEW]: [created(C)] } }))
    await using role = new Role()
    await expect.poll(requests).toEqual([[VIEW]])
    expect(await role.at(0)).toEqual([
      ['1', 'first'],
      ['2', null],
    ])
    const between = await graph.write({ rows: { [VIEW]: [created(A)] } })
    expect(await role.at(between)).toEqual([])
    expect(await role.statuses()).toEqual({ [VIEW]: 'loading' })
    const filled = await graph.fill(2, [A])
    expect(await role.at(filled, 2)).toEqual([['1', 'first']])
    expect(await role.statuses()).toEqual({ [VIEW]: 'ready' })
  })

  test('a store that ended well has said how far it came: nothing that it needs is trimmed', async () => {
    {
      await using role = new Role()
      await role.at(await graph.fill(1, [A, B]))
    }
    const after = await graph.write({ rows: { [VIEW]: [deleted(A)] } })
    await bus.trim(STREAM, { maxBytes: 0 })
    await using role = new Role()
    expect(await role.at(after)).toEqual([['2', null]])
    expect(await requests()).toEqual([])
  })

  test('a bus that begins anew fills the views by itself', async () => {
    {
      await using role = new Role()
      await graph.fill(1, [A])
      await role.at(await graph.write({ rows: { [VIEW]: [created(B)] } }))
    }
    bus = new MemoryBus()
    graph.epoch = 2
    const filled = await graph.fill(1, [C])
    await using role = new Role()
    expect(await role.at(filled)).toEqual([['3', '']])
    expect(await role.store.position(STREAM)).toMatchObject({ epoch: 2, offset: filled })
    expect(await requests()).toEqual([])
  })

  test('positions carry the epoch in which their commit was written', async () => {
    await using role = new Role()
    await graph.fill(1, [A])
    graph.epoch = 5
    const later = await graph.write({ rows: { [VIEW]: [created(B)] } })
    expect(await role.at(later)).toEqual([
      ['1', 'first'],
      ['2', null],
    ])
    expect(await role.store.position(STREAM)).toMatchObject({ epoch: 5, offset: later })
  })

  test('a view that first comes while it follows is filled from what came: nothing is asked for', async () => {
    await graph.write({})
    await using role = new Role()
    await role.reached(1)
    const offset = await graph.fill(1, [A])
    expect(await role.at(offset)).toHaveLength(1)
    expect(await bus.last(graphInbox(GRAPH), '>').catch(() => [])).toEqual([])
  })

  test('keeps the sheets of its own store alone', async () => {
    await using role = new Role()
    await graph.fill(1, [A], { ...orders(1), table: 'kit.elsewhere', store: 'other' })
    await graph.fill(1, [B], { ...orders(1), table: 'kit.here', store: 'main' })
    const offset = await graph.write({ rows: { 'kit.elsewhere': [created(C)] } })
    expect(await role.at(offset, 1, 'kit.here')).toEqual([['2', null]])
    expect(await role.statuses()).toEqual({ 'kit.here': 'ready' })
  })

  test('a transaction that is too big for memory waits on disk and becomes visible whole', async () => {
    await using role = new Role({ pieceRows: 50 })
    const many = Array.from({ length: 1_000 }, (_, i): RowJson => [String(i), i, '0.00', `n${i}`])
    const filled = await graph.fill(1, many)
    expect(await role.at(filled)).toHaveLength(1_000)
    const changes = many.map((row) => (Number(row[0]) % 2 === 0 ? deleted(row) : updated(row, row.with(3, 'odd'))))
    const big = await graph.write({ rows: { [VIEW]: changes } })
    expect(new Set(((await role.at(big)) as string[][]).map((row) => row[1]))).toEqual(new Set(['odd']))
    expect(await role.at(await graph.fill(2, many), 2)).toHaveLength(1_000)
  })

  test('law 12: a transaction of few but wide rows waits on disk too', async () => {
    await using role = new Role({ pieceBytes: 20_000 })
    const stage = vi.spyOn(role.store, 'stage')
    const wide = Array.from({ length: 400 }, (_, i): RowJson => [String(i), i, '0.00', 'x'.repeat(200)])
    expect(await role.at(await graph.fill(1, wide))).toHaveLength(400)
    expect(stage.mock.calls.length).toBeGreaterThanOrEqual(3)
  })

  test('a view that lost a base row is asked for, the others go on', async () => {
    await using role = new Role()
    const other = sheet('kit.other', 1, { id: 'bigint', note: 'text' })
    await graph.fill(1, [A])
    await graph.fill(1, [['1', 'x']], other)
    const broken: RowJson = ['99', 1, UNCHANGED_JSON, 'x']
    const offset = await graph.write({ rows: { [VIEW]: [['u', ['99'], broken, null]], 'kit.other': [created(['2', 'y'])] } })
    expect(await role.at(offset, 1, 'kit.other')).toEqual([
      ['1', 'x'],
      ['2', 'y'],
    ])
    expect(await role.statuses()).toEqual({ [VIEW]: 'loading', 'kit.other': 'ready' })
    expect(await requests()).toEqual([[VIEW]])
    expect(await role.at(await graph.fill(2, [C]), 2)).toEqual([['3', '']])
  })

  test('what was still waited for is asked for again after a restart', async () => {
    await graph.fill(1, [A])
    await trimBefore(await graph.write({ rows: { [VIEW]: [created(C)] } }))
    const loading = await (async () => {
      await using role = new Role()
      await expect.poll(requests).toHaveLength(1)
      const offset = await graph.write({ views: [[VIEW, 1, 'loading']] })
      await role.at(offset)
      return offset
    })()
    await using role = new Role()
    await role.at(loading)
    await expect.poll(requests).toEqual([[VIEW], [VIEW]])
  })

  test('ends when another writer has taken over', async () => {
    await using first = new Role()
    await first.at(await graph.fill(1, [A]))
    await using second = new Role()
    await second.at(await graph.write({ rows: { [VIEW]: [created(B)] } }))
    await expect(first.done).rejects.toMatchObject({ code: 'store/fenced' })
  })
})
