import type { CaptureState, TableRunState } from '@sheetflow/core/message'
import type { Chunk, ChunkRequest } from './chunk.ts'

/** Rows of one range at most, and about how many bytes it should have. */
const MAX_CHUNK_ROWS = 10_000
const MIN_CHUNK_ROWS = 20
const FIRST_CHUNK_ROWS = 1_000
const CHUNK_BYTES = 4 * 1024 * 1024
/** Keys of one repair read. */
const REPAIR_KEYS = 1_000
/** A repair list longer than this costs more than a new run of the table. */
export const MAX_REPAIR_KEYS: number = 100_000

interface TableProgress {
  run: number
  start: boolean
  loaded: boolean
  /** As published: what a restart goes on from. */
  last: readonly string[] | null
  finished: boolean
  readonly repair: Set<string>
  /** As read: ahead of what is published. */
  readLast: readonly string[] | null
  readFinished: boolean
  /** Key → number of the newest chunk that reads it again. */
  readonly repairing: Map<string, number>
  open: number
  chunkRows: number
  readonly identity: string | undefined
}

/**
 * How far the snapshot of each table is, and what to read next. Runs count up for ever; a table belongs to its newest run. `start` of a table is
 * true from its run's `start` message until the `loaded` that ends the run, so a restart knows which runs to go on with. Pure.
 */
export class SnapshotProgress {
  readonly #tables = new Map<string, TableProgress>()
  readonly #chunkRows: number
  #lastRun: number

  constructor(tables: CaptureState['tables'], chunkRows: number = MAX_CHUNK_ROWS) {
    this.#chunkRows = chunkRows
    for (const [name, state] of Object.entries(tables)) this.#tables.set(name, restored(state))
    this.#lastRun = Math.max(0, ...Object.values(tables).map((state) => state.run))
  }

  /** A new run of these tables; its `start` is to be published now. What was being read of them is of no use any more. Returns its number. */
  begin(tables: readonly string[]): number {
    const run = ++this.#lastRun
    for (const table of tables) {
      const before = this.#tables.get(table)
      this.#tables.set(table, { ...fresh(run), start: true, loaded: before?.loaded ?? false, identity: before?.identity })
    }
    return run
  }

  drop(table: string): void {
    this.#tables.delete(table)
  }

  rename(table: string, to: string): void {
    const state = this.#tables.get(table)
    if (state === undefined) return
    this.#tables.delete(table)
    this.#tables.set(to, state)
  }

