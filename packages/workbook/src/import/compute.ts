import type { Value } from '@sheetflow/core/value'
import type { BoundGraph, BoundSheet, Expr } from '@sheetflow/formula/bound'
import { PlainHost } from '@sheetflow/formula/calculator/plain-host'
import type { PlainTable } from '@sheetflow/formula/calculator/plain-table'
import type { CompileHost } from '@sheetflow/formula/compile/compile-host'
import { compileColumn } from '@sheetflow/formula/compile/compile-expr'
import { partsOf } from '@sheetflow/formula/expr-parts'

/** Of larger sheets a formula is computed for this many rows only. */
const MAX_COMPUTED = 200

/**
 * What is done with the values of a column once they are computed (by row; rows that are not among them were not), and the values that other formulas are to
 * read in all rows.
 */
export type Settle = (sheet: BoundSheet, column: number, values: ReadonlyMap<number, Value>) => readonly Value[]

/** Computes all sheets of a graph over plain rows, each formula behind those that it reads; of large ones some rows. `tables`: the source's, by id. */
export function computeSheets(graph: BoundGraph, tables: ReadonlyMap<string, PlainTable>, today: number, settle: Settle): void {
  const known = new Map<string, PlainTable>(tables)
  const host = hostOf(known, today)
  for (const sheet of graph.sheets) {
    const rows = inputRows(sheet, known)
    known.set(sheet.view, { id: sheet.view, columns: sheet.columns, key: sheet.key, rows })
    for (const index of inOrder(sheet)) {
      const column = sheet.columns[index]
      if (column?.formula === undefined) continue
      const run = compileColumn(column.formula, column.name, host)
      const values = new Map<number, Value>()
      const step = Math.ceil(rows.length / MAX_COMPUTED)
      for (let at = 0; at < rows.length; at += step) values.set(at, run({ get: (input) => rows[at]?.[input] ?? null }))
      for (const [at, value] of settle(sheet, index, values).entries()) (rows[at] ?? [])[index] = value
    }
  }
}

/** As for plain tables; named values are read from their one row. */
function hostOf(known: ReadonlyMap<string, PlainTable>, today: number): CompileHost {
  const plain = new PlainHost((id) => known.get(id) ?? { id, columns: [], key: [], rows: [] }, { days: today, micros: 0 })
  return {
    lookup: (node, search) => plain.lookup(node, search),
    aggregate: (node, criteria, args) => plain.aggregate(node, criteria, args),
    columns: (node) => plain.columns(node),
    named:
      ({ view, column }) =>
      () =>
        known.get(view)?.rows[0]?.[column] ?? null,
    clock: (node) => plain.clock(node),
  }
}

function inputRows({ rows }: BoundSheet, known: ReadonlyMap<string, PlainTable>): Value[][] {
  if (rows.kind === 'single') return [[]]
  if (rows.kind === 'data') return rows.rows.map((row) => [...row])
  return rows.kind === 'relation' ? (known.get(rows.relation)?.rows ?? []).map((row) => [...row]) : []
}

/** Columns with formulas, each behind those of the same sheet that it reads; in a circle of columns that read each other one of them comes first. */
function inOrder(sheet: BoundSheet): readonly number[] {
  const seen = new Set<number>()
  const done = new Set<number>()
  const visit = (index: number): void => {
    const formula = sheet.columns[index]?.formula
    if (seen.has(index) || formula === undefined) return
    seen.add(index)
    for (const other of columnsRead(formula, sheet.view)) if (other !== index) visit(other)
    done.add(index)
  }
  for (const index of sheet.columns.keys()) visit(index)
  return [...done]
}

function columnsRead(expr: Expr, view: string): readonly number[] {
  const own = readOf(expr, view).flatMap((one) => (one.view === view ? [one.column] : []))
  return [...own, ...partsOf(expr).flatMap((part) => columnsRead(part, view))]
}

/** Columns that the expression itself reads, its parts left out. */
function readOf(expr: Expr, own: string): readonly { readonly view: string; readonly column: number }[] {
  const of = (view: string, ...columns: readonly (number | null)[]): readonly { readonly view: string; readonly column: number }[] =>
    columns.flatMap((column) => (column === null ? [] : [{ view, column }]))
  switch (expr.kind) {
    case 'column':
      return of(own, expr.column)
    case 'named':
      return of(expr.view, expr.column)
    case 'lookup':
      return of(expr.relation, expr.key, expr.result)
    case 'aggregate':
      return of(expr.relation, expr.column, ...expr.criteria.map((one) => one.column))
    case 'columns':
      return of(expr.relation, ...expr.columns)
    default:
      return []
  }
}

/** Does the value change with the day, or with a column that does (`isDaily`)? `own`: the formula's sheet. */
export function readsToday(expr: Expr, isDaily: (view: string, column: number) => boolean, own: string): boolean {
  const reads = expr.kind === 'clock' || readOf(expr, own).some(({ view, column }) => isDaily(view, column))
  return reads || partsOf(expr).some((part) => readsToday(part, isDaily, own))
}
