import type { KeyJson } from '@sheetflow/core/message'
import type { BoundGraph, BoundRows, RelationId } from '@sheetflow/formula/bound'
import { RelationInfo } from '@sheetflow/workbook/why/relation-info'

/** Is the row of a relation with that key this row of the source, or made of it alone? */
export type IsOfRow = (relation: RelationId, key: KeyJson) => boolean

/**
 * The rows of sheets that are a row of a source: its own in sheets that pass it on, its part of a VSTACK, its pairs in a MERGE. Rows of groups belong to all their
 * members and are not among them. `isRow` answers for the tables of sources.
 */
export function lineageOf(graph: BoundGraph, isRow: IsOfRow): IsOfRow {
  const info = new RelationInfo(graph)
  const made = (rows: BoundRows, key: KeyJson): boolean => {
    switch (rows.kind) {
      case 'relation':
      case 'filter':
        return isOf(rows.relation, key)
      case 'chain':
        return isOf(rows.input.relation, key)
      case 'stack':
        return rows.parts.some(({ label, input }) => label === key[0] && isOf(input.relation, key.slice(1)))
      case 'merge': {
        const left = info.key(rows.left.relation).length
        return isOf(rows.left.relation, key.slice(0, left)) || isOf(rows.right.relation, key.slice(left))
      }
      case 'distinct':
      case 'data':
      case 'single':
        return false
    }
  }
  const tables = new Set(graph.tables.map(({ id }) => id))
  const sheets = new Set(graph.sheets.map(({ view }) => view))
  function isOf(relation: RelationId, key: KeyJson): boolean {
    if (tables.has(relation)) return isRow(relation, key)
    const sheet = sheets.has(relation) ? info.sheet(relation) : null
    return sheet !== null && made(sheet.rows, key)
  }
  return isOf
}
