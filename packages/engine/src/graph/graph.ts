import { must } from '@sheetflow/core/assert'
import { holds } from '@sheetflow/core/breakage'
import type { TransactionPiece } from '@sheetflow/core/framing/collector'
import type { Cause, GraphInbox, RowChange } from '@sheetflow/core/message'
import type { Vector } from '@sheetflow/core/position'
import { FormulaFaults } from '../program/formula-faults.ts'
import { StepClock } from '../program/step-clock.ts'
import { StepTimes } from '../program/step-times.ts'
import type { RunningOperator } from '../operators/relation.ts'
import { Pool } from '../state/pool.ts'
import type { Column } from '../state/column.ts'
import { RowBatch } from '../state/row-batch.ts'
import { Calls } from './calls.ts'
import type { Compile } from './compile.ts'
import { Deployments } from './deployments.ts'
import { Edits } from './edits.ts'
import type { DeployProblem, GraphMeta } from './graph-meta.ts'
import { LetterBox } from '../letters/letter-box.ts'
import { MissingRows } from './missing-rows.ts'
import { Receipts } from './receipts.ts'
import type { Running } from './running.ts'
import { SourceTables } from './source-tables.ts'
import { stateBytes } from './state-bytes.ts'
import { splitId } from './split-id.ts'
import type { StateBytes } from './state-bytes.ts'
import type { StepOutput, ViewStep } from './step-output.ts'
import type { ViewChanges } from '../program/view-changes.ts'
import { Views } from './views.ts'
import type { Want } from './want.ts'

/** The time of a graph to which nobody has told one yet. */
const NO_TIME = '1970-01-01T00:00:00.000000Z'

export interface GraphOptions {
  readonly name: string
  readonly compile: Compile
  /** Columns that no deployment reads are kept too, for whoever wants to try another one on. Default: they are forgotten (law 12). */
  readonly keepsAll?: boolean
}

/**
 * The state of one graph, and what each step makes of it. Pure: it reads no clock, no bus, no file; the same pieces in the same order make the
 * same state and the same outputs (law 13).
 *
 * A step: `source` and `inbox` for everything that enters, in order; then one `commit`. Nothing else may enter between them.
 */
export class Graph {
  readonly name: string
  readonly pool: Pool = new Pool()
  readonly tables: SourceTables
  readonly views: Views = new Views()
  readonly receipts: Receipts
  /** What could not be read and was set aside. */
  readonly letters: LetterBox
  /** What functions have answered, and what they are still asked for. */
  readonly calls: Calls = new Calls()
  readonly #deployments: Deployments
  readonly #keepsAll: boolean
  /** Did nothing enter this step but rows? Then views stand as they stood. */
  #rowsAlone = false
  /** Is the last step open still, because rows of its output are made as they are read? */
  #open = false
  #now = NO_TIME
  readonly #clock = new StepClock(() => this.#now)
  readonly #faults = new FormulaFaults()
  /** Whoever wants to know how long operators run gives it a watch. */
  readonly times: StepTimes = new StepTimes()
  readonly #missing = new MissingRows()
  readonly #edits = new Edits()

