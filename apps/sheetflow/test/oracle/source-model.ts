import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'

/** A source table as plainly as it can be said: rows by key, cells by the id of their column. */
export class SourceModel {
  schema: TableSchema
  readonly #rows = new Map<string, Map<number, JsonValue>>()

  constructor(schema: TableSchema) {
    this.schema = schema
  }

  /** Cells in the order of a schema; of a column that is gone `#REF!`. */
  rows(schema: TableSchema = this.schema): RowJson[] {
    const known = new Set(this.schema.columns.map((column) => column.id))
    return [...this.#rows.values()].map((row) =>
      schema.columns.map(({ id, name }): JsonValue => (known.has(id) ? (row.get(id) ?? null) : { e: '#REF!', of: name })),
    )
  }

  /** `{"~":1}` is what the row had; in the row of a changed key, what the row with the old one had. */
  apply(changes: readonly RowChange[]): void {
    let removed: Map<number, JsonValue> | undefined
    for (const [op, key, after] of changes) {
      const text = JSON.stringify(key)
      const base: Map<number, JsonValue> | undefined = this.#rows.get(text) ?? (op === 'c' ? removed : undefined)
      removed = undefined
      if (op === 't') this.#rows.clear()
      else if (op === 'd') {
        removed = this.#rows.get(text)
        this.#rows.delete(text)
      } else {
        const cells = this.schema.columns.map(({ id }, i): [number, JsonValue] => {
          const cell = must(after)[i] ?? null
          return [id, isUnchanged(cell) ? (base?.get(id) ?? null) : cell]
        })
        this.#rows.set(text, new Map(cells))
      }
    }
  }

  keyOf(row: RowJson): JsonValue[] {
    return this.schema.key.map((name) => row[this.schema.columns.findIndex((column) => column.name === name)] ?? null)
  }
}

function isUnchanged(cell: JsonValue): boolean {
  return typeof cell === 'object' && cell !== null && '~' in cell
}
