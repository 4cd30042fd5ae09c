import type { KeyJson } from '@sheetflow/core/message'
import type { BoundRows, BoundSheet, RelationId } from '@sheetflow/formula/bound'
import { groupKey } from '@sheetflow/formula/criteria'
import { rowsColumn, rowsInputs } from '@sheetflow/formula/rows-inputs'
import type { CellPlace, ReadableRows } from './readable-rows.ts'
import type { RelationInfo } from './relation-info.ts'

/** The rows that a row of a sheet is made of. */
export interface RowOrigin {
  readonly relation: RelationId
  readonly slots: readonly number[]
}

/**
 * Where a row of a sheet comes from, one entry for each relation that its rows are made of: the same row of it, the rows of its group, the row of
 * one stacked table, the two rows of a pair. None for rows that are written in the sheet's file.
 */
export function rowOrigins({ view, rows }: BoundSheet, slot: number, all: ReadableRows, info: RelationInfo): readonly RowOrigin[] {
  const inputs = rowsInputs(rows)
  const key = all.key(view, slot)
  switch (rows.kind) {
    case 'relation':
    case 'filter':
    case 'chain':
      return inputs.map(({ relation }) => found(relation, key, all))
    case 'distinct':
      return inputs.map(({ relation }) => ({ relation, slots: groupOf(view, slot, relation, rows.columns, all) }))
    case 'stack': {
      const label = key[0]
      return rows.parts.flatMap((part) => (part.label === label ? [found(part.input.relation, key.slice(1), all)] : []))
    }
    case 'merge': {
      const left = info.key(rows.left.relation).length
      return [found(rows.left.relation, key.slice(0, left), all), found(rows.right.relation, key.slice(left), all)]
    }
    case 'data':
    case 'single':
      return []
  }
}

/** The cells that an input column of a sheet shows, on that row; empty for what is written in the file. */
export function cellOrigins(sheet: BoundSheet, place: CellPlace, all: ReadableRows, info: RelationInfo): readonly CellPlace[] {
  const columns = rowsColumn(sheet.rows, place.column)
  const relations = rowsInputs(sheet.rows).map(({ relation }) => relation)
  return rowOrigins(sheet, place.slot, all, info).flatMap(({ relation, slots }) => {
    const column = columnOf(sheet.rows, relation, columns, relations, all.key(sheet.view, place.slot))
    return column === null ? [] : slots.map((slot) => ({ relation, slot, column }))
  })
}

/** The column of that relation which the sheet's column shows. */
function columnOf(
  rows: BoundRows,
  relation: RelationId,
  columns: readonly (number | null)[],
  relations: readonly RelationId[],
  key: KeyJson,
): number | null {
  // A table may be stacked twice: the label says which part.
  const at =
    rows.kind === 'stack'
      ? rows.parts.findIndex((part) => part.label === key[0])
      : relations.findIndex((one, i) => one === relation && columns[i] !== null)
  return columns[at] ?? null
}

function found(relation: RelationId, key: KeyJson, all: ReadableRows): RowOrigin {
  const slot = all.find(relation, key)
  return { relation, slots: slot < 0 ? [] : [slot] }
}

/** The rows of a group: those whose group columns meet the sheet's first ones. */
function groupOf(view: RelationId, slot: number, relation: RelationId, columns: readonly number[], all: ReadableRows): readonly number[] {
  const wanted = columns.map((_, i) => groupKey(all.value(view, slot, i)))
  return all.slots(relation).filter((one) => columns.every((column, i) => groupKey(all.value(relation, one, column)) === wanted[i]))
}