  /** Names of all tables that were ever read and not dropped. */
  names(): readonly string[] {
    return [...this.#tables.keys()]
  }

  knows(table: string): boolean {
    return this.#tables.has(table)
  }

  run(table: string): number {
    return this.#tables.get(table)?.run ?? 0
  }

  /** Is a run of it under way? */
  active(table: string): boolean {
    return this.#tables.get(table)?.start === true
  }

  /** Names of the tables with a run under way. */
  activeTables(): readonly string[] {
    return [...this.#tables].filter(([, state]) => state.start).map(([name]) => name)
  }

  /** What to read next of the tables that may be read, or null. Ranges first, then repairs. `number` names the chunk. */
  next(number: number, readable: (table: string) => boolean): ChunkRequest | null {
    for (const [table, state] of this.#tables) {
      if (!state.start || state.readFinished || !readable(table)) continue
      return {
        table,
        run: state.run,
        number,
        scope: { kind: 'range', after: state.readLast, limit: Math.min(state.chunkRows, this.#chunkRows) },
      }
    }
    for (const [table, state] of this.#tables) {
      const keys = [...state.repair].filter((key) => !state.repairing.has(key)).slice(0, REPAIR_KEYS)
      if (state.start && keys.length > 0 && readable(table))
        return { table, run: state.run, number, scope: { kind: 'repair', keys: new Set(keys) } }
    }
    return null
  }

  /** A chunk was read. False: its run is over. */
  opened(chunk: Chunk, bytes: number): boolean {
    const state = this.#current(chunk.request)
    if (state === null) return false
    state.open++
    const { scope } = chunk.request
    if (scope.kind === 'range') {
      state.readLast = chunk.last ?? state.readLast
      state.readFinished = chunk.finished
      const rows = chunk.rows().length
      if (rows > 0)
        state.chunkRows = Math.max(MIN_CHUNK_ROWS, Math.min(MAX_CHUNK_ROWS, Math.floor((CHUNK_BYTES * rows) / Math.max(bytes, 1))))
    } else {
      for (const key of scope.keys) state.repairing.set(key, chunk.request.number)
    }
    return true
  }

  /** A chunk was published. */
  published(chunk: Chunk): void {
    const state = this.#current(chunk.request)
    if (state === null) return
    state.open--
    const { scope } = chunk.request
    if (scope.kind === 'range') {
      state.last = chunk.last ?? state.last
      state.finished = chunk.finished
      return
    }
    for (const key of scope.keys) {
      // Moved once more meanwhile: a later chunk answers for it.
      if (state.repairing.get(key) !== chunk.request.number) continue
      state.repairing.delete(key)
      state.repair.delete(key)
    }
  }

  /** Open chunks of a table (of every table: null) are of no use: go on from what is published. */
  rewind(table: string | null): void {
    for (const [name, state] of this.#tables) {
      if (table !== null && name !== table) continue
      state.readLast = state.last
      state.readFinished = state.finished
      state.repairing.clear()
      state.open = 0
    }
  }

  /** A key was moved and its row came without all columns: it is read again. Returns how many wait. */
  repair(table: string, key: string): number {
    const state = this.#tables.get(table)
    if (state === undefined || !state.start) return 0
    // A read under way may have an older snapshot than this move.
    state.repairing.delete(key)
    state.repair.add(key)
    return state.repair.size
  }

  /** Keys of a table that have to be read again, also those that are being read. */
  repairs(table: string): readonly (readonly string[])[] {
    return [...(this.#tables.get(table)?.repair ?? [])].map((key) => key.split('\0'))
  }

  /** Runs of which everything is published: they are `loaded`. Each is told once. */
  completeRuns(): readonly { readonly run: number; readonly tables: readonly string[] }[] {
    const runs = new Map<number, { tables: string[]; done: boolean }>()
    for (const [name, state] of this.#tables) {
      if (!state.start) continue
      const run = runs.get(state.run) ?? { tables: [], done: true }
      run.tables.push(name)
      run.done &&= state.finished && state.repair.size === 0 && state.open === 0
      runs.set(state.run, run)
    }
    return [...runs].filter(([, run]) => run.done).map(([run, { tables }]) => ({ run, tables }))
  }

  loaded(tables: readonly string[]): void {
    for (const name of tables) {
      const state = this.#tables.get(name)
      if (state === undefined) continue
      state.loaded = true
      state.start = false
    }
  }

  /** The form that control messages carry. `identity` says what the source knows a table by. */
  state(identity: (table: string) => string | undefined): CaptureState['tables'] {
    return Object.fromEntries([...this.#tables].map(([name, state]) => [name, stored(state, identity(name) ?? state.identity)]))
  }

  #current(request: ChunkRequest): TableProgress | null {
    const state = this.#tables.get(request.table)
    return state !== undefined && state.run === request.run && request.scope.kind !== 'reread' ? state : null
  }
}

function fresh(run: number): TableProgress {
  return {
    run,
    start: false,
    loaded: false,
    last: null,
    finished: false,
    repair: new Set(),
    readLast: null,
    readFinished: false,
    repairing: new Map(),
    open: 0,
    chunkRows: FIRST_CHUNK_ROWS,
    identity: undefined,
  }
}

function restored(state: TableRunState): TableProgress {
  return {
    ...fresh(state.run),
    start: state.start,
    loaded: state.loaded,
    last: state.last,
    finished: state.finished,
    repair: new Set(state.repair.map((key) => key.join('\0'))),
    readLast: state.last,
    readFinished: state.finished,
    identity: state.identity,
  }
}

function stored(state: TableProgress, identity: string | undefined): TableRunState {
  return {
    run: state.run,
    start: state.start,
    loaded: state.loaded,
    last: state.last,
    finished: state.finished,
    repair: [...state.repair].map((key) => key.split('\0')),
    ...(identity === undefined ? {} : { identity }),
  }
}