  constructor(options: GraphOptions) {
    this.name = options.name
    this.#keepsAll = options.keepsAll ?? false
    this.receipts = new Receipts(options.name)
    this.tables = new SourceTables(this.pool)
    this.letters = new LetterBox(options.name, this.tables)
    this.#deployments = new Deployments({
      compile: options.compile,
      tables: this.tables,
      pool: this.pool,
      views: this.views,
      edits: this.#edits,
      clock: this.#clock,
      faults: this.#faults,
      calls: this.calls,
      times: this.times,
    })
  }

  /** The deployment that answers now. */
  get active(): Running | null {
    return this.#deployments.active
  }

  get prepared(): Running | null {
    return this.#deployments.prepared
  }

  /** Why the last deployment is not prepared; null: it is, or there is none. */
  get problem(): DeployProblem | null {
    return this.#deployments.problem
  }

  /** The time that messages have told last. */
  get now(): string {
    return this.#now
  }

  /** What runs, in order. */
  describe(): readonly RunningOperator[] {
    return this.active?.program.describe() ?? []
  }

  /** About what the state takes. `running`: if that deployment alone ran over the tables; default: with all that run. Costs a walk over the operators, and over rows where one is distinct. */
  stateBytes(running: Running | null = null): StateBytes {
    const operators = running === null ? [...this.describe(), ...(this.prepared?.program.describeOwn() ?? [])] : running.program.describe()
    return stateBytes(this.tables, this.pool, operators)
  }

  /** A piece of a transaction of that source; null: what cannot be read of the graph's own inbox. */
  source(source: string | null, piece: TransactionPiece): void {
    this.endStep()
    if (source === null || piece.kind === 'dead') return piece.kind === 'dead' ? this.letters.dead(source, piece) : undefined
    if (piece.kind === 'schema') this.#deployments.schemasChanged()
    if (piece.kind === 'control' && piece.message.kind === 'rename') this.#missing.rename(source, piece.message)
    if (piece.kind === 'rows') this.#missing.noteRead(source, piece.message.table, piece.message.rows)
    else this.#rowsAlone = false
    this.tables.take(source, piece, this.#missing.add, this.letters.flawed)
    if (piece.kind === 'rows') this.letters.rows(source, piece.offset, piece.message)
    if (piece.kind === 'control') this.letters.control(source, piece.message)
  }

  /** An empty batch for changes of that table (`source!schema.table`), of its newest schema. Its lanes hold texts until it is released. */
  batch(table: string): RowBatch {
    return new RowBatch(must(this.tables.get(table), `a table named ${table}`).schema, this.pool)
  }

  /** Changes of a table as cells: as a piece of rows, without its JSON. */
  rows(table: string, batch: RowBatch): void {
    this.endStep()
    this.#missing.noteBatch(table, batch)
    this.tables.takeBatch(table, batch)
  }

  /** A message of the graph's inbox. */
  inbox(message: GraphInbox): void {
    this.endStep()
    this.#rowsAlone = false
    switch (message.kind) {
      case 'tick':
        return this.#tick(message.now)
      case 'result':
        return this.calls.take(message)
      case 'edit':
        return this.#edit(message.sheet, message.changes, message.base === true)
      case 'deploy':
        this.#tick(message.now)
        return this.#deployments.deploy(message)
      case 'activate':
        return this.#deployments.activate(message.version)
      case 'refill':
        return this.views.refill(message.views)
      case 'letter':
        return this.letters.decide(message)
      case 'receipt':
        // `applied` comes with the effect alone: in the step that carries the cause.
        return this.receipts.event(holds('receipt-in-output') || message.status !== 'done' ? message : { ...message, status: 'applied' })
    }
  }

  /**
   * Ends the step: every operator runs once, views say what happened to them. `inputs`: up to where each input is read now; `at`: the greatest
   * commit time of what entered.
   */
  commit(at: string, causes: readonly Cause[], inputs: Vector): StepOutput {
    return this.commitAs(at, causes, inputs, (changes) => changes.json())
  }

  /**
   * As `commit`, with the changes of each view in the form that `form` gives them. It reads them while it runs; only where they are many may what it
   * answers go on reading, until the next message enters.
   */
  commitAs<Rows>(at: string, causes: readonly Cause[], inputs: Vector, form: (changes: ViewChanges) => Rows): StepOutput<Rows> {
    this.endStep()
    this.#clock.begin()
    for (const running of this.#deployments.running) running.run()
    this.letters.formulas(this.#faults.take())
    for (const cause of causes) this.receipts.applied(cause, at, inputs)
    if (this.#deployments.activating) this.#deployments.swap()
    const views: ViewStep<Rows>[] = []
    const letters = this.letters.take(at)
    const rowsAlone = this.#rowsAlone && letters === null
    for (const { view, schema, control, newSchema, rows } of this.views.step(this.active, this.receipts, rowsAlone)) {
      if (rows.isMany) this.#open = true
      views.push({ view, schema, control, newSchema, rows: form(rows) })
    }
    if (!this.#open) this.#finish()
    return { at, causes, views, letters }
  }

  /** The output of the last step has been read: its rows can be made no more. Called by whatever comes next. */
  endStep(): void {
    if (!this.#open) return
    this.#open = false
    this.#finish()
  }

  /** What should be said to inboxes, by what this graph's state is now. */
  wants(): readonly Want[] {
    this.endStep()
    const wants: Want[] = []
    if (this.prepared !== null && this.#deployments.isPreparedFilled) {
      const { version, now } = this.prepared.deployment
      wants.push({ kind: 'activate', id: `activate/${this.name}/${version}/${now}`, version })
    }
    for (const running of this.#deployments.running) {
      for (const table of running.incompleteTables()) {
        if (table.loading && table.kept.every((kept) => kept.fromRun <= table.run)) continue
        const [source, name] = splitId(table.id)
        wants.push({ kind: 'resnapshot', id: `resnapshot/${this.name}/${table.id}/${table.run}`, source, tables: [name] })
      }
    }
    wants.push(...this.#missing.wants(this.name), ...this.letters.wants())
    return wants
  }

  /** May something be wanted? Cheap; `wants` says what. */
  get mayWant(): boolean {
    return this.prepared !== null || this.#missing.size > 0 || this.letters.size > 0
  }

  save(): GraphMeta {
    this.endStep()
    return {
      now: this.#now,
      ...this.#deployments.save(),
      tables: this.tables.save(),
      views: this.views.save(),
      receipts: this.receipts.save(),
      missing: this.#missing.save(),
      edits: this.#edits.save(),
      letters: this.letters.save(),
      shown: this.#deployments.saveShown(),
    }
  }

  /** The first half of taking a checkpoint back: then the rows go into `tables`, then `resume`. */
  restore(meta: GraphMeta): void {
    this.#now = meta.now
    this.tables.restore(meta.tables)
    this.views.restore(meta.views)
    this.receipts.restore(meta.receipts)
    for (const missing of meta.missing) this.#missing.add(missing)
    this.#edits.restore(meta.edits)
    if (meta.letters !== undefined) this.letters.restore(meta.letters)
    this.calls.restore(meta.shown ?? [])
  }

  /** The second half: sheets and indexes are filled from the rows. `engine/checkpoint` if a deployment does not compile any more. */
  resume(meta: GraphMeta): void {
    this.#deployments.resume(meta)
    this.calls.restored()
    this.calls.takeMoved()
    // Filled from the same rows, formulas fail as they did: the letters of that are among those that were restored.
    this.#faults.take()
  }

  #tick(now: string): void {
    if (now > this.#now) this.#now = now
  }

  #finish(): void {
    for (const running of this.#deployments.running) {
      running.program.finish()
      running.finishStep()
    }
    this.calls.finish()
    this.tables.finishStep()
    if (this.#deployments.prepare()) this.letters.forgetFormulas()
    if (this.#deployments.usesChanged && !this.#keepsAll && this.active !== null) this.#keepUsed()
    this.pool.sweep()
    this.#rowsAlone = !this.#deployments.activating && !this.#deployments.usesChanged
  }

  /** Rows and columns that neither deployment reads are forgotten. */
  #keepUsed(): void {
    const { running: all } = this.#deployments
    this.#deployments.usesTold()
    const used = new Map<string, Set<Column>>()
    for (const running of all) {
      for (const [id, columns] of running.usedColumns()) {
        const those = used.get(id) ?? new Set()
        for (const column of columns) those.add(column)
        used.set(id, those)
      }
    }
    this.tables.keepOnly(used, (table) => all.some((running) => running.reads(table)))
    this.letters.forgetUnread()
  }

  #edit(view: string, changes: readonly RowChange[], base: boolean): void {
    // A name means what it means to the deployment that answers, also where one that is prepared has another sheet of that name.
    const name = this.active?.deployment.sheetNames?.[view] ?? view
    this.#edits.add(name, changes, base)
    this.#deployments.edit(name, changes, base)
  }
}
