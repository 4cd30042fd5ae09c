import { must } from '@sheetflow/core/assert'
import { holds } from '@sheetflow/core/breakage'
import { SheetflowError } from '@sheetflow/core/errors'
import type { TransactionPiece } from '@sheetflow/core/framing/collector'
import type { Cause, Deployment, GraphInbox, RowChange } from '@sheetflow/core/message'
import type { Vector } from '@sheetflow/core/position'
import type { TableSchema } from '@sheetflow/core/schema'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { FormulaFaults } from '../program/formula-faults.ts'
import { StepClock } from '../program/step-clock.ts'
import type { OperatorInfo } from '../operators/relation.ts'
import { Pool } from '../state/pool.ts'
import type { Column } from '../state/column.ts'
import { RowBatch } from '../state/row-batch.ts'
import type { Compile } from './compile.ts'
import { Edits } from './edits.ts'
import type { DeployProblem, GraphMeta, SavedDeployment } from './graph-meta.ts'
import { LetterBox } from '../letters/letter-box.ts'
import { MissingRows } from './missing-rows.ts'
import { Receipts } from './receipts.ts'
import { Running } from './running.ts'
import { SourceTables } from './source-tables.ts'
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
  readonly #compile: Compile
  readonly #keepsAll: boolean
  #active: Running | null = null
  #prepared: Running | null = null
  /** Deployed, but it does not compile against the schemas that are known: tried again when one comes. */
  #waiting: (DeployProblem & { readonly deployment: Deployment }) | null = null
  /** Every deployment that runs: the active one first. */
  #programs: readonly Running[] = []
  /** Did nothing enter this step but rows? Then views stand as they stood. */
  #rowsAlone = false
  #activating = false
  /** Is the last step open still, because rows of its output are made as they are read? */
  #open = false
  /** Told to be activated before it was prepared. */
  #activateSoon: string | null = null
  #schemasChanged = false
  /** Has the set of programs changed since the tables were told what is used? */
  #usesChanged = false
  #now = NO_TIME
  readonly #clock = new StepClock(() => this.#now)
  readonly #faults = new FormulaFaults()
  readonly #missing = new MissingRows()
  readonly #edits = new Edits()

  constructor(options: GraphOptions) {
    this.name = options.name
    this.#compile = options.compile
    this.#keepsAll = options.keepsAll ?? false
    this.receipts = new Receipts(options.name)
    this.tables = new SourceTables(this.pool)
    this.letters = new LetterBox(options.name, this.tables)
  }

  /** The deployment that answers now. */
  get active(): Running | null {
    return this.#active
  }

  get prepared(): Running | null {
    return this.#prepared
  }

  /** Why the last deployment is not prepared; null: it is, or there is none. */
  get problem(): DeployProblem | null {
    return this.#waiting
  }

  /** The time that messages have told last. */
  get now(): string {
    return this.#now
  }

  /** What runs, in order. */
  describe(): readonly OperatorInfo[] {
    return this.#active?.program.describe() ?? []
  }

  /** A piece of a transaction of that source; null: what cannot be read of the graph's own inbox. */
  source(source: string | null, piece: TransactionPiece): void {
    this.endStep()
    if (source === null || piece.kind === 'dead') return piece.kind === 'dead' ? this.letters.dead(source, piece) : undefined
    if (piece.kind === 'schema') this.#schemasChanged = true
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
        // Answers of plug-ins: no function asks for one yet.
        return undefined
      case 'edit':
        return this.#edit(message.sheet, message.changes, message.base === true)
      case 'deploy':
        return this.#deploy(message)
      case 'activate':
        return this.#wake(message.version)
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
    for (const running of this.#programs) running.run()
    this.letters.formulas(this.#faults.take())
    for (const cause of causes) this.receipts.applied(cause, at, inputs)
    if (this.#activating) this.#swap()
    const views: ViewStep<Rows>[] = []
    const letters = this.letters.take(at)
    const rowsAlone = this.#rowsAlone && letters === null
    for (const { view, schema, control, newSchema, rows } of this.views.step(this.#active, this.receipts, rowsAlone)) {
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
    const prepared = this.#prepared
    if (prepared !== null && this.#isFilled(prepared)) {
      wants.push({
        kind: 'activate',
        id: `activate/${this.name}/${prepared.deployment.version}/${prepared.deployment.now}`,
        version: prepared.deployment.version,
      })
    }
    for (const running of this.#programs) {
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
    return this.#prepared !== null || this.#missing.size > 0 || this.letters.size > 0
  }

  save(): GraphMeta {
    this.endStep()
    return {
      now: this.#now,
      active: savedDeployment(this.#active),
      prepared: savedDeployment(this.#prepared),
      waiting: this.#waiting,
      activateSoon: this.#activating ? (this.#prepared?.deployment.version ?? null) : this.#activateSoon,
      tables: this.tables.save(),
      views: this.views.save(),
      receipts: this.receipts.save(),
      missing: this.#missing.save(),
      edits: this.#edits.save(),
      letters: this.letters.save(),
    }
  }

  /** The first half of taking a checkpoint back: then the rows go into `tables`, then `resume`. */
  restore(meta: GraphMeta): void {
    this.#now = meta.now
    this.#waiting = meta.waiting
    this.tables.restore(meta.tables)
    this.views.restore(meta.views)
    this.receipts.restore(meta.receipts)
    for (const missing of meta.missing) this.#missing.add(missing)
    this.#edits.restore(meta.edits)
    if (meta.letters !== undefined) this.letters.restore(meta.letters)
  }

  /** The second half: sheets and indexes are filled from the rows. `engine/checkpoint` if a deployment does not compile any more. */
  resume(meta: GraphMeta): void {
    this.#setPrograms(this.#resumed(meta.active), null)
    this.#setPrograms(this.#active, this.#resumed(meta.prepared))
    this.#activating = this.#prepared !== null && this.#prepared.deployment.version === meta.activateSoon
    this.#activateSoon = this.#activating ? null : meta.activateSoon
    // Filled from the same rows, formulas fail as they did: the letters of that are among those that were restored.
    this.#faults.take()
  }

  #resumed(saved: SavedDeployment | null): Running | null {
    if (saved === null) return null
    const schemas = new Map(saved.schemas)
    const result = this.#compile(saved.deployment, schemas)
    if (result.graph !== null) return this.#run(saved.deployment, schemas, result.graph)
    throw new SheetflowError('engine/checkpoint', `deployment ${saved.deployment.version} of the checkpoint does not compile any more`, {
      details: { problems: result.problems },
    })
  }

  #setPrograms(active: Running | null, prepared: Running | null): void {
    this.#active = active
    this.#prepared = prepared
    this.#programs = [active, prepared].filter((running) => running !== null)
  }

  #tick(now: string): void {
    if (now > this.#now) this.#now = now
  }

  /**
   * The deployment of that version takes over at the end of this step. If it still waits for a schema (a state that is built anew may read its
   * streams in another order than the first one did), it does so as soon as it is prepared.
   */
  #wake(version: string): void {
    this.#activating = this.#prepared?.deployment.version === version
    this.#activateSoon = this.#waiting?.version === version ? version : null
  }

  #deploy(deployment: Deployment): void {
    this.#tick(deployment.now)
    if (this.#active?.deployment.version === deployment.version) {
      this.#dropPrepared()
      this.#waiting = null
      return
    }
    if (this.#prepared?.deployment.version === deployment.version) return
    this.#dropPrepared()
    this.#waiting = { deployment, version: deployment.version, problems: [] }
    this.#schemasChanged = true
  }

  /** Compiles what waits, if there is a chance that it compiles now, and fills it from the rows that are there. */
  #prepare(): void {
    if (!this.#schemasChanged || this.#waiting === null) return
    this.#schemasChanged = false
    const { deployment } = this.#waiting
    const schemas = this.tables.schemas()
    const result = this.#compile(deployment, schemas)
    if (result.graph === null) {
      this.#waiting = { deployment, version: deployment.version, problems: result.problems }
      return
    }
    this.#waiting = null
    this.letters.forgetFormulas()
    this.#setPrograms(this.#active, this.#run(deployment, schemas, result.graph))
    this.#activating = this.#activateSoon === deployment.version
    this.#activateSoon = null
    this.#usesChanged = true
  }

  #run(deployment: Deployment, schemas: ReadonlyMap<string, TableSchema>, graph: BoundGraph): Running {
    const { tables, pool } = this
    const running = new Running(deployment, schemas, graph, {
      tables,
      pool,
      clock: this.#clock,
      faults: this.#faults,
      active: this.#active,
    })
    for (const { view, changes, base } of this.#edits.save()) running.edit(view, changes, base)
    running.finishStep()
    running.fillIfDue()
    return running
  }

  /** Filled: everything that the old deployment serves, this one can serve as well. */
  #isFilled(prepared: Running): boolean {
    if (prepared.incompleteTables().length > 0) return false
    return prepared.graph.sheets.every(({ view }) => !this.views.isLive(view) || prepared.tablesOf(view).every((table) => table.loaded))
  }

  #swap(): void {
    this.#activating = false
    const next = must(this.#prepared)
    const old = this.#active
    this.#setPrograms(next, null)
    this.#usesChanged = true
    this.views.activate(next)
    old?.program.retire(next.program)
    next.takeOver()
  }

  #dropPrepared(): void {
    const prepared = this.#prepared
    if (prepared === null) return
    prepared.program.retire(this.#active?.program ?? null)
    this.#setPrograms(this.#active, null)
    this.#activating = false
    this.#usesChanged = true
  }

  #finish(): void {
    for (const running of this.#programs) {
      running.program.finish()
      running.finishStep()
    }
    this.tables.finishStep()
    this.#prepare()
    if (this.#usesChanged && !this.#keepsAll && this.#active !== null) this.#keepUsed()
    this.pool.sweep()
    this.#rowsAlone = !this.#activating && !this.#usesChanged
  }

  /** Rows and columns that neither deployment reads are forgotten. */
  #keepUsed(): void {
    this.#usesChanged = false
    const used = new Map<string, Set<Column>>()
    for (const running of this.#programs) {
      for (const [id, columns] of running.usedColumns()) {
        const all = used.get(id) ?? new Set()
        for (const column of columns) all.add(column)
        used.set(id, all)
      }
    }
    this.tables.keepOnly(used, (table) => this.#programs.some((running) => running.reads(table)))
    this.letters.forgetUnread()
  }

  #edit(view: string, changes: readonly RowChange[], base: boolean): void {
    this.#edits.add(view, changes, base)
    for (const running of this.#programs) running.edit(view, changes, base)
  }
}

function savedDeployment(running: Running | null): SavedDeployment | null {
  return running === null ? null : { deployment: running.deployment, schemas: [...running.schemas] }
}

function splitId(id: string): [string, string] {
  const at = id.indexOf('!')
  return [id.slice(0, at), id.slice(at + 1)]
}
