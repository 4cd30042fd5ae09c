import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import { compareRows } from '@sheetflow/core/order'
import { canonical } from '@sheetflow/core/predicate-canonical'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { Predicate } from '@sheetflow/core/predicate'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { ChannelDescription, RecordJson } from '@sheetflow/core/wire'
import type { ViewTransaction } from '@sheetflow/core/ports/view-store'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { Random } from '@sheetflow/testkit/random'
import { DEFAULT_LIMITS } from '../limits.ts'
import { GraphReader } from '../live/graph-reader.ts'
import { LiveHub } from '../live/live-hub.ts'
import { readRows } from '../live/read-rows.ts'
import { StoreWatch } from '../live/store-watch.ts'
import { GraphWriter } from './graph-writer.ts'
import { TestLog } from './host.ts'
import { MemoryViews } from './memory-views.ts'
import { Pending, SimulatedClock } from './simulated-time.ts'
import { Page, type World } from './live-page.ts'

const VIEW = 'sales.items'
const KEYS = 12
/** Time that no run reaches, and one that it does: then lists that the others have waited for are asked for again. */
const LONG_HOLD_MS = 1e9
const SHORT_HOLD_MS = 60

/** How one simulated run went. */
export interface SimulationReport {
  readonly transactions: number
  readonly publications: number
  readonly asked: number
  /** Frames of pages with several lists that were compared as one moment. */
  readonly frames: number
}

/**
 * One graph, its store and its router with random and independent lag, a few pages with a list and a window each, random disconnects, lost
 * history, truncations and new generations. After every step each list is compared with what the view held at the offset where the list stands.
 */
export async function simulate(seed: number, steps: number): Promise<SimulationReport> {
  const run = new Simulation(seed)
  await run.start()
  for (let step = 0; step < steps; step++) await run.step()
  await run.finish()
  return run.report()
}

class Simulation {
  readonly #random: () => number
  readonly #bus = new MemoryBus()
  readonly #views = new MemoryViews()
  readonly #clock = new SimulatedClock()
  readonly #reads = new Pending()
  readonly #writer = new GraphWriter('sales', this.#bus)
  readonly #unstored: ViewTransaction[] = []
  readonly #truth: { readonly offset: number; readonly rows: ReadonlyMap<number, RowJson> }[] = []
  readonly #schemas = new Map<number, SheetSchema>()
  readonly #pages: Page[] = []
  #generation = 1
  #rows = new Map<number, RowJson>()
  #transactions = 0
  #reader = new GraphReader({ epoch: 1, after: null, maxBytes: 1e9 })
  #routedTo = 0
  #hub!: LiveHub

  constructor(seed: number) {
    this.#random = new Random(seed).next
  }

