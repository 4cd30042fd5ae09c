import { must } from '@sheetflow/core/assert'
import type { BoundGraph, Expr, RelationId, RowsStep } from '@sheetflow/formula/bound'
import { rowsColumn, rowsInputs } from '@sheetflow/formula/rows-inputs'

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
    if (sheet === undefined || must(sheet.columns[column]).formula !== undefined) return
    const from = rowsColumn(sheet.rows, column)
    for (const [i, input] of rowsInputs(sheet.rows).entries()) {
      const place = from[i]
      if (place !== null && place !== undefined) use(input.relation, place)
    }
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
    for (const { relation, steps } of rowsInputs(sheet.rows)) for (const step of steps) stepColumns(step, relation, use)
    if (sheet.rows.kind === 'merge') {
      for (const { left, right } of sheet.rows.on) {
        use(sheet.rows.left.relation, left)
        use(sheet.rows.right.relation, right)
      }
    }
    for (const { formula } of sheet.columns) if (formula !== undefined) readColumns(formula, sheet.view, use)
  }
  return used
}

/** Columns that a step of the rows reads. */
function stepColumns(step: RowsStep, relation: RelationId, use: (relation: RelationId, column: number) => void): void {
  if (step.kind === 'filter') readColumns(step.where, relation, use)
  else for (const { column } of step.order) use(relation, column)
}

/** Calls `use` for every column that the expression reads; `own` is the relation of its row. */
function readColumns(expr: Expr, own: RelationId, use: (relation: RelationId, column: number) => void): void {
  switch (expr.kind) {
    case 'const':
    case 'grid':
    case 'local':
    case 'clock':
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
    case 'async':
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
