import { must } from '@sheetflow/core/assert'
import type { BoundGraph, BoundSheet, Expr, RelationId } from '@sheetflow/formula/bound'

/** Columns by relation. */
export type UsedColumns = ReadonlyMap<RelationId, ReadonlySet<number>>

/**
 * Which columns of tables and sheets some formula reads or some sheet publishes: only these are kept. A column of a sheet that it has from
 * its rows is one of theirs.
 */
export function usedColumns(graph: BoundGraph): UsedColumns {
  const used = new Map<RelationId, Set<number>>()
  const sheets = new Map(graph.sheets.map((sheet) => [sheet.view, sheet]))
  const use = (relation: RelationId, column: number): void => {
    let columns = used.get(relation)
    if (columns === undefined) {
      columns = new Set()
      used.set(relation, columns)
    }
    if (columns.has(column)) return
    columns.add(column)
    const sheet = sheets.get(relation)
    if (sheet !== undefined && isInput(sheet, column)) use(must(rowsOf(sheet)), column)
  }
  for (const table of graph.tables) {
    for (const name of table.schema.key)
      use(
        table.id,
        table.schema.columns.findIndex((column) => column.name === name),
      )
  }
  for (const sheet of graph.sheets) {
    for (const column of [...sheet.key, ...sheet.published]) use(sheet.view, column)
    if (sheet.rows.kind === 'filter') readColumns(sheet.rows.where, sheet.rows.relation, use)
    for (const { formula } of sheet.columns) if (formula !== undefined) readColumns(formula, sheet.view, use)
  }
  return used
}

function isInput(sheet: BoundSheet, column: number): boolean {
  return rowsOf(sheet) !== null && must(sheet.columns[column]).formula === undefined
}

function rowsOf({ rows }: BoundSheet): RelationId | null {
  return rows.kind === 'relation' || rows.kind === 'filter' ? rows.relation : null
}

/** Calls `use` for every column that the expression reads; `own` is the relation of its row. */
function readColumns(expr: Expr, own: RelationId, use: (relation: RelationId, column: number) => void): void {
  switch (expr.kind) {
    case 'const':
    case 'grid':
    case 'local':
    case 'today':
      return
    case 'columns':
      for (const column of expr.columns) use(expr.relation, column)
      return
    case 'over':
      for (const one of [...expr.args, expr.body]) readColumns(one, own, use)
      return
    case 'column':
      return use(own, expr.column)
    case 'named':
      return use(expr.view, expr.column)
    case 'call':
      for (const one of expr.args) readColumns(one, own, use)
      return
    case 'let':
      readColumns(expr.value, own, use)
      return readColumns(expr.body, own, use)
    case 'lookup':
      use(expr.relation, expr.key)
      use(expr.relation, expr.result)
      readColumns(expr.search, own, use)
      if (expr.missing !== null) readColumns(expr.missing, own, use)
      return
    case 'aggregate':
      if (expr.column !== null) use(expr.relation, expr.column)
      for (const one of expr.criteria) {
        use(expr.relation, one.column)
        readColumns(one.value, own, use)
      }
      for (const one of expr.args) readColumns(one, own, use)
  }
}