  async start(): Promise<void> {
    await this.#writer.open()
    this.#swap()
    this.#store()
    const from = this.#truth[0]?.offset ?? 0
    const watch = new StoreWatch([this.#views], this.#writer.stream, this.#host())
    this.#hub = new LiveHub(
      { epoch: 1, from },
      {
        ...this.#host(),
        bus: this.#bus,
        graph: this.#writer.graph,
        watch,
        readers: () => 1,
        limits: {
          ...DEFAULT_LIMITS,
          holdMs: this.#chance(0.3) ? SHORT_HOLD_MS : LONG_HOLD_MS,
          channelRows: 6,
          ringBytes: this.#chance(0.5) ? 1 : this.#chance(0.5) ? 2_000 : 1e9,
          recoverTransactions: 20,
        },
        readRows: (description, limit, signal) => this.#reads.run(() => null).then(() => this.#readNow(description, limit, signal)),
      },
    )
    this.#hub.setView(must(this.#schemas.get(1)), 'ready')
    this.#routedTo = from
    for (let n = 0; n < 2; n++) this.#pages.push(new Page(this.#sim(), [this.#description(false), this.#description(true)]))
  }

  async step(): Promise<void> {
    const choice = this.#random()
    if (choice < 0.3) this.#write()
    else if (choice < 0.5) this.#route()
    else if (choice < 0.65) this.#store()
    else if (choice < 0.75) this.#reads.release(this.#below(this.#reads.size))
    else if (choice < 0.85) this.#clock.advance(20)
    else this.#pages[this.#below(this.#pages.length)]?.act(this.#random())
    await this.#settle()
  }

  /** Everything catches up; every list must then be the view as it is. */
  async finish(): Promise<void> {
    // A reset may still wait for the next look at the store, so they have to stay settled.
    for (let round = 0, settled = 0; round < 400; round++) {
      this.#route()
      this.#store()
      this.#reads.release(0)
      this.#clock.advance(20)
      for (const page of this.#pages) page.goOn()
      await this.#settle()
      const isSettled = this.#routedTo === this.#last() && this.#unstored.length === 0 && this.#pages.every((page) => page.isSettled)
      settled = isSettled ? settled + 1 : 0
      if (settled === 10) return this.#checkEnd()
    }
    throw new Error(`the pages never settle: ${this.#pages.map((page) => page.describe()).join('; ')}`)
  }

  report(): SimulationReport {
    const sum = (of: (page: Page) => number): number => this.#pages.reduce((total, page) => total + of(page), 0)
    return {
      transactions: this.#transactions,
      publications: sum((page) => page.publications),
      asked: sum((page) => page.asked),
      frames: sum((page) => page.frames),
    }
  }

  #checkEnd(): void {
    for (const page of this.#pages) page.check(this.#last())
  }

  #host(): { readonly clock: SimulatedClock; readonly log: TestLog; readonly signal: AbortSignal } {
    return { clock: this.#clock, log: new TestLog(), signal: new AbortController().signal }
  }

  /** What pages may do with the world. */
  #sim(): World {
    return {
      hub: this.#hub,
      query: (description) => this.#query(description),
      expected: (description, offset) => this.#expected(description, offset),
      current: (description) => ({ ...description, generation: this.#generation }),
    }
  }

  async #settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    for (const page of this.#pages) page.endFrame()
  }

  #write(): void {
    this.#transactions += 1
    const kind = this.#random()
    if (kind < 0.02) {
      this.#generation += 1
      this.#swap()
      return
    }
    if (kind < 0.04) {
      this.#rows = new Map()
      this.#record(this.#writer.write({ rows: { [VIEW]: [['t', null, null, null]] } }))
      return
    }
    const changes: RowChange[] = []
    const touched = new Set<number>()
    for (let n = this.#chance(0.1) ? 9 : 1 + this.#below(3); n > 0; n--) {
      const id = this.#below(KEYS)
      if (touched.has(id)) continue
      touched.add(id)
      changes.push(this.#change(id))
    }
    this.#record(this.#writer.write(this.#chance(0.1) ? {} : { rows: { [VIEW]: changes } }), changes)
  }

  #change(id: number): RowChange {
    const before = this.#rows.get(id)
    if (before !== undefined && this.#chance(0.4)) return ['d', [id], null, before]
    const after: RowJson = [id, this.#below(3), this.#chance(0.1) ? null : this.#below(20), `n${this.#below(3)}`]
    return before === undefined ? ['c', [id], after, null] : ['u', [id], after, before]
  }

  /** A transaction that the writer was given nothing of has changed nothing. */
  #record(transaction: ViewTransaction, changes: readonly RowChange[] = []): void {
    if (transaction.changes.length > 0) {
      const rows = new Map(this.#rows)
      for (const [, key, after] of changes) {
        const id = Number(key?.[0])
        if (after === null) rows.delete(id)
        else rows.set(id, after)
      }
      this.#rows = rows
    }
    this.#truth.push({ offset: transaction.position.offset, rows: this.#rows })
    this.#unstored.push(transaction)
  }

  #swap(): void {
    const schema = itemsSchema(this.#generation)
    this.#schemas.set(this.#generation, schema)
    this.#views.ensureNow(schema)
    const rows = [...this.#rows.values()].map((row): RowChange => ['c', [row[0] ?? null], row, null])
    this.#record(this.#writer.write({ schemas: [schema], rows: { [VIEW]: rows } }))
  }

  #route(): void {
    for (const message of this.#bus.messages(this.#writer.stream, this.#routedTo + 1)) {
      this.#routedTo = message.offset
      const transaction = this.#reader.push(message)
      if (transaction === null) continue
      this.#hub.apply(transaction)
      return
    }
  }

  #store(): void {
    const next = this.#unstored.shift()
    if (next !== undefined) this.#views.applyNow(this.#writer.stream, next)
  }

  #last(): number {
    return this.#truth.at(-1)?.offset ?? 0
  }

  #readNow(description: ChannelDescription, limit: number, signal: AbortSignal): ReturnType<typeof readRows> {
    const schema = must(this.#schemas.get(description.generation))
    return readRows({ store: this.#views, stream: this.#writer.stream, schema }, description, limit, signal)
  }

  #query(description: ChannelDescription): { readonly at: number; readonly rows: ReadonlyMap<string, RecordJson> } | null {
    const order = description.window?.order ?? []
    const plan = {
      view: VIEW,
      generation: description.generation,
      where: description.predicate,
      columns: COLUMNS,
      key: true,
      order,
      limit: 1_000,
    }
    try {
      const result = this.#views.queryNow({
        streams: [this.#writer.stream],
        plans: [{ ...plan, limit: description.window?.limit ?? 1_000, nested: [] }],
      })
      const rows = JSON.parse(must(result.rows[0])) as (RecordJson & { readonly _key: readonly unknown[] })[]
      const byKey = new Map(rows.map(({ _key, ...row }) => [JSON.stringify(_key), row as RecordJson]))
      return { at: must(result.positions[this.#writer.stream]).offset, rows: byKey }
    } catch {
      return null
    }
  }

  #expected(description: ChannelDescription, offset: number): ReadonlyMap<string, RecordJson> {
    const truth = must(this.#truth.findLast((at) => at.offset <= offset))
    const schema = must(this.#schemas.get(1))
    const holds = compileRowPredicate(description.predicate, schema)
    const compare = compareRows(description.window?.order ?? [], schema.key, schema.columns)
    const rows = [...truth.rows.values()].filter(holds).toSorted(compare)
    return new Map(rows.slice(0, description.window?.limit).map((row) => [JSON.stringify([row[0]]), record(row)]))
  }

  #description(isWindow: boolean): ChannelDescription {
    const predicate = canonical(this.#predicate())
    const direction = this.#chance(0.5) ? 'asc' : 'desc'
    const window = isWindow ? { window: { order: [{ column: 'v', direction } as const], limit: 1 + this.#below(4) } } : {}
    return { view: VIEW, generation: this.#generation, predicate, columns: [1, 2, 3], ...window }
  }

  #predicate(): Predicate {
    const choice = this.#below(5)
    const group: Predicate = { op: 'eq', column: 'g', value: this.#below(3) }
    const range: Predicate = { op: this.#chance(0.5) ? 'lt' : 'ge', column: 'v', value: this.#below(20) }
    if (choice === 0) return { op: 'and', of: [] }
    if (choice === 1) return group
    if (choice === 2) return range
    return { op: choice === 3 ? 'and' : 'or', of: [group, range] }
  }

  #chance(p: number): boolean {
    return this.#random() < p
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n)
  }
}

const COLUMNS = ['id', 'g', 'v']

function record(row: RowJson): RecordJson {
  return { id: row[0] ?? null, g: row[1] ?? null, v: row[2] ?? null }
}

function itemsSchema(generation: number): SheetSchema {
  return {
    v: 1,
    table: VIEW,
    schema: generation,
    hash: `items-${generation}`,
    generation,
    key: ['id'],
    columns: [
      { name: 'id', id: 1, type: 'int', null: false },
      { name: 'g', id: 2, type: 'int', null: true },
      { name: 'v', id: 3, type: 'int', null: true },
      { name: 'n', id: 4, type: 'text', null: true },
    ],
    index: [],
    search: [],
    lists: {},
  }
}
