import { must } from '@sheetflow/core/assert'
import type { BoundGraph, BoundSheet, ClockUnit, RelationId } from '@sheetflow/formula/bound'
import { lookupKey } from '@sheetflow/formula/criteria'
import { exprText } from '@sheetflow/formula/expr-text'
import type { CalledFunction, CallIndex } from '../operators/call-index.ts'
import type { CallNode, CallPlace } from '../operators/call-node.ts'
import { AggregateIndex } from '../operators/aggregate-index.ts'
import type { Grouping } from '../operators/aggregate-index.ts'
import { LookupIndex } from '../operators/lookup-index.ts'
import type { Operator, Relation, RunningOperator } from '../operators/relation.ts'
import type { RowMap } from '../operators/row-map.ts'
import type { Sheet } from '../operators/sheet.ts'
import type { StoreRelation } from '../operators/store-relation.ts'
import type { WholeColumns } from '../operators/whole-columns.ts'
import type { Column } from '../state/column.ts'
import { graphCallsFunctions } from '../plan/calls-functions.ts'
import { describeParts } from './describe-parts.ts'
import { newDraft } from '../plan/draft.ts'
import type { Draft } from '../plan/draft.ts'
import { keptParts, NOTHING_KEPT } from '../plan/kept-parts.ts'
import type { KeptParts } from '../plan/kept-parts.ts'
import { releaseSheet } from './parts.ts'
import type { IndexPart, Part, SharedIndex, SharedText, SheetPart } from './parts.ts'
import { relationsRead } from '../plan/relations-read.ts'
import { RevocableSources } from '../plan/revocable-sources.ts'
import type { SharedPart } from '../plan/row-plan.ts'
import { planColumns } from '../plan/sheet-columns.ts'
import { sheetRows } from '../plan/sheet-rows.ts'
import type { ProgramSources } from '../plan/sources.ts'
import type { FormulaFaults } from './formula-faults.ts'
import type { StepClock, ZoneClock } from './step-clock.ts'
import type { StepTimes } from './step-times.ts'
import type { UsedColumns } from '../plan/used-columns.ts'

/** Where a program takes its rows and its days from. */
export interface ProgramInputs {
  /** The rows of a source table, its columns in the order of the schema that the graph is bound to. */
  table(id: string): StoreRelation
  /** The rows written in a sheet's file, or the one row of named values. */
  data(sheet: BoundSheet): StoreRelation
  /** Of all programs over these tables; `begin` comes before they run. */
  readonly clock: StepClock
  /** The same. */
  readonly faults: FormulaFaults
  /** The answers of functions, for all programs over these tables; `place` is of this one. */
  readonly calls: Pick<ProgramSources, 'callIndex' | 'callPlace'>
  /** The same. Absent: nothing is timed. */
  readonly times?: StepTimes
  /** What somebody reads of rows that are made of others: no more is kept. Absent: everything is. */
  readonly used?: UsedColumns
  /** `SheetHashes.programs`. Absent: nothing is taken over, from this program neither. */
  readonly keys?: ReadonlyMap<RelationId, string>
}

/** A sheet that runs. */
export interface RunningSheet {
  readonly bound: BoundSheet
  readonly relation: Sheet
}

/**
 * The operators that a bound graph became, in topological order, in parts: one for each sheet, one for each index that formulas share.
 *
 * `fill` once, when it is made; then per step `run`, read the sheets' changes, `finish`. The stores' own `finishStep` comes after that.
 *
 * An old and a new deployment run side by side. The new program takes over the parts of the old one that are the same for it, filled as they are
 * (`kept-parts.ts`), and makes the others anew. Until the old one has ended, it alone runs what both have, first; then the new one runs the rest. The
 * end of either is `retire`; if it was the old one's, `takeOver` follows.
 */
