import { must } from '@sheetflow/core/assert'
import { sameJson } from '@sheetflow/core/json-text'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'

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
      this.#created = `["c",${JSON.stringify(key)},${this.#object(after, this.columns)}]`
    }
    return this.#created
  }

  /** null if none of these columns changed: nothing is sent. */
  updated(key: KeyJson, before: RowJson, after: RowJson): string | null {
    if (this.#updatedFrom !== before || this.#updatedTo !== after) {
      this.#updatedFrom = before
      this.#updatedTo = after
      const changed = this.columns.filter((place) => !sameJson(before[place] ?? null, after[place] ?? null))
      this.#updated = changed.length === 0 ? null : this.updatedColumns(key, after, changed)
    }
    return this.#updated
  }

  /** An update of exactly these columns (places in the row). */
  updatedColumns(key: KeyJson, after: RowJson, columns: readonly number[]): string {
    return `["u",${JSON.stringify(key)},${this.#object(after, columns)}]`
  }

  deleted(key: KeyJson): string {
    return `["d",${JSON.stringify(key)},null]`
  }

  #object(row: RowJson, columns: readonly number[]): string {
    let text = '{'
    for (const [i, place] of this.columns.entries()) {
      if (columns !== this.columns && !columns.includes(place)) continue
      if (text.length > 1) text += ','
      text += this.#labels[i] + JSON.stringify(row[place] ?? null)
    }
    return `${text}}`
  }
}
