import { holds } from '@sheetflow/core/breakage'
import { sameJson } from '@sheetflow/core/json-text'
import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import { rowId } from './row-id.ts'

/** A value and the offset that it was set at. */
export interface Cell {
  readonly value: JsonValue
  readonly o: number
}

/** Who shows a row and wants to know when it changes. */
export interface RowHolder {
  rowChanged(row: SharedRow): void
}

/** One row, shared by all lists that show it. Written by its `RowTable` alone. */
export interface SharedRow {
  /** Rows of one space have comparable offsets: view, graph epoch and generation. */
  readonly space: string
  readonly id: string
  readonly key: KeyJson
  readonly cells: Map<string, Cell>
  readonly holders: Set<RowHolder>
  /** Counts up with each change of a value. */
  version: number
  /** The greatest offset that changed a value: a list that stands before it must not be painted with this row. */
  newest: number
}

/**
 * The rows of a client, shared between its lists: a row that no list holds is forgotten.
 *
 * Each cell keeps the offset it was set at; only a value with a smaller offset is dropped (FORMATS 8). So lists that are ahead and lists that
 * are asked again can be mixed in any order without an older value overwriting a newer one (law 10).
 */
export class RowTable {
  readonly #spaces = new Map<string, Map<string, SharedRow>>()

  /** Takes hold of a row, which is made if it is not there. */
  retain(space: string, key: KeyJson, holder: RowHolder): SharedRow {
    const id = rowId(key)
    const rows = this.#rowsOf(space)
    let row = rows.get(id)
    if (row === undefined) {
      row = { space, id, key, cells: new Map(), holders: new Set(), version: 0, newest: 0 }
      rows.set(id, row)
    }
    row.holders.add(holder)
    return row
  }

  /** Lets go of a row. */
  release(row: SharedRow, holder: RowHolder): void {
    row.holders.delete(holder)
    if (row.holders.size > 0) return
    const rows = this.#rowsOf(row.space)
    rows.delete(row.id)
    if (rows.size === 0) this.#spaces.delete(row.space)
  }

  /** Sets cells as of offset `o`; older values are dropped. Holders are told if anything is different now. */
  set(row: SharedRow, values: Readonly<Record<string, JsonValue>>, o: number): void {
    let changed = false
    for (const [column, value] of Object.entries(values)) {
      const cell = row.cells.get(column)
      if (cell !== undefined && o < cell.o && holds('cell-offsets')) continue
      row.cells.set(column, { value, o })
      changed ||= cell === undefined || !sameJson(cell.value, value)
    }
    if (!changed) return
    row.version += 1
    row.newest = Math.max(row.newest, o)
    for (const holder of row.holders) holder.rowChanged(row)
  }

  /** Rows held, over all spaces. */
  get size(): number {
    let size = 0
    for (const rows of this.#spaces.values()) size += rows.size
    return size
  }

  #rowsOf(space: string): Map<string, SharedRow> {
    const known = this.#spaces.get(space)
    if (known !== undefined) return known
    const made = new Map<string, SharedRow>()
    this.#spaces.set(space, made)
    return made
  }
}