export class Program implements ProgramSources {
  readonly graph: BoundGraph
  readonly sheets: ReadonlyMap<RelationId, RunningSheet>
  /** One for all programs over these tables. */
  readonly clock: StepClock
  readonly faults: FormulaFaults
  readonly callsFunctions: boolean
  readonly #calls: ProgramInputs['calls']
  readonly #times: StepTimes | null
  readonly #keys: ProgramInputs['keys']
  /** What there is to take over; nothing any more when it is made. */
  #kept: KeptParts
  readonly #stores = new Map<RelationId, StoreRelation>()
  readonly #sheets = new Map<RelationId, RunningSheet>()
  readonly #sheetParts = new Map<RelationId, SheetPart>()
  readonly #indexParts = new Map<string, IndexPart>()
  /** In the order in which they run. */
  readonly #parts: Part[] = []
  /** Those that run with the program before. */
  readonly #lent = new Set<Part>()
  /** What runs with this one. */
  #operators: readonly Operator[] = []
  #draft: Draft | null = null
  readonly #filled = new Map<RelationId, number>()

  /** `before`: the filled program that runs now, of which parts may be taken over. */
  constructor(graph: BoundGraph, inputs: ProgramInputs, before: Program | null = null) {
    this.graph = graph
    this.clock = inputs.clock
    this.faults = inputs.faults
    this.#times = inputs.times ?? null
    this.#keys = inputs.keys
    this.#calls = inputs.calls
    this.callsFunctions = graphCallsFunctions(graph)
    for (const table of graph.tables) this.#stores.set(table.id, inputs.table(table.id))
    this.#kept = before === null ? NOTHING_KEPT : this.#partsOf(before, inputs.used)
    const planning = new RevocableSources({ sources: this, data: inputs.data })
    for (const sheet of graph.sheets) {
      const kept = this.#kept.sheets.get(sheet.view)
      if (kept === undefined) this.#addSheet(sheet, planning, inputs.used)
      else this.#keepSheet(sheet, kept, must(before))
    }
    planning.end()
    this.#kept = NOTHING_KEPT
    this.sheets = this.#sheets
    this.#operators = this.#parts.filter((part) => !this.#lent.has(part)).flatMap((part) => part.operators)
  }

  /** Has it parts of the program before? */
  get takesOver(): boolean {
    return this.#lent.size > 0
  }

  /** How many rows of each sheet it has filled itself. A sheet that it took over is not among them. */
  get filled(): ReadonlyMap<RelationId, number> {
    return this.#filled
  }

