import { isUnchanged } from '@sheetflow/core/json-special'
import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { SqlValue } from '../params.ts'
import type { ColumnRecord } from '../seen-columns.ts'
import { cellOf, keptText, needsText } from './cell.ts'
import type { ViewTable } from './view-table.ts'

/** Where the columns are noted that get a cell for which statements make provision. */
export interface CellRecord {
  /** Its text stands in `x`. */
  readonly apart: ColumnRecord
  readonly blank: ColumnRecord
}

/** Rows in JSON form as values to bind, for one table; what they are bound to is what is written. */
export class RowBinder {
  readonly #table: ViewTable
  readonly #kept: readonly number[]
  readonly #record: CellRecord

  constructor(table: ViewTable, record: CellRecord) {
    this.#table = table
    this.#record = record
    this.#kept = table.kept
  }

  /** All of `table.stored`, in that order. The row holds no unchanged cell. */
  row(row: RowJson): SqlValue[] {
    const { lanes } = this.#table
    const values: SqlValue[] = new Array<SqlValue>(lanes.length)
    let texts: Record<string, JsonValue> | null = null
    for (let i = 0; i < lanes.length; i++) {
      const lane = must(lanes[i])
      const json = row[i] ?? null
      const cell = cellOf(lane, json)
      values[i] = cell
      if (json === null) this.#record.blank.add(i)
      if (!needsText(lane, json, cell)) continue
      this.#record.apart.add(i)
      texts ??= {}
      texts[`c${i}`] = json
    }
    for (const i of this.#kept) values.push(keptText(must(lanes[i]), row[i] ?? null))
    values.push(texts === null ? null : JSON.stringify(texts))
    return values
  }

  /** Cells of a key in key order. */
  key(key: KeyJson): SqlValue[] {
    return this.#table.key.map((position, i) => cellOf(this.#table.lane(position), key[i] ?? null))
  }

  /** One cell, and the text kept beside it if the lane has one. */
  cell(position: number, json: JsonValue): SqlValue[] {
    const lane = this.#table.lane(position)
    const cell = cellOf(lane, json)
    if (json === null) this.#record.blank.add(position)
    return lane.kept === null ? [cell] : [cell, keptText(lane, json)]
  }

  /** The row's `x`: texts of its own cells, and those of `before` for cells that are unchanged. */
  texts(row: RowJson, before: string | null): string | null {
    const old = before === null ? {} : (JSON.parse(before) as Record<string, JsonValue>)
    const texts: Record<string, JsonValue> = {}
    for (const [i, lane] of this.#table.lanes.entries()) {
      const json = row[i] ?? null
      const name = `c${i}`
      const kept = old[name]
      if (isUnchanged(json)) {
        if (kept !== undefined) texts[name] = kept
      } else if (needsText(lane, json, cellOf(lane, json))) {
        this.#record.apart.add(i)
        texts[name] = json
      }
    }
    return Object.keys(texts).length === 0 ? null : JSON.stringify(texts)
  }
}
