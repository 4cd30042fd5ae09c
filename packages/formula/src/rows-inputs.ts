import type { BoundRows, RowsInput } from './bound.ts'

/** The relations that the rows of a sheet come from, with the steps on the way; none for rows of its own. */
export function rowsInputs(rows: BoundRows): readonly RowsInput[] {
  switch (rows.kind) {
    case 'relation':
      return [{ relation: rows.relation, steps: [] }]
    case 'filter':
      return [{ relation: rows.relation, steps: [{ kind: 'filter', where: rows.where }] }]
    case 'chain':
    case 'distinct':
      return [rows.input]
    case 'stack':
      return rows.parts.map((part) => part.input)
    case 'merge':
      return [rows.left, rows.right]
    case 'data':
    case 'single':
      return []
  }
}

/** Where an input column of a sheet comes from: for each of `rowsInputs` the column of its relation, or null: it has no part in it. */
export function rowsColumn(rows: BoundRows, column: number): readonly (number | null)[] {
  switch (rows.kind) {
    case 'relation':
    case 'filter':
    case 'chain':
      return [column]
    case 'distinct':
      return [rows.columns[column] ?? null]
    case 'stack':
      return rows.parts.map((part) => {
        const own = column === 0 ? null : part.columns[column - 1]
        return typeof own === 'number' ? own : null
      })
    case 'merge':
      return [rows.columns.left[column] ?? null, rows.columns.right[column - rows.columns.left.length] ?? null]
    case 'data':
    case 'single':
      return []
  }
}