  /** The rows of each sheet that has rows of its own and runs with this program. */
  dataRows(): ReadonlyMap<RelationId, StoreRelation> {
    return new Map(this.#ownSheets().flatMap(({ view, rows }) => (rows === null ? [] : [[view, rows]])))
  }

  /**
   * Makes every row of the stores a new one for the parts that are its own: afterwards sheets and indexes are what they would be had they always been there.
   * With parts of the program before, between steps only.
   */
  fill(): void {
    for (const index of this.#indexParts.values()) index.operators[0].refill?.()
    const own = this.#ownSheets()
    const filled = [...this.#stores.values(), ...own.flatMap(({ rows, relation }) => (rows === null ? [relation] : [rows, relation]))]
    const shown = this.#lentSheetsRead()
    for (const one of filled) one.beginFill()
    for (const one of shown) one.beginShow()
    this.run()
    this.finish()
    for (const one of filled) one.endFill()
    for (const one of shown) one.endShow()
    for (const { view, relation } of own) this.#filled.set(view, relation.count)
  }

  /** Every operator once. */
  run(): void {
    if (this.#times?.runs(this.#operators, this.#stores) === true) return
    for (const operator of this.#operators) operator.run()
  }

  finish(): void {
    for (const operator of this.#operators) operator.finish()
  }

  /** Does anything here depend on the day, or on the minute? */
  needs(unit: ClockUnit): boolean {
    return [...this.#sheetParts.values()].some(({ clocks }) => [...clocks].some((clock) => clock.unit === unit))
  }

  /** What runs, in order; then the answers of functions. */
  describe(): readonly RunningOperator[] {
    return describeParts(this.#parts)
  }

  /** The same of what it has not taken over from the program that still runs beside it. */
  describeOwn(): readonly RunningOperator[] {
    return describeParts(this.#parts.filter((part) => !this.#lent.has(part)))
  }

  /** It is not used again: ends the step of what `other`, which goes on, has not got, and gives back what the pool and indexes keep for it. */
  retire(other: Program | null): void {
    const goesOn = new Set(other === null ? [] : other.#parts)
    const gone = this.#parts.filter((part) => !goesOn.has(part))
    for (const part of gone) for (const operator of part.operators) operator.finish()
    for (const part of gone) {
      if (part.kind === 'sheet') releaseSheet(part, (index) => goesOn.has(index))
      else part.operators[0].release?.()
    }
    if (other !== null) other.#forgetOthers()
  }

  /** The program before is gone: everything runs with this one from now on. */
  takeOver(): void {
    this.#lent.clear()
    this.#operators = this.#parts.flatMap((part) => part.operators)
  }

  relation(id: string): Relation {
    return this.#sheets.get(id)?.relation ?? must(this.#stores.get(id), `a relation named ${id}`)
  }

  lookupIndex(id: string, column: number): LookupIndex {
    return this.#index(JSON.stringify(['lookup', id, column]), id, () => {
      const relation = this.relation(id)
      const index = new LookupIndex(relation, must(relation.columns[column]), lookupKey)
      return { index, maker: null, name: `${id}[${this.columnName(id, column)}]` }
    })
  }

  aggregateIndex(key: string, on: RelationId, make: () => Grouping): AggregateIndex {
    return this.#index(`aggregate ${key}`, on, () => {
      const index = new AggregateIndex(make())
      return { index, maker: index.isFixed ? null : must(this.#draft).view, name: '' }
    })
  }

  wholeColumns(key: string, on: RelationId, make: () => WholeColumns): WholeColumns {
    return this.#index(`columns ${key}`, on, () => ({ index: make(), maker: null, name: '' }))
  }

  columnName(id: string, column: number): string {
    const sheet = this.graph.sheets.find((one) => one.view === id)
    const columns = sheet?.columns ?? this.graph.tables.find((one) => one.id === id)?.schema.columns
    return columns?.[column]?.name ?? ''
  }

  zoneClock(workbook: string, unit: ClockUnit): ZoneClock {
    const clock = this.clock.clock(this.graph.timeZones[workbook] ?? 'UTC', unit)
    must(this.#draft).clocks.add(clock)
    return clock
  }

  callIndex(called: CalledFunction): CallIndex {
    const index = this.#calls.callIndex(called)
    const { called: asked, asking } = must(this.#draft)
    asked.set(index, (asked.get(index) ?? new Set()).add(asking))
    return index
  }

  callPlace(name: string): Pick<CallPlace, 'moved' | 'before'> {
    return this.#calls.callPlace(name)
  }

  addCall(node: CallNode): void {
    must(this.#draft).calls.push(node)
  }

  /** Calls of the sheets that are its own. */
  ownCalls(): readonly CallNode[] {
    return this.#ownSheets().flatMap(({ calls }) => calls)
  }

  // ── parts of its own ────────────────────────────────────────────────────────────────────────────────────

  /** The index of that key, which the formula at hand asks from now on. */
  #index<T extends SharedIndex>(
    key: string,
    on: RelationId,
    make: () => { readonly index: T; readonly maker: RelationId | null; readonly name: string },
  ): T {
    let part = this.#indexParts.get(key)
    if (part === undefined) {
      part = this.#kept.indexes.get(key)
      if (part !== undefined) this.#lent.add(part)
      else {
        const { index, maker, name } = make()
        part = { kind: 'index', key, operators: [index], on, maker, name }
      }
      this.#addIndex(part)
    }
    const { asked, asking } = must(this.#draft)
    const formulas = asked.get(part) ?? new Set()
    asked.set(part, formulas.add(asking))
    return part.operators[0] as T
  }

  #addIndex(part: IndexPart): void {
    this.#indexParts.set(part.key, part)
    this.#parts.push(part)
  }

  /** Its closures hold on to nothing of this program but what the sheet is made of (`RevocableSources`). */
  #addSheet(bound: BoundSheet, planning: RevocableSources, used: UsedColumns | undefined): void {
    const { view } = bound
    const isUsed = used === undefined ? (): boolean => true : isAmong(used.get(view))
    const draft = newDraft(view)
    this.#draft = draft
    const add = (operator: Operator): void => void draft.operators.push(operator)
    const runs = (map: RowMap): void => void draft.maps.push(map)
    const relation = sheetRows(bound, {
      sources: planning,
      add,
      runs,
      ownRows: () => (draft.rows = planning.data(bound)),
      owns: (rows) => draft.derived.push(rows),
      isUsed,
    })
    this.#sheets.set(view, { bound, relation })
    const shares = (parts: readonly SharedPart[]): void => void draft.shared.push(...parts.map((part) => sharedText(part, view, planning)))
    planColumns(relation, bound, { sources: planning, add, runs, shares, as: (formula, plan) => inTheName(draft, formula, plan) })
    this.#draft = null
    const { asking: _, ...planned } = draft
    this.#addPart({ kind: 'sheet', key: this.#keys?.get(view) ?? '', relation, ...planned })
  }

  #addPart(part: SheetPart): void {
    this.#sheetParts.set(part.view, part)
    this.#parts.push(part)
  }

  // ── parts of the program before ─────────────────────────────────────────────────────────────────────────

  #partsOf(before: Program, used: UsedColumns | undefined): KeptParts {
    const [keys, oldKeys] = [this.#keys, before.#keys]
    if (keys === undefined || oldKeys === undefined) return NOTHING_KEPT
    const old = { keys: oldKeys, stores: before.#stores, sheets: before.#sheetParts, indexes: [...before.#indexParts.values()] }
    return keptParts(old, { graph: this.graph, keys, stores: this.#stores, used })
  }

  #keepSheet(bound: BoundSheet, part: SheetPart, before: Program): void {
    // In the order of the program before: one may have constant criteria that another answers.
    for (const index of before.#indexParts.values()) {
      if (!part.asked.has(index) || this.#indexParts.has(index.key)) continue
      this.#lent.add(index)
      this.#addIndex(index)
    }
    this.#lent.add(part)
    this.#addPart(part)
    this.#sheets.set(bound.view, { bound, relation: part.relation })
    const input = this.#passedOn(bound)
    // The program before has them too, and may have some that this one has not.
    if (input !== null) part.relation.alignInput(input.map((column, i) => column ?? part.relation.columns[i]))
  }

  /** The columns that a sheet has from the relation whose rows are its own; null: it has none. */
  #passedOn({ rows }: BoundSheet): Relation['columns'] | null {
    if (rows.kind === 'relation' || rows.kind === 'filter') return this.relation(rows.relation).columns
    return rows.kind === 'chain' ? this.relation(rows.input.relation).columns : null
  }

  #ownSheets(): readonly SheetPart[] {
    return [...this.#sheetParts.values()].filter((part) => !this.#lent.has(part))
  }

  /** Sheets of the program before that its own ones read. */
  #lentSheetsRead(): readonly Sheet[] {
    const read = new Set<RelationId>()
    for (const { view } of this.#ownSheets()) for (const id of relationsRead(must(this.#sheets.get(view)).bound)) read.add(id)
    return [...read].flatMap((id) => {
      const part = this.#sheetParts.get(id)
      return part !== undefined && this.#lent.has(part) ? [part.relation] : []
    })
  }

  /** Columns of tables that only another program read will be gone. */
  #forgetOthers(): void {
    const columns = new Set<Column>()
    const add = (relation: Relation): void => {
      for (const column of relation.columns) if (column !== undefined) columns.add(column)
    }
    for (const store of this.#stores.values()) add(store)
    for (const { bound, relation } of this.#sheets.values()) {
      const input = this.#passedOn(bound)
      if (input !== null) relation.alignInput(input)
      add(relation)
    }
    for (const { operators } of this.#indexParts.values()) operators[0].keepOnly?.(columns)
  }
}

function isAmong(read: ReadonlySet<number> | undefined): (column: number) => boolean {
  return (column) => read?.has(column) === true
}

function sharedText({ expr, columns }: SharedPart, view: RelationId, sources: ProgramSources): SharedText {
  const text = exprText(expr, view, (relation, column) => sources.columnName(relation, column))
  return { text, formulas: columns.map((column) => `${view}[${column}]`) }
}

/** What is planned asks its indexes for that formula. */
function inTheName<T>(draft: Draft, formula: string, plan: () => T): T {
  const { asking } = draft
  draft.asking = formula
  const planned = plan()
  draft.asking = asking
  return planned
}
