import { must } from '@sheetflow/core/assert'
import type { BoundSheet, Expr } from '@sheetflow/formula/bound'
import { partsOf } from '@sheetflow/formula/expr-parts'
import { leafFirst } from '@sheetflow/formula/leaf-first'
import { recursiveColumns } from '@sheetflow/formula/recursion'
import { ColumnNode } from '../operators/map-nodes.ts'
import type { Operator } from '../operators/relation.ts'
import { RowMap } from '../operators/row-map.ts'
import type { Sheet } from '../operators/sheet.ts'
import { sameLane } from '../state/make-lane.ts'
import type { BeyondExpr, Cell } from './planner.ts'
import { RecursionPlan } from './recursion-plan.ts'
import type { PlannedColumn } from './recursion-plan.ts'
import { refuseCycle } from './refuse-cycle.ts'
import { RowPlan } from './row-plan.ts'
import type { SharedPart } from './row-plan.ts'
import { inputCell } from './sheet-rows.ts'
import type { ProgramSources } from './sources.ts'

/** What a program gives to the columns of one of its sheets. */
export interface SheetColumnsHost {
  readonly sources: ProgramSources
  /** Adds an operator behind those that are there. */
  readonly add: (operator: Operator) => void
  /** Told of the map that runs the formulas. */
  readonly runs: (map: RowMap) => void
  /** Told of parts that formulas have in common. */
  readonly shares: (parts: readonly SharedPart[]) => void
  /** Plans in the name of that formula (`sales.customers[spent]`): what it asks, it asks for that. */
  readonly as: <T>(formula: string, plan: () => T) => T
}

/** Adds the computed columns of a sheet, whose rows are there, and the operators that compute them. */
export function planColumns(sheet: Sheet, bound: BoundSheet, host: SheetColumnsHost): void {
  const columns = bound.columns.map((column) => (column.formula === undefined ? null : sheet.addColumn(column.type)))
  const cells = new Map<number, Cell>()
  const open = new Set<number>()
  const groups = recursiveColumns(bound)
  const recursions: RecursionPlan[] = []
  const formula = (index: number): Cell => {
    const { name, formula: expr } = must(bound.columns[index])
    return host.as(`${bound.view}[${name}]`, () => plan.formula(must(expr), name))
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
  const plan = new RowPlan({
    of: bound.view,
    place: bound.view,
    own: { view: bound.view, relation: sheet },
    store: sheet.store,
    sources: host.sources,
    column: cell,
    recursive,
  })
  plan.share(
    bound.columns.flatMap(({ formula: one }, index) => (one === undefined || groups.some((group) => group.includes(index)) ? [] : [one])),
  )
  const formulas = [...bound.columns.keys()].filter((index) => bound.columns[index]?.formula !== undefined)
  for (const index of [...leafFirst(formulas, (one) => columnsReadBy(bound, one)), ...formulas]) cell(index)
  host.shares(plan.commonParts())
  const map = new RowMap(sheet, plan.planned(), plan.pass)
  host.runs(map)
  for (const [stage, operator] of map.stages(bound.view).entries()) {
    host.add(operator)
    for (const index of plan.ownIndexes) if (index.stage === stage) host.add(index.operator)
  }
}

/** Computed columns of its own row that a column reads. */
function columnsReadBy(bound: BoundSheet, index: number): readonly number[] {
  const found: number[] = []
  const collect = (expr: Expr): void => {
    if (expr.kind !== 'column') partsOf(expr).forEach(collect)
    else if (expr.column !== index && bound.columns[expr.column]?.formula !== undefined) found.push(expr.column)
  }
  const formula = bound.columns[index]?.formula
  if (formula !== undefined) collect(formula)
  return found
}

function keep(cells: Map<number, Cell>, index: number, cell: Cell): Cell {
  cells.set(index, cell)
  return cell
}
