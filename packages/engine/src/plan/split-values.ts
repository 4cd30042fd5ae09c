import { must } from '@sheetflow/core/assert'
import type { BoundColumn, BoundGraph, BoundRows, BoundSheet, Expr, RelationId, RowsInput } from '@sheetflow/formula/bound'
import { mapParts, partsOf } from '@sheetflow/formula/expr-parts'
import { relationsRead } from './relations-read.ts'
import { refuseCycle } from './refuse-cycle.ts'

/** Where a named value is computed: the sheet of that value alone. */
type ValueViews = ReadonlyMap<RelationId, readonly RelationId[]>

/**
 * The same graph with a sheet of one row and one column for each named value (`sales.sales_values[VAT]`), read by all that read the value. The sheet of all
 * values stays, for its readers, and shows them. So a value is a part of its program by itself: a deployment that changes one goes on with whatever does not read that
 * one, though it may read others (ADR 024).
 */
export function splitValues(graph: BoundGraph): BoundGraph {
  const split = graph.sheets.filter(canBeSplit)
  if (split.length === 0) return graph
  const values: ValueViews = new Map(split.map(({ view, columns }) => [view, columns.map(({ name }) => `${view}[${name}]`)]))
  const sheets = graph.sheets.flatMap((sheet) => {
    const views = values.get(sheet.view)
    return views === undefined ? [withValues(sheet, values)] : [...valueSheets(sheet, views, values), shownValues(sheet, views)]
  })
  return { ...graph, sheets }
}

/** One whose values look at the sheet as at any other relation (`SUM(sales_values[x])`) is computed as one. */
function canBeSplit(sheet: BoundSheet): boolean {
  return (
    sheet.rows.kind === 'single' &&
    sheet.columns.every(({ formula }) => formula !== undefined) &&
    !relationsRead(sheet).includes(sheet.view)
  )
}

/** Each value as a sheet, behind those that it reads. */
function valueSheets(sheet: BoundSheet, views: readonly RelationId[], values: ValueViews): readonly BoundSheet[] {
  const made: BoundSheet[] = []
  const open = new Set<number>()
  const done = new Set<number>()
  const visit = (index: number): void => {
    if (done.has(index)) return
    const column = must(sheet.columns[index], 'a column of the sheet')
    if (open.has(index)) refuseCycle(sheet.view, column.name)
    open.add(index)
    const formula = must(column.formula, 'a value has a formula')
    for (const other of columnsRead(formula)) visit(other)
    done.add(index)
    const read = (expr: Expr): Expr => withReads(expr, (one) => readOf(one, values, views))
    made.push(valueSheet(sheet, must(views[index]), { ...column, id: 1, formula: read(formula) }))
  }
  for (const index of sheet.columns.keys()) visit(index)
  return made
}

function valueSheet({ cost }: BoundSheet, view: RelationId, column: BoundColumn): BoundSheet {
  const schema: BoundSheet['schema'] = { table: view, key: [], columns: [], index: [], search: [], lists: {}, single: true }
  return { view, rows: { kind: 'single' }, columns: [column], key: [], published: [], schema, cost }
}

/** All values beside each other, as readers see them. */
function shownValues(sheet: BoundSheet, views: readonly RelationId[]): BoundSheet {
  const columns = sheet.columns.map((column, i): BoundColumn => {
    const { type, nullable } = column
    return { ...column, formula: { kind: 'named', view: must(views[i]), column: 0, type, nullable } }
  })
  return { ...sheet, columns }
}

/** A sheet that reads each value where it is computed. */
function withValues(sheet: BoundSheet, values: ValueViews): BoundSheet {
  const read = (expr: Expr): Expr => withReads(expr, (one) => readOf(one, values, []))
  const columns = sheet.columns.map((column) => {
    const formula = column.formula === undefined ? undefined : read(column.formula)
    return formula === column.formula || formula === undefined ? column : { ...column, formula }
  })
  return { ...sheet, rows: rowsWith(sheet.rows, read), columns }
}

function rowsWith(rows: BoundRows, read: (expr: Expr) => Expr): BoundRows {
  const input = (one: RowsInput): RowsInput => ({
    ...one,
    steps: one.steps.map((step) => (step.kind === 'filter' ? { ...step, where: read(step.where) } : step)),
  })
  switch (rows.kind) {
    case 'relation':
    case 'data':
    case 'single':
      return rows
    case 'filter':
      return { ...rows, where: read(rows.where) }
    case 'chain':
    case 'distinct':
      return { ...rows, input: input(rows.input) }
    case 'stack':
      return { ...rows, parts: rows.parts.map((part) => ({ ...part, input: input(part.input) })) }
    case 'merge':
      return { ...rows, left: input(rows.left), right: input(rows.right) }
  }
}

/** What reads a value in its place reads its sheet; null: it reads none. `own`: the values of the sheet that the expression stands in, by column. */
function readOf(expr: Expr, values: ValueViews, own: readonly RelationId[]): Expr | null {
  const view = expr.kind === 'named' ? values.get(expr.view)?.[expr.column] : expr.kind === 'column' ? own[expr.column] : undefined
  if (view === undefined) return null
  const { type, nullable } = expr
  return { kind: 'named', view, column: 0, type, nullable }
}

/** The expression with some of its parts replaced; one of which none is stays what it is. */
function withReads(expr: Expr, replaced: (expr: Expr) => Expr | null): Expr {
  const other = replaced(expr)
  if (other !== null) return other
  const parts = partsOf(expr).map((part) => withReads(part, replaced))
  if (parts.every((part, i) => part === partsOf(expr)[i])) return expr
  let at = 0
  return mapParts(expr, () => must(parts[at++], 'as many parts as before'))
}

function columnsRead(expr: Expr): readonly number[] {
  return expr.kind === 'column' ? [expr.column] : partsOf(expr).flatMap(columnsRead)
}
