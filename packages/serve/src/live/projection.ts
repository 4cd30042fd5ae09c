import { must } from '@sheetflow/core/assert'
import { sameJson } from '@sheetflow/core/json-text'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'

/**
 * The columns that channels of one shape carry, and the JSON text of live rows in them (FORMATS 8):
 * `["c",key,{all columns}]`, `["u",key,{changed columns}]`, `["d",key,null]`.
 *
 * Channels with equal columns share one projection, so a change is written once for all of them: the last texts are remembered.
 */
export class Projection {
  /** Places of the columns in a row. */
  readonly columns: readonly number[]
  readonly #labels: readonly string[]
  #after: RowJson | null = null
  #created = ''
  #updatedFrom: RowJson | null = null
  #updatedTo: RowJson | null = null
  #updated: string | null = null

  /** `ids` are column ids of the schema, sorted. */
  constructor(schema: TableSchema, ids: readonly number[]) {
    const places = new Map(schema.columns.map((column, place) => [column.id, place]))
    this.columns = ids.map((id) => must(places.get(id), 'a channel carries columns of its view'))
    this.#labels = this.columns.map((place) => `${JSON.stringify(must(schema.columns[place]).name)}:`)
  }

  created(key: KeyJson, after: RowJson): string {
    if (this.#after !== after) {
      this.#after = after
      this.#created = `["c",${listText(key)},${this.#object(after, this.columns)}]`
    }
    return this.#created
  }

  /** null if none of these columns changed: nothing is sent. */
  updated(key: KeyJson, before: RowJson, after: RowJson): string | null {
    if (this.#updatedFrom !== before || this.#updatedTo !== after) {
      this.#updatedFrom = before
      this.#updatedTo = after
      const changed = this.#difference(before, after)
      this.#updated = changed === '' ? null : `["u",${listText(key)},{${changed}}]`
    }
    return this.#updated
  }

  /** An update of exactly these columns (places in the row). */
  updatedColumns(key: KeyJson, after: RowJson, columns: readonly number[]): string {
    return `["u",${listText(key)},${this.#object(after, columns)}]`
  }

  deleted(key: KeyJson): string {
    return `["d",${listText(key)},null]`
  }

  #object(row: RowJson, columns: readonly number[]): string {
    let text = ''
    for (const [i, place] of this.columns.entries()) {
      if (columns !== this.columns && !columns.includes(place)) continue
      if (text !== '') text += ','
      text += (this.#labels[i] as string) + cellText(row[place] ?? null)
    }
    return `{${text}}`
  }

  #difference(before: RowJson, after: RowJson): string {
    const { columns } = this
    let text = ''
    for (let i = 0; i < columns.length; i++) {
      const place = columns[i] as number
      const value = after[place] ?? null
      if (sameJson(before[place] ?? null, value)) continue
      if (text !== '') text += ','
      text += (this.#labels[i] as string) + cellText(value)
    }
    return text
  }
}

function listText(values: readonly JsonValue[]): string {
  return values.length === 1 ? `[${cellText(values[0] as JsonValue)}]` : JSON.stringify(values)
}

/** JSON text of a cell; what needs no quotes is not sent through the general writer. */
function cellText(value: JsonValue): string {
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : JSON.stringify(value)
}
