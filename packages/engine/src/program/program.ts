import { must } from '@sheetflow/core/assert'
import { valueKey } from '@sheetflow/core/key'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { BoundGraph, BoundSheet, ClockUnit } from '@sheetflow/formula/bound'
import { clockValue } from '@sheetflow/formula/value/clock'
import { AggregateIndex } from '../operators/aggregate-index.ts'
import type { Grouping } from '../operators/aggregate-index.ts'
import { LookupIndex } from '../operators/lookup-index.ts'
import { ColumnNode } from '../operators/map-nodes.ts'
import { lookupKey } from '@sheetflow/formula/criteria'
import { recursiveColumns } from '@sheetflow/formula/recursion'
import type { Operator, OperatorInfo, Relation } from '../operators/relation.ts'
import { RowMap } from '../operators/row-map.ts'
import type { DerivedRows } from '../operators/derived-rows.ts'
import type { WholeColumns } from '../operators/whole-columns.ts'
import type { Sheet, StoreRelation } from '../operators/sheet.ts'
import { sameLane } from '../state/make-lane.ts'
import type { BeyondExpr, Cell } from './planner.ts'
import { RecursionPlan } from './recursion-plan.ts'
import type { PlannedColumn } from './recursion-plan.ts'
import { refuseCycle, RowPlan } from './row-plan.ts'
import { inputCell, sheetRows } from './sheet-rows.ts'
import type { ProgramSources } from './sources.ts'
import type { UsedColumns } from './used-columns.ts'

/** Where a program takes its rows and its days from. */
export interface ProgramInputs {
  /** The rows of a source table, its columns in the order of the schema that the graph is bound to. */
  table(id: string): StoreRelation
  /** The rows written in a sheet's file, or the one row of named values. */
  data(sheet: BoundSheet): StoreRelation
  /** The time that the workbook's zone shows; null: nobody has told one. */
  now(workbook: string): Timestamp | null
  /** What somebody reads of rows that are made of others: no more is kept. Absent: everything is. */
  readonly used?: UsedColumns
}

/** A clock that formulas read. */
interface RunningClock {
  readonly workbook: string
  readonly unit: ClockUnit
  now: Value
  changed: boolean
}

/** A sheet that runs. */
export interface RunningSheet {
  readonly bound: BoundSheet
  readonly relation: Sheet
}

/**
 * The operators that a bound graph became, in topological order. It shares the row stores with other programs of the same graph, never
 * sheets or indexes: an old and a new deployment run side by side.
 *
 * `fill` once, when it is made; then per step `run`, read the sheets' changes, `finish`. The stores' own `finishStep` comes after that.
 */
export class Program implements ProgramSources {
  readonly graph: BoundGraph
  readonly sheets: ReadonlyMap<string, RunningSheet>
  readonly #inputs: ProgramInputs
  readonly #stores = new Map<string, StoreRelation>()
  readonly #sheets = new Map<string, RunningSheet>()
  readonly #lookups = new Map<string, LookupIndex>()
  readonly #aggregates = new Map<string, AggregateIndex>()
  readonly #wholeColumns = new Map<string, WholeColumns>()
  readonly #operators: Operator[] = []
  /** What operators are on, where they do not know it themselves. */
  readonly #names = new Map<Operator, string>()
  /** The formulas that share an operator. */
  readonly #askedBy = new Map<Operator, Set<string>>()
  /** The formula that is planned. */
  #asking = ''
  readonly #derived: DerivedRows[] = []
  /** The day or minute of each workbook that asks for it, as of the last step. */
  readonly #clocks = new Map<string, RunningClock>()
  #step = 0

  constructor(graph: BoundGraph, inputs: ProgramInputs) {
    this.graph = graph
    this.#inputs = inputs
    for (const table of graph.tables) this.#stores.set(table.id, inputs.table(table.id))
    for (const sheet of graph.sheets) this.#addSheet(sheet)
    this.sheets = this.#sheets
  }

