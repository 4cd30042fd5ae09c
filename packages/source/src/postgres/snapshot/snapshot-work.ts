import type { EventWriter } from '../log/event-writer.ts'
import { isoNow } from '../log/event-writer.ts'
import type { Lsn } from '../log/lsn.ts'
import type { CapturedTable } from '../tables/table-book.ts'
import type { Chunk, ChunkRequest } from './chunk.ts'
import type { ReadChunk } from './chunk-reader.ts'
import type { SnapshotRule } from '@sheetflow/core/breakage'
import type { SnapshotFaults } from './faults.ts'
import type { SnapshotProgress } from './progress.ts'
import { MAX_REPAIR_KEYS } from './progress.ts'
import { OpenTransaction, Recent } from './recent.ts'
import type { StreamedChange } from './row-change.ts'
import type { DbSnapshot } from './visibility.ts'
import { sees } from './visibility.ts'

/** Chunks that are read and wait for their barrier. */
const MAX_OPEN_CHUNKS = 3

/** What `SnapshotWork` needs from around it. */
export interface SnapshotSurroundings {
  readonly progress: SnapshotProgress
  readonly writer: EventWriter
  /** Names this life: barriers of earlier lives come by again. */
  readonly life: string
  readonly table: (name: string) => CapturedTable | undefined
  /** Where the slot stands: while a run goes on, nothing is confirmed beyond it before a control message of this life is safe. */
  readonly confirmed: Lsn
  readonly faults?: SnapshotFaults | undefined
}

/** One read to do, with the table as it is now. */
export interface ReadJob {
  readonly request: ChunkRequest
  readonly table: CapturedTable
  readonly barrier: string
}

/** What waits for a gate: a table's run, or keys that were asked for. */
export type WaitsForGate = { readonly table: string; readonly run: number } | Reread

interface Reread {
  readonly table: string
  readonly keys: readonly (readonly string[])[]
  gated: boolean
}

/**
 * The meeting place of stream and reads (FORMATS 6; proof in `docs/snapshot.md`): told of every streamed change and of every chunk that was read, it
 * rolls the chunks and publishes each where it is right. Does no I/O itself; everything happens in the order in which it is called.
 */
export class SnapshotWork {
  rowsPublished: number = 0
  readonly #around: SnapshotSurroundings
  readonly #recent = new Recent()
  #transaction: OpenTransaction | null = null
  #open: Chunk[] = []
  #reading: ReadJob | null = null
  #readIsStale = false
  readonly #passed = new Set<number>()
  /** Table → the run of it that may be read. */
  readonly #gated = new Map<string, number>()
  readonly #rereads: Reread[] = []
  /** Marks of written control messages that are not yet known to be safe. */
  #controls: Lsn[] = []
  #safeControl: Lsn | null = null
  #number = 0

  constructor(around: SnapshotSurroundings) {
    this.#around = around
    if (around.progress.activeTables().length > 0) this.#safeControl = around.confirmed
  }

  /** Is there anything to read, roll or publish? */
  get active(): boolean {
    return this.#around.progress.activeTables().length > 0 || this.#rereads.length > 0 || this.#open.length > 0
  }

  /** Does the stream have to tell what happens to this table? */
  wants(table: string): boolean {
    return (
      this.#around.progress.active(table) ||
      this.#rereads.some((reread) => reread.table === table) ||
      this.#open.some((chunk) => chunk.request.table === table)
    )
  }

  /** More is remembered than should be: the stream had better wait for the read that is under way. */
  get overfull(): boolean {
    return this.#reading !== null && this.#recent.bytes > RECENT_BYTES
  }

  // ── runs ─────────────────────────────────────────────────────────────────────────────────────────────

  /** Begins a run of these tables, here in the stream; reading begins when they are `gated`. */
  begin(tables: readonly string[]): void {
    if (tables.length === 0) return
    for (const table of tables) this.discard(table)
    const run = this.#around.progress.begin(tables)
    this.#control({ kind: 'start', run, tables: [...tables].toSorted() })
  }

  /** Asks for single keys (exact texts). */
  reread(table: string, keys: readonly (readonly string[])[]): void {
    if (keys.length > 0) this.#rereads.push({ table, keys, gated: false })
  }

