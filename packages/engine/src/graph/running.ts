import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Deployment, RowChange } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { BoundGraph, BoundSheet } from '@sheetflow/formula/bound'
import { StoreRelation } from '../operators/store-relation.ts'
import { dataRows } from '../plan/data-rows.ts'
import { Program } from '../program/program.ts'
import { sheetHashes, viewTables } from '../plan/sheet-hash.ts'
import { splitValues } from '../plan/split-values.ts'
import type { FormulaFaults } from '../program/formula-faults.ts'
import type { StepClock } from '../program/step-clock.ts'
import type { StepTimes } from '../program/step-times.ts'
import { usedColumns } from '../plan/used-columns.ts'
import { ViewOutput } from '../program/view-output.ts'
import type { Column } from '../state/column.ts'
import type { Pool } from '../state/pool.ts'
import type { KeptColumn } from '../state/decode-plan.ts'
import type { Table } from '../state/table.ts'
import type { Calls } from './calls.ts'
import type { SourceTables } from './source-tables.ts'

/** A sheet that somebody may read. */
export interface PublishedView {
  readonly view: string
  readonly bound: BoundSheet
  readonly output: ViewOutput
  /** The tables that it reads, through other sheets too. */
  readonly tables: readonly Table[]
}

/** What a deployment needs to run. */
export interface RunningInputs {
  readonly tables: SourceTables
  readonly pool: Pool
  readonly clock: StepClock
  readonly faults: FormulaFaults
  readonly calls: Calls
  readonly times: StepTimes
  /** The deployment that answers: what is the same for both is taken over. */
  readonly active: Running | null
}

/**
 * A deployment with its program, over the graph's tables. An old and a new one run side by side until the new one is activated; the old one runs
 * what both have.
 */
export class Running {
  readonly deployment: Deployment
  /** The schemas that it was compiled against. */
  readonly schemas: ReadonlyMap<string, TableSchema>
  readonly graph: BoundGraph
  /** Of the graph with each named value as a sheet of its own (`splitValues`). */
  readonly program: Program
  /** `SheetHashes.views`. */
  readonly hashes: ReadonlyMap<string, string>
  /** Sheets that somebody may read, by a role or as values of a workbook, sorted by name; the others are steps on the way. */
  readonly published: readonly PublishedView[]
  readonly #viewTables: ReadonlyMap<string, ReadonlySet<string>>
  readonly #tables = new Map<string, Table>()
  readonly #kept = new Set<KeptColumn>()
  /** Rows of sheets that have rows of their own, as far as they run with this program. */
  #data: ReadonlyMap<string, StoreRelation>
  #filled = false

  constructor(deployment: Deployment, schemas: ReadonlyMap<string, TableSchema>, graph: BoundGraph, inputs: RunningInputs) {
    this.deployment = deployment
    this.schemas = schemas
    this.graph = graph
    const split = splitValues(graph)
    const { views, programs } = sheetHashes(split, deployment.language)
    this.hashes = views
    this.#viewTables = viewTables(split)
    const used = usedColumns(split)
    const programInputs = {
      table: (id: string) => this.#relation(id, used.get(id) ?? new Set(), inputs.tables),
      data: (sheet: BoundSheet) => dataRows(sheet, inputs.pool),
      clock: inputs.clock,
      faults: inputs.faults,
      calls: inputs.calls.of(deployment.version),
      times: inputs.times,
      used,
      keys: programs,
    }
    this.program = new Program(split, programInputs, inputs.active?.isFilled === true ? inputs.active.program : null)
    this.#data = this.program.dataRows()
    const readable = graph.sheets.filter((sheet) => sheet.published.length > 0 && sheet.schema.read !== undefined)
    readable.sort((a, b) => (a.view < b.view ? -1 : 1))
    this.published = readable.map((bound) => ({
      view: bound.view,
      bound,
      output: new ViewOutput(must(this.program.sheets.get(bound.view))),
      tables: this.tablesOf(bound.view),
    }))
  }

