import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { BoundGraph, BoundTable } from '@sheetflow/formula/bound'
import type { RunningOperator } from './operators/relation.ts'
import { StoreRelation } from './operators/store-relation.ts'
import { dataRows } from './plan/data-rows.ts'
import { Calls } from './graph/calls.ts'
import { FormulaFaults } from './program/formula-faults.ts'
import { Program } from './program/program.ts'
import type { RunningSheet } from './program/program.ts'
import { StepClock } from './program/step-clock.ts'
import { Pool } from './state/pool.ts'
import { Table } from './state/table.ts'

/** What happens at once: changes of tables, in order, and the time from then on. */
export interface SheetStep {
  readonly changes: readonly { readonly table: string; readonly rows: readonly RowChange[] }[]
  /** ISO time, UTC. */
  readonly now?: string
}

/** A sheet's row by column name, JSON form. */
export type NamedRow = Readonly<Record<string, JsonValue>>

/** All rows of every sheet, each sheet sorted by key. */
export type SheetRows = Readonly<Record<string, readonly NamedRow[]>>

/**
 * Runs a bound graph over given rows and then step by step, with the operators of a live graph: for the `tests:` of sheet files.
 * `given`: rows by table id, JSON form in the order of the table's schema; tables left out are empty. `now`: ISO time at the start.
 * The answer has the sheets after `given`, then after each step. All columns that the graph knows are there, published or not.
 */
export function evaluateSheets(
  graph: BoundGraph,
  given: Readonly<Record<string, readonly RowJson[]>>,
  steps: readonly SheetStep[],
  now: string,
): readonly SheetRows[] {
  const bench = new Bench(graph, now)
  const first = graph.tables.map((table) => ({ table: table.id, rows: (given[table.id] ?? []).map((row) => created(table, row)) }))
  return [{ changes: first }, ...steps].map((step) => bench.step(step))
}

/** What a bound graph becomes: its operators in the order in which they run, without a row. For `sheetflow explain`. */
export function describeProgram(graph: BoundGraph): readonly RunningOperator[] {
  return new Bench(graph, '1970-01-01T00:00:00.000000Z').describe()
}

class Bench {
  readonly #pool = new Pool()
  readonly #tables = new Map<string, Table>()
  readonly #program: Program
  readonly #stores: StoreRelation[] = []
  readonly #clock: StepClock = new StepClock(() => this.#now)
  #now: string

  constructor(graph: BoundGraph, now: string) {
    this.#now = now
    this.#program = new Program(graph, {
      table: (id) => this.#table(must(graph.tables.find((table) => table.id === id))),
      data: (sheet) => {
        const rows = dataRows(sheet, this.#pool)
        this.#stores.push(rows)
        return rows
      },
      clock: this.#clock,
      // Whoever tries a sheet sees `#CALC!` in its cells.
      faults: new FormulaFaults(),
      // Nobody answers: what a function is asked for is #BUSY!.
      calls: new Calls().of(''),
    })
    this.#program.fill()
  }

  describe(): readonly RunningOperator[] {
    return this.#program.describe()
  }

  step(step: SheetStep): SheetRows {
    this.#now = step.now ?? this.#now
    for (const { table, rows } of step.changes) {
      const running = must(this.#tables.get(table), `a table named ${table}`)
      const { schema } = running.schema
      running.apply({ v: 1, tx: '', first: 0, table, schema, rows }, ignore, ignore)
    }
    this.#clock.begin()
    this.#program.run()
    this.#program.finish()
    for (const table of this.#tables.values()) table.rows.finishStep()
    return Object.fromEntries([...this.#program.sheets].map(([view, sheet]) => [view, rowsOf(sheet)]))
  }

  #table({ id, schema }: BoundTable): StoreRelation {
    const table = new Table(id, schema, this.#pool)
    this.#tables.set(id, table)
    return new StoreRelation(
      table.rows,
      schema.columns.map((column) => table.keep(column.id, column).column),
    )
  }
}

function ignore(): void {
  // Whoever tries sheets out brings whole rows; a cell that does not fit is shown as what it is.
}

function created({ schema }: BoundTable, row: RowJson): RowChange {
  return ['c', schema.key.map((name) => row[schema.columns.findIndex((column) => column.name === name)] ?? null), row, null]
}

function rowsOf({ relation, bound }: RunningSheet): NamedRow[] {
  const slots: number[] = []
  for (let slot = 0; slot < relation.size; slot++) if (relation.isLive(slot)) slots.push(slot)
  slots.sort((a, b) => relation.store.compareKeys(a, b))
  return slots.map((slot) => Object.fromEntries(bound.columns.map((column, i) => [column.name, relation.columns[i]?.json(slot) ?? null])))
}