  /** Makes every row of the stores a new one: afterwards sheets and indexes are what they would be had they always been there. */
  fill(): void {
    const filled = [...this.#stores.values(), ...[...this.#sheets.values()].map(({ relation }) => relation)]
    for (const one of filled) one.beginFill()
    this.run()
    this.finish()
    for (const one of filled) one.endFill()
  }

  /** Every operator once. */
  run(): void {
    this.#step += 1
    if (this.#clocks.size > 0) this.#readClocks()
    for (const operator of this.#operators) operator.run()
  }

  finish(): void {
    for (const operator of this.#operators) operator.finish()
  }

  /** Does anything here depend on the day, or on the minute? */
  needs(unit: ClockUnit): boolean {
    return [...this.#clocks.values()].some((clock) => clock.unit === unit)
  }

  /** What runs, in order. */
  describe(): readonly OperatorInfo[] {
    return this.#operators.map((operator) => {
      const info = operator.describe()
      const askedBy = this.#askedBy.get(operator)
      const on = info.on === '' ? (this.#names.get(operator) ?? '') : info.on
      return { ...info, on, ...(askedBy === undefined ? {} : { askedBy: [...askedBy] }) }
    })
  }

  /** Gives back what the pool keeps for it. The program is not used again. */
  release(): void {
    for (const operator of this.#operators) operator.release?.()
    for (const rows of this.#derived) rows.release()
  }

  relation(id: string): Relation {
    return this.#sheets.get(id)?.relation ?? must(this.#stores.get(id), `a relation named ${id}`)
  }

  lookupIndex(id: string, column: number): LookupIndex {
    const key = JSON.stringify([id, column])
    const known = this.#lookups.get(key)
    if (known !== undefined) return this.#asked(known)
    const relation = this.relation(id)
    const index = new LookupIndex(relation, must(relation.columns[column]), lookupKey)
    this.#lookups.set(key, index)
    this.#add(index, `${id}[${this.columnName(id, column)}]`)
    return this.#asked(index)
  }

  aggregateIndex(key: string, make: () => Grouping): AggregateIndex {
    const known = this.#aggregates.get(key)
    if (known !== undefined) return this.#asked(known)
    const index = new AggregateIndex(make())
    this.#aggregates.set(key, index)
    this.#add(index, '')
    return this.#asked(index)
  }

  wholeColumns(key: string, make: () => WholeColumns): WholeColumns {
    const known = this.#wholeColumns.get(key)
    if (known !== undefined) return this.#asked(known)
    const columns = make()
    this.#wholeColumns.set(key, columns)
    this.#add(columns, '')
    return this.#asked(columns)
  }

  columnName(id: string, column: number): string {
    const sheet = this.graph.sheets.find((one) => one.view === id)
    const columns = sheet?.columns ?? this.graph.tables.find((one) => one.id === id)?.schema.columns
    return columns?.[column]?.name ?? ''
  }

  step(): number {
    return this.#step
  }

  today(workbook: string, unit: ClockUnit): { readonly value: () => Value; readonly changed: () => boolean } {
    const key = `${unit} ${workbook}`
    const clock = this.#clocks.get(key) ?? { workbook, unit, now: this.#clockNow({ workbook, unit }), changed: false }
    this.#clocks.set(key, clock)
    return { value: () => clock.now, changed: () => clock.changed }
  }

  #readClocks(): void {
    for (const clock of this.#clocks.values()) {
      const now = this.#clockNow(clock)
      clock.changed = valueKey(now) !== valueKey(clock.now)
      clock.now = now
    }
  }

  #clockNow({ workbook, unit }: Pick<RunningClock, 'workbook' | 'unit'>): Value {
    const now = this.#inputs.now(workbook)
    return now === null ? null : clockValue(now, unit)
  }

  #add(operator: Operator, on: string): void {
    this.#operators.push(operator)
    this.#names.set(operator, on)
  }

  /** The formula at hand shares this operator. */
  #asked<T extends Operator>(operator: T): T {
    const known = this.#askedBy.get(operator)
    if (known === undefined) this.#askedBy.set(operator, new Set([this.#asking]))
    else known.add(this.#asking)
    return operator
  }

  #addSheet(bound: BoundSheet): void {
    this.#asking = `rows of ${bound.view}`
    const { used } = this.#inputs
    const sheet = sheetRows(bound, {
      sources: this,
      add: (operator) => this.#add(operator, bound.view),
      ownRows: () => this.#ownRows(bound),
      owns: (rows) => this.#derived.push(rows),
      isUsed: (column) => used === undefined || used.get(bound.view)?.has(column) === true,
    })
    this.#sheets.set(bound.view, { bound, relation: sheet })
    this.#addColumns(sheet, bound)
  }

  #ownRows(bound: BoundSheet): StoreRelation {
    const store = this.#inputs.data(bound)
    this.#stores.set(`${bound.view}#rows`, store)
    return store
  }

  #addColumns(sheet: Sheet, bound: BoundSheet): void {
    const columns = bound.columns.map((column) => (column.formula === undefined ? null : sheet.addColumn(column.type)))
    const cells = new Map<number, Cell>()
    const open = new Set<number>()
    const groups = recursiveColumns(bound)
    const recursions: RecursionPlan[] = []
    const formula = (index: number): Cell => {
      const { name, formula: expr } = must(bound.columns[index])
      const asking = this.#asking
      this.#asking = `${bound.view}[${name}]`
      const planned = plan.formula(must(expr), name)
      this.#asking = asking
      return planned
    }
    const cell = (index: number): Cell => {
      const known = cells.get(index) ?? recursions.at(-1)?.ownRow(index)
      if (known !== undefined && known !== null) return known
      const column = must(bound.columns[index], 'a column of the sheet')
      const computed = columns[index]
      if (column.formula === undefined || computed === null || computed === undefined) return keep(cells, index, inputCell(sheet, index))
      if (open.has(index)) return refuseCycle(bound.view, column.name)
      const group = groups.find((one) => one.includes(index))
      for (const one of group ?? [index]) open.add(one)
      if (group !== undefined) {
        recursions.push(
          new RecursionPlan(
            plan,
            sheet,
            group.map((one) => recursiveColumn(one)),
          ),
        )
        for (const [one, planned] of must(recursions.at(-1)).finish()) keep(cells, one, planned)
        recursions.pop()
        return must(cells.get(index))
      }
      const planned = formula(index)
      const { direct } = planned
      const write = direct !== undefined && sameLane(direct.type, computed.type) ? direct.write : null
      const needs = plan.addNode(new ColumnNode(sheet, computed, planned.run, write), planned.needs)
      return keep(cells, index, { needs, run: (slot) => computed.now.value(slot) })
    }
    const recursiveColumn = (index: number): PlannedColumn => {
      const column = must(columns[index], 'a computed column')
      return { index, name: must(bound.columns[index]).name, column, plan: () => formula(index) }
    }
    const recursive = (expr: BeyondExpr): ReturnType<RecursionPlan['beyond']> => recursions.at(-1)?.beyond(expr) ?? null
    const plan = new RowPlan({ own: { view: bound.view, relation: sheet }, store: sheet.store, sources: this, column: cell, recursive })
    for (const [index, column] of bound.columns.entries()) if (column.formula !== undefined) cell(index)
    const own = plan.ownIndexes
    for (const [stage, operator] of new RowMap(sheet, plan.planned()).stages(bound.view).entries()) {
      this.#add(operator, bound.view)
      for (const index of own) if (index.stage === stage) this.#add(index.operator, bound.view)
    }
  }
}

function keep(cells: Map<number, Cell>, index: number, cell: Cell): Cell {
  cells.set(index, cell)
  return cell
}
