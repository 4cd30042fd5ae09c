import type { RowChange } from '@sheetflow/core/message'
import type { RowBatch } from '../state/row-batch.ts'
import type { MissingBase } from './source-tables.ts'
import { exactKey } from './want.ts'
import type { Want } from './want.ts'
import { splitId } from './split-id.ts'

/** Keys of which rows came without a column that did not change, and without a base here: until they have come whole they must be read again. */
export class MissingRows {
  /** By `source!table` and key text. */
  readonly #rows = new Map<string, MissingBase>()

  get size(): number {
    return this.#rows.size
  }

  readonly add = (missing: MissingBase): void => {
    this.#rows.set(textOf(missing), missing)
  }

  /** Rows that come: whole ones are missing no more. */
  noteRead(source: string, table: string, rows: readonly RowChange[]): void {
    if (this.#rows.size === 0) return
    for (const [op, key] of rows) {
      if (key !== null && (op === 'r' || op === 'c' || op === 'd')) this.#rows.delete(textOf({ source, table, key }))
    }
  }

  /** As `noteRead`: rows of a batch are whole. `id`: `source!schema.table`. */
  noteBatch(id: string, batch: RowBatch): void {
    if (this.#rows.size === 0) return
    const [source, table] = splitId(id)
    for (let i = 0; i < batch.size; i++) this.#rows.delete(textOf({ source, table, key: batch.keyLanes.map((lane) => lane.json(i)) }))
  }

  /** What has to be read again is asked of a renamed table by the name that it has now. */
  rename(source: string, { table, to }: { readonly table: string; readonly to: string }): void {
    for (const [text, one] of this.#rows) {
      if (one.source !== source || one.table !== table) continue
      this.#rows.delete(text)
      this.add({ ...one, table: to })
    }
  }

  /** What has to be asked of sources. */
  wants(graph: string): readonly Want[] {
    return [...this.#rows].map(([text, { source, table, key }]): Want => {
      return { kind: 'reread', id: `reread/${graph}/${text}`, source, table, keys: [exactKey(key)] }
    })
  }

  /** For a checkpoint. */
  save(): readonly MissingBase[] {
    return [...this.#rows.values()]
  }
}

function textOf({ source, table, key }: MissingBase): string {
  return `${source}!${table}/${JSON.stringify(key)}`
}