  /** Of what nothing may be read yet: a gate has to be passed first. */
  waitingForGate(): readonly WaitsForGate[] {
    const { progress } = this.#around
    const runs = progress.activeTables().map((table) => ({ table, run: progress.run(table) }))
    return [...runs.filter(({ table }) => !this.#isGated(table)), ...this.#rereads.filter((reread) => !reread.gated)]
  }

  /** A gate was passed that was begun after all of these waited. It says nothing of a run that began meanwhile: what was streamed before may still be invisible. */
  gated(passed: readonly WaitsForGate[]): void {
    for (const one of passed)
      if ('run' in one) this.#gated.set(one.table, one.run)
      else one.gated = true
  }

  #isGated(table: string): boolean {
    return this.#gated.get(table) === this.#around.progress.run(table)
  }

  /** Open chunks and reads of a table (null: of every table) are of no use any more: its layout changed, or rows came that cannot be rolled. */
  discard(table: string | null): void {
    const gone = this.#open.filter((chunk) => table === null || chunk.request.table === table)
    this.#open = this.#open.filter((chunk) => !gone.includes(chunk))
    for (const { request } of gone) {
      if (request.scope.kind === 'reread') this.reread(request.table, keysOf(request))
    }
    if (this.#reading !== null && (table === null || this.#reading.request.table === table)) this.#readIsStale = true
    this.#around.progress.rewind(table)
  }

  // ── reads ────────────────────────────────────────────────────────────────────────────────────────────

  /** The next read, or null if there is none to do now. The answer goes to `answered` or `failed`. */
  nextRead(): ReadJob | null {
    if (this.#reading !== null || this.#open.length >= MAX_OPEN_CHUNKS || this.#recent.blocksReads()) return null
    if (this.#transaction?.changes === null) return null
    const request = this.#nextReread() ?? this.#around.progress.next(this.#number + 1, (table) => this.#isGated(table))
    const table = request === null ? undefined : this.#around.table(request.table)
    if (request === null || table === undefined) return null
    this.#number = request.number
    this.#readIsStale = false
    this.#reading = { request, table, barrier: `${this.#around.life}:${String(request.number)}` }
    return this.#reading
  }

  answered({ chunk, bytes }: ReadChunk): void {
    this.#reading = null
    if (this.#readIsStale || (this.#holds('recent') && !this.#recent.rollInto(chunk))) return this.#retry(chunk.request)
    this.#recent.prune(chunk.snapshot)
    if (chunk.request.scope.kind !== 'reread' && !this.#around.progress.opened(chunk, bytes)) return
    chunk.barrierPassed = this.#passed.delete(chunk.request.number) || !this.#holds('barrier')
    this.#open.push(chunk)
    if (this.#around.writer.between) this.publish()
  }

  failed(request: ChunkRequest): void {
    this.#reading = null
    this.#retry(request)
  }

  /** What a snapshot of now sees: forgets what every later read sees too. */
  saw(snapshot: DbSnapshot): void {
    if (this.#reading === null) this.#recent.prune(snapshot)
  }

  // ── the stream ───────────────────────────────────────────────────────────────────────────────────────

  change(table: string, change: StreamedChange): void {
    this.#transaction ??= new OpenTransaction()
    if (this.#transaction.add(table, change)) this.discard(null)
    const unfilled = change.op !== 'truncate' && change.op !== 'delete' && change.row !== null
    const moved = this.#holds('repair') && unfilled && (change.op === 'create' || change.old !== change.key)
    if (moved && this.#around.progress.repair(table, change.key) > MAX_REPAIR_KEYS) this.begin([table])
  }

  /** A transaction did something to a table that cannot be told: reads wait until a snapshot sees it. */
  blind(): void {
    this.#transaction ??= new OpenTransaction()
    if (this.#transaction.giveUp()) this.discard(null)
  }

  /** A barrier message came by. */
  barrier(text: string): void {
    const [life, number] = text.split(':')
    if (life !== this.#around.life) return
    const chunk = this.#open.find((open) => open.request.number === Number(number))
    if (chunk === undefined) this.#passed.add(Number(number))
    else chunk.barrierPassed = true
  }

  /** A transaction ended: open chunks that do not see it are rolled, and it is remembered for those to come. */
  committed(xid: number, mark: Lsn): void {
    const transaction = this.#transaction
    this.#transaction = null
    if (transaction === null || transaction.empty) return
    const done = transaction.close(xid, mark)
    for (const chunk of this.#open) {
      // A chunk that does see it was read after it became visible: its rows hold it already.
      if (!sees(chunk.snapshot, xid)) chunk.roll(done.changes?.get(chunk.request.table) ?? [])
    }
    this.#recent.push(done)
  }

  /** Publishes what may be: called between two transactions. */
  publish(): void {
    while (this.#open[0]?.barrierPassed === true) this.#publishChunk(this.#open.shift() as Chunk)
    for (const { run, tables } of this.#around.progress.completeRuns()) {
      this.#around.progress.loaded(tables)
      for (const table of tables) this.#gated.delete(table)
      this.#control({ kind: 'loaded', run, tables: [...tables].toSorted() })
    }
    if (!this.active) this.#recent.clear()
  }

  // ── confirming ───────────────────────────────────────────────────────────────────────────────────────

  /** Everything up to this mark is safe on the bus. A control message is for sure when a later mark is. */
  safe(mark: Lsn): void {
    let passed = 0
    while (passed < this.#controls.length && (this.#controls[passed] as Lsn) < mark) passed++
    if (passed > 0) this.#safeControl = this.#controls[passed - 1] as Lsn
    this.#controls = this.#controls.slice(passed)
  }

  /** The log must not be confirmed beyond this. Null: no limit. */
  floor(): Lsn | null {
    if (!this.#holds('confirm')) return null
    const unseen = this.#recent.firstUnseen()
    if (!this.active && this.#controls.length === 0) return null
    const control = this.#safeControl ?? this.#controls[0] ?? null
    return control === null || (unseen !== null && unseen < control) ? unseen : control
  }

  /** Is the rule in force? Only tests switch one off. */
  #holds(rule: SnapshotRule): boolean {
    return this.#around.faults?.off?.has(rule) !== true
  }

  #nextReread(): ChunkRequest | null {
    const index = this.#rereads.findIndex((reread) => reread.gated)
    const reread = this.#rereads[index]
    if (reread === undefined) return null
    this.#rereads.splice(index, 1)
    const keys = new Set(reread.keys.map((key) => key.join('\0')))
    return { table: reread.table, run: this.#around.progress.run(reread.table), number: this.#number + 1, scope: { kind: 'reread', keys } }
  }

  #retry(request: ChunkRequest): void {
    this.#passed.delete(request.number)
    if (request.scope.kind === 'reread') this.#rereads.push({ table: request.table, keys: keysOf(request), gated: true })
    else this.discard(request.table)
  }

  #publishChunk(chunk: Chunk): void {
    const { writer, progress, table } = this.#around
    const { request } = chunk
    const schema = table(request.table)?.layout.schema
    if (schema === undefined) return
    const rows = chunk.rows()
    writer.begin(`snap-${String(request.run)}-${String(writer.nextNumber())}`)
    for (const row of rows) writer.row(schema, row)
    progress.published(chunk)
    if (request.scope.kind === 'reread') this.#sayMissing(chunk)
    const answered = request.scope.kind === 'reread' ? { keys: keysOf(request) } : {}
    this.#control({
      kind: 'chunk',
      run: request.run,
      table: request.table,
      last: chunk.last,
      finished: chunk.finished,
      repair: progress.repairs(request.table),
      snapshot: chunk.snapshot.text,
      ...answered,
    })
    writer.commit(isoNow(), [], true)
    this.rowsPublished += rows.length
  }

  #sayMissing(chunk: Chunk): void {
    const { writer, table } = this.#around
    const layout = table(chunk.request.table)?.layout
    if (layout === undefined) return
    for (const key of chunk.missing()) writer.row(layout.schema, layout.encoder.deletedKey(key))
  }

  #control(text: Parameters<EventWriter['control']>[0]): void {
    const { writer } = this.#around
    writer.control(text)
    this.#controls.push(writer.mark)
  }
}

const RECENT_BYTES = 64 * 1024 * 1024

function keysOf(request: ChunkRequest): readonly (readonly string[])[] {
  return request.scope.kind === 'range' ? [] : [...request.scope.keys].map((key) => key.split('\0'))
}
