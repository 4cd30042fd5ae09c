import { must } from '@sheetflow/core/assert'
import { CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'
import { compileColumn, compileExpr, compileFlow } from '@sheetflow/formula/compile/compile-expr'
import type { ExprOf, Flow } from '@sheetflow/formula/compile/compile-host'
import { mapParts, partsOf } from '@sheetflow/formula/expr-parts'
import { isBudgetSpent } from '@sheetflow/formula/value/budget'
import { BUSY, CALC } from '@sheetflow/formula/value/cell-errors'
import { conversion } from '@sheetflow/formula/value/convert'
import type { FormulaValue } from '@sheetflow/formula/value/grid'
import { withNames } from '@sheetflow/formula/with-names'
import type { MapNode, PlannedNode } from '../operators/row-map.ts'
import { GlobalTrigger } from '../operators/map-nodes.ts'
import { RowPass } from '../operators/row-map.ts'
import type { Operator, Relation } from '../operators/relation.ts'
import type { RowStore } from '../state/row-store.ts'
import { planAggregate } from './aggregate-cell.ts'
import { callName, heldTogether, planCall, untilKnown } from './call-cell.ts'
import { CallGuards } from './call-guards.ts'
import { callsFunctions } from './expr-facts.ts'
import { exprKey } from './expr-tools.ts'
import { planLookup } from './lookup-cell.ts'
import { planNearLookup } from './near-cell.ts'
import { Needs } from './needs.ts'
import { planPatternLookup } from './pattern-cell.ts'
import type { BeyondExpr, Cell, DirectCell, EngineHost, LookupCell, Planner, SlotRow } from './planner.ts'
import { oncePerRow, sharedParts } from './shared-parts.ts'
import type { SharedParts } from './shared-parts.ts'
import type { ProgramSources } from './sources.ts'
import { isSameForAll, oncePerStep, planWholeColumns } from './whole-cell.ts'
import type { WholeCell } from './whole-cell.ts'

/** A cell that reaches beyond the row at hand. */
type BeyondCell = LookupCell | WholeCell

/** An index over the very sheet that is planned. */
export interface OwnIndex {
  readonly stage: number
  readonly operator: Operator
}

/** A part of formulas that is computed once for each row. */
export interface SharedPart {
  readonly expr: Expr
  /** The columns whose formulas have it. */
  readonly columns: readonly string[]
}

export interface RowPlanOptions {
  /** The sheet whose formulas are planned. */
  readonly of: string
  /** Which of its rows they are over: no other plan has the same. */
  readonly place: string
  /** The sheet that the rows belong to, where its formulas may read it as a whole; null for the condition of a filter. */
  readonly own: { readonly view: string; readonly relation: Relation } | null
  /** That of the rows. */
  readonly store: RowStore
  /** The row's columns; a computed one is planned when a formula first reads it. */
  readonly column: (index: number) => Cell
  readonly sources: ProgramSources
  /** What reads a column that is planned in other rows: a recursion's; null: it is planned as any other. */
  readonly recursive?: (expr: BeyondExpr) => BeyondCell | null
}

/**
 * Turns the formulas over one kind of row into nodes of a `RowMap`: lookups and aggregates become nodes that hold an entry of an index, the
 * rest becomes closures over columns. Equal parts of different formulas are one.
 */
export class RowPlan implements Planner {
  readonly sources: ProgramSources
  readonly store: RowStore
  readonly ownIndexes: OwnIndex[] = []
  /** Of the map that runs what is planned. */
  readonly pass: RowPass = new RowPass()
  readonly #options: RowPlanOptions
  readonly #columns = new Map<number, Cell['run']>()
  /** Cells of lookups and the like, by what they say. */
  readonly #cells = new Map<string, BeyondCell>()
  /** What is the same for all rows, by what it says. */
  readonly #wholes = new Map<string, WholeCell>()
  /** Parts that formulas have in common, by number. */
  readonly #parts = new Map<number, { readonly expr: Expr; readonly cell: WholeCell; readonly formulas: Set<string> }>()
  #sharedParts: SharedParts = new Map()
  /** The column whose formula is planned; empty: what says which rows there are. */
  #planning = ''
  /** Of the formula that is walked through. */
  #guards: CallGuards | null = null
  /** All of them by their place in a formula. */
  readonly #planned = new Map<Expr, BeyondCell>()
  readonly #shared = new Map<string, Cell>()
  readonly #nodes: { readonly node: MapNode; readonly needs: Needs }[] = []
  readonly #host: EngineHost = {
    lookup: (node) => this.#hosted(node) as ReturnType<EngineHost['lookup']>,
    columns: (node) => this.#hosted(node) as Flow<SlotRow>,
    part: (node) => (this.#planned.has(node) ? (this.#hosted(node) as Flow<SlotRow>) : null),
    aggregate: (node) => this.#hosted(node) as (row: SlotRow) => Value,
    named: (node) => this.#hosted(node) as (row: SlotRow) => Value,
    clock: (node) => this.#hosted(node) as (row: SlotRow) => Value,
    async: (node) => this.#hosted(node) as (row: SlotRow) => Value,
  }

  constructor(options: RowPlanOptions) {
    this.#options = options
    this.sources = options.sources
    this.store = options.store
  }

  isOwn(relation: string): boolean {
    return this.#options.own?.view === relation
  }

  relation(id: string): Relation {
    return this.isOwn(id) ? must(this.#options.own).relation : this.sources.relation(id)
  }

  column(index: number): Cell {
    const cell = this.#options.column(index)
    this.#columns.set(index, cell.run)
    return cell
  }

  /** What these formulas have in common is computed once for each row. To be said before they are planned. */
  share(formulas: readonly Expr[]): void {
    this.#sharedParts = sharedParts(formulas)
  }

  /** The parts that are computed once for several places. */
  commonParts(): readonly SharedPart[] {
    return [...this.#parts.values()].map(({ expr, formulas }) => ({ expr, columns: [...formulas] }))
  }

  /** The formula of the column named `of`. */
  formula(expr: Expr, of: string): Cell {
    const planning = this.#planning
    this.#planning = of
    const cell = this.#formula(expr, of)
    this.#planning = planning
    return cell
  }

  #formula(expr: Expr, of: string): Cell {
    const needs = this.#needsOf(expr)
    const guarded = this.#guarded(compileColumn(expr, of, this.#host), new CellError(CALC.kind, of))
    const run = heldTogether(expr, guarded, this.pass, new CellError(BUSY.kind, of))
    const direct = this.#direct(expr)
    return direct === undefined ? { needs, run } : { needs, run, direct }
  }

  part(expr: Expr): Cell {
    const needs = this.#needsOf(expr)
    return { needs, run: heldTogether(expr, this.#guarded(compileExpr(expr, this.#host), CALC), this.pass, BUSY) }
  }

  addNode(node: MapNode, needs: Needs): Needs {
    this.#nodes.push({ node, needs })
    const result = new Needs()
    result.nodes.add(this.#nodes.length - 1)
    result.stage = needs.stage
    return result
  }

  shared(key: string, make: () => Cell): Cell {
    const known = this.#shared.get(key)
    if (known !== undefined) return known
    const made = make()
    this.#shared.set(key, made)
    return made
  }

  addOwnIndex(stage: number, operator: Operator): number {
    return this.ownIndexes.push({ stage, operator })
  }

  /** The nodes as `RowMap` wants them: by stage, each behind those that it reads. */
  planned(): readonly PlannedNode[] {
    const order = this.#nodes.map((_, i) => i).sort((a, b) => must(this.#nodes[a]).needs.stage - must(this.#nodes[b]).needs.stage || a - b)
    const places = new Map(order.map((old, place) => [old, place]))
    return order.map((old) => {
      const { node, needs } = must(this.#nodes[old])
      return {
        node,
        stage: needs.stage,
        inputs: [...needs.inputs],
        triggers: [...needs.triggers],
        nodes: [...needs.nodes].map((one) => must(places.get(one))),
      }
    })
  }

  /** A formula that is one lookup or one aggregate and nothing else need not make a value of what it finds. */
  #direct(expr: Expr): DirectCell | undefined {
    if (expr.kind !== 'lookup' && expr.kind !== 'aggregate') return undefined
    if (expr.kind === 'lookup' && conversion(expr.found, expr.type) !== null) return undefined
    const cell = must(this.#planned.get(expr), 'a node that was planned')
    return 'direct' in cell ? cell.direct : undefined
  }

  /** One row object per formula: a formula runs to its end before it is run again. */
  #thunk<T extends FormulaValue>(run: (row: SlotRow) => T): (slot: number) => T {
    const columns = this.#columns
    const row: SlotRow = {
      slot: 0,
      get: (column) => must(columns.get(column), 'a column that was planned')(row.slot),
    }
    return (slot) => {
      row.slot = slot
      return run(row)
    }
  }

  /**
   * As `#thunk`, of an expression that a node runs: one that fails inside (a bug of a function, a call too deep) is the error of its cell and no end of the graph, and whoever keeps its
   * letters hears of it. It reads state and writes none, so nothing is left half done. Parts of it are not guarded: they fail as the whole.
   */
  #guarded(run: (row: SlotRow) => Value, instead: CellError): (slot: number) => Value {
    const compute = this.#thunk(run)
    const { of } = this.#options
    const column = this.#planning === '' ? null : this.#planning
    const { faults } = this.sources
    return (slot) => {
      try {
        return compute(slot)
      } catch (error) {
        if (isBudgetSpent(error)) throw error
        faults.met(of, column, () => (this.store.isLive(slot) ? this.store.keyJson(slot) : null), error)
        return instead
      }
    }
  }

  #hosted(node: Expr): (row: SlotRow) => ReturnType<BeyondCell['run']> {
    const { run } = must(this.#planned.get(node), 'a node that was planned')
    return (row) => run(row.slot)
  }

  #needsOf(expr: Expr): Needs {
    const needs = new Needs()
    const outer = this.#guards
    this.#guards = new CallGuards(expr)
    this.#collect(expr, needs, new Map())
    this.#guards = outer
    return needs
  }

  /** Plans what the expression reads and adds it to `needs`. `lets`: values of the LETs around it, each behind those that it reads. */
  #collect(expr: Expr, needs: Needs, lets: Map<number, Expr>): void {
    switch (expr.kind) {
      case 'const':
      case 'grid':
      case 'local':
        return
      case 'over':
        if (this.#planWhole(expr, needs)) return
        for (const one of [...expr.args, expr.body]) this.#collect(one, needs, lets)
        return
      case 'column':
        needs.add(this.column(expr.column).needs)
        return
      case 'call':
        if (this.#planWhole(expr, needs) || this.#planShared(expr, needs)) return
        if (expr.fn === 'IF' && callsFunctions(expr)) this.#collectIf(expr, needs, lets)
        else for (const one of expr.args) this.#collect(one, needs, lets)
        return
      case 'let':
        this.#collect(expr.value, needs, lets)
        lets.set(expr.slot, expr.value)
        this.#collect(expr.body, needs, lets)
        return
      case 'lookup':
        this.#collect(expr.search, needs, lets)
        if (expr.missing !== null) this.#collect(expr.missing, needs, lets)
        this.#plan(expr, needs, lets)
        return
      case 'aggregate':
        for (const one of expr.criteria) this.#collect(one.value, needs, lets)
        for (const one of expr.args) this.#collect(one, needs, lets)
        this.#plan(expr, needs, lets)
        return
      case 'async':
        for (const one of expr.args) this.#collect(one, needs, lets)
        this.#planCallAt(expr, needs, lets)
        return
      case 'columns':
      case 'named':
      case 'clock':
        this.#plan(expr, needs, lets)
    }
  }

  /** Calls of functions in its branches are made where the condition comes to them. */
  #collectIf({ args }: ExprOf<'call'>, needs: Needs, lets: Map<number, Expr>): void {
    const [condition, ...branches] = args
    if (condition === undefined) return
    this.#collect(condition, needs, lets)
    for (const [i, branch] of branches.entries()) {
      this.#guards?.within(condition, i === 0, lets, () => this.#collect(branch, needs, lets))
    }
  }

  /** What goes through whole columns and is the same for every row is a cell of its own, computed once a step. */
  #planWhole(expr: ExprOf<'call' | 'over'>, needs: Needs): boolean {
    if (!isSameForAll(expr)) return false
    const key = exprKey(expr)
    const cell = this.#wholes.get(key) ?? this.#wholeCell(expr)
    this.#wholes.set(key, cell)
    this.#planned.set(expr, cell)
    needs.add(cell.needs)
    return true
  }

  #wholeCell(expr: ExprOf<'call' | 'over'>): WholeCell {
    const needs = new Needs()
    const lets = new Map<number, Expr>()
    for (const part of partsOf(expr)) this.#collect(part, needs, lets)
    // Parts of it that another formula computes too are cells by themselves, whose inside was planned there.
    return { needs, run: oncePerStep(compileFlow(expr, this.#host), this.sources.clock) }
  }

  /** What other formulas of the row have too. It reads no name that is given around it. */
  #planShared(expr: ExprOf<'call'>, needs: Needs): boolean {
    const number = this.#sharedParts.get(expr)
    if (number === undefined) return false
    const part = this.#parts.get(number) ?? { expr, cell: this.#sharedCell(expr), formulas: new Set<string>() }
    this.#parts.set(number, part)
    part.formulas.add(this.#planning)
    this.#planned.set(expr, part.cell)
    needs.add(part.cell.needs)
    return true
  }

  #sharedCell(expr: ExprOf<'call'>): WholeCell {
    const needs = new Needs()
    const lets = new Map<number, Expr>()
    for (const part of expr.args) this.#collect(part, needs, lets)
    return { needs, run: oncePerRow(this.#thunk(compileFlow(expr, this.#host)), this.pass) }
  }

  /** One place of a formula is planned once, though it may stand in what several others of its lookups read by name. */
  #plan(expr: BeyondExpr, needs: Needs, lets: ReadonlyMap<number, Expr>): void {
    const cell = this.#planned.get(expr) ?? this.#planAlone(mapParts(expr, (part) => withNames(part, lets)) as BeyondExpr)
    this.#planned.set(expr, cell)
    needs.add(cell.needs)
  }

  #planCallAt(expr: ExprOf<'async'>, needs: Needs, lets: ReadonlyMap<number, Expr>): void {
    const cell = this.#planned.get(expr) ?? this.#callCell(mapParts(expr, (part) => withNames(part, lets)) as ExprOf<'async'>, expr)
    this.#planned.set(expr, cell)
    needs.add(cell.needs)
  }

  /** `place`: the call as it stands in its formula. */
  #callCell(expr: ExprOf<'async'>, place: Expr): Cell {
    const site = { where: this.#options.place, guards: this.#guards?.of(place) ?? [], pass: this.pass }
    return this.shared(callName(expr, site), () => planCall(this, expr, site))
  }

  #planAlone(expr: BeyondExpr): BeyondCell {
    return this.#options.recursive?.(expr) ?? this.#beyond(expr)
  }

  #beyond(expr: BeyondExpr): BeyondCell {
    const key = cellKey(expr)
    const cell = this.#cells.get(key) ?? this.#planCell(expr)
    this.#cells.set(key, cell)
    return cell
  }

  #planCell(expr: BeyondExpr): BeyondCell {
    switch (expr.kind) {
      case 'lookup':
        if (expr.mode === 2) return planPatternLookup(this, expr)
        return expr.mode === 0 ? planLookup(this, expr) : planNearLookup(this, expr, expr.mode)
      case 'aggregate':
        return untilKnown(this, expr, planAggregate(this, expr))
      case 'columns':
        return planWholeColumns(this, expr)
      case 'named':
        return this.#planNamed(expr)
      case 'clock': {
        const clock = this.sources.zoneClock(expr.workbook, expr.unit)
        return { run: () => clock.now, needs: Needs.ofTrigger(new GlobalTrigger(() => clock.changed)) }
      }
    }
  }

  #planNamed(expr: ExprOf<'named'>): Cell {
    if (this.isOwn(expr.view)) return this.column(expr.column)
    const column = must(this.relation(expr.view).columns[expr.column], 'a named value is a column of its sheet')
    return { run: () => column.value(0), needs: Needs.ofTrigger(new GlobalTrigger(() => column.changed(0))) }
  }
}

/** What is missing is the formula's, not the cell's: lookups that differ only there share one. */
function cellKey(expr: BeyondExpr): string {
  return exprKey(expr.kind === 'lookup' ? { ...expr, missing: null } : expr)
}