  get isFilled(): boolean {
    return this.#filled
  }

  /**
   * Ends a step for its program. As long as no view could be published nothing is computed: the rows that a first snapshot brings are filled in all at
   * once, in the step that makes a view whole.
   */
  run(): void {
    if (this.#filled) this.program.run()
    else this.fillIfDue()
  }

  /** Fills sheets and indexes from the rows that are there, if a view could be published now, or parts of it run already. */
  fillIfDue(): void {
    const isDue =
      this.program.takesOver || this.published.length === 0 || this.published.some(({ tables }) => tables.every((table) => table.loaded))
    if (!isDue) return
    this.program.fill()
    this.#filled = true
  }

  /** Tables that a view reads. */
  tablesOf(view: string): readonly Table[] {
    return [...(this.#viewTables.get(view) ?? [])].map((id) => must(this.#tables.get(id)))
  }

  /** Does it read all tables that the view of this name reads in `other`? Another one may have the name of one of them. */
  sharesTables(other: Running, view: string): boolean {
    return other.tablesOf(view).every((table) => this.reads(table))
  }

  /** The columns that it uses, by table. */
  usedColumns(): ReadonlyMap<string, readonly Column[]> {
    return new Map(
      [...this.#tables.values()].map((table) => [table.id, table.kept.filter((kept) => this.#kept.has(kept)).map((kept) => kept.column)]),
    )
  }

  /** Is that one of its tables? One of the same name may have taken its place. */
  reads(table: Table): boolean {
    return [...this.#tables.values()].includes(table)
  }

  /** Tables of which rows are missing here that came before anybody read them: a run must bring them. */
  incompleteTables(): readonly Table[] {
    return [...this.#tables.values()].filter((table) => table.kept.some((kept) => kept.fromRun > 0 && this.#kept.has(kept)))
  }

  /** Somebody typed into a sheet with rows of its own. `base`: these are all of them. */
  edit(view: string, changes: readonly RowChange[], base: boolean): void {
    const rows = this.#data.get(view) ?? this.#data.get(this.deployment.sheetNames?.[view] ?? '')
    if (rows === undefined) return
    if (base) for (let slot = 0; slot < rows.store.size; slot++) rows.store.kill(slot)
    for (const [op, key, after] of changes) {
      if (op === 't') for (let slot = 0; slot < rows.store.size; slot++) rows.store.kill(slot)
      else if (after === null) killKey(rows, must(key))
      else {
        const slot = rows.store.enter(must(key), 0)
        for (const [i, column] of rows.columns.entries()) must(column).now.setJson(slot, after[i] ?? null)
      }
    }
  }

  /** See `Program.takeOver`. */
  takeOver(): void {
    this.program.takeOver()
    this.#data = this.program.dataRows()
  }

  finishStep(): void {
    if (this.#data.size > 0) for (const rows of this.#data.values()) rows.store.finishStep()
  }

  #relation(id: string, used: ReadonlySet<number>, tables: SourceTables): StoreRelation {
    const bound = must(this.graph.tables.find((table) => table.id === id))
    const table = tables.find(bound.source, bound.schema)
    if (table === undefined) {
      // Only a deployment of a time before tables had ids, taken back from a checkpoint: it is built anew from the streams.
      throw new SheetflowError('engine/checkpoint', `${id} is no table that this state knows: it has been renamed or dropped since`)
    }
    tables.use(table)
    this.#tables.set(id, table)
    const columns = bound.schema.columns.map((column, index) => {
      if (!used.has(index)) return undefined
      const kept = table.keep(column.id, column)
      this.#kept.add(kept)
      return kept.column
    })
    return new StoreRelation(table.rows, columns)
  }
}

function killKey(rows: StoreRelation, key: Parameters<StoreRelation['store']['find']>[0]): void {
  const slot = rows.store.find(key)
  if (slot >= 0) rows.store.kill(slot)
}
