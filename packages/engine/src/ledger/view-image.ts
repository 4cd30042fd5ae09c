import type { WholeTransaction } from '@sheetflow/core/framing/collector'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import type { SheetSchema } from '@sheetflow/core/schema'
import { keyComparator } from '@sheetflow/core/key'
import type { ColumnType } from '@sheetflow/core/type'
import { filled } from './cell-change.ts'
import { newGeneration } from './generation.ts'

/** The rows of one view at one moment, with the schema of the generation that they are of. */
export interface ViewImage {
  readonly schema: SheetSchema
  /** Sorted by key. */
  readonly rows: readonly RowJson[]
}

interface KeyedRow {
  readonly key: KeyJson
  readonly row: RowJson
}

/**
 * One view over the output transactions of its graph: forwards from where it begins a generation, or from an image of it; backwards from an
 * image, since changes carry what the row was. Pure; transactions may be those of the whole graph.
 */
export class ViewFold {
  readonly #view: string
  readonly #rows = new Map<string, KeyedRow>()
  #schema: SheetSchema | null = null

  constructor(view: string) {
    this.#view = view
  }

  /** What the view is; null: no generation has begun in what was pushed, and no image was given. */
  get image(): ViewImage | null {
    const schema = this.#schema
    if (schema === null) return null
    const compare = keyComparator(keyTypes(schema))
    const rows = [...this.#rows.values()].sort((a, b) => compare(a.key, b.key))
    return { schema, rows: rows.map(({ row }) => row) }
  }

  /** Goes on from here. */
  start({ schema, rows }: ViewImage): void {
    const places = schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))
    this.#schema = schema
    this.#rows.clear()
    for (const row of rows)
      this.#set(
        places.map((place) => row[place] ?? null),
        row,
      )
  }

  /** The next transaction. */
  push({ pieces }: WholeTransaction): void {
    for (const piece of pieces) {
      const schema = newGeneration(piece, this.#view)
      if (schema !== null) {
        this.#schema = schema
        this.#rows.clear()
      } else if (piece.kind === 'rows' && piece.message.table === this.#view) for (const change of piece.message.rows) this.#take(change)
    }
  }

  /** The transaction that came last never was. False: it cannot be undone, the generation began with it. */
  undo({ pieces }: WholeTransaction): boolean {
    for (const piece of pieces.toReversed()) {
      if (newGeneration(piece, this.#view) !== null) return false
      if (piece.kind !== 'rows' || piece.message.table !== this.#view) continue
      for (const [op, key, , before] of piece.message.rows.toReversed()) {
        if (key === null || (op === 'u' && before === null)) return false
        if (before === null) this.#rows.delete(JSON.stringify(key))
        else this.#set(key, before)
      }
    }
    return true
  }

  #take([op, key, after]: RowChange): void {
    if (op === 't' || key === null) this.#rows.clear()
    else if (op === 'd' || after === null) this.#rows.delete(JSON.stringify(key))
    else this.#set(key, after)
  }

  #set(key: KeyJson, row: RowJson): void {
    const text = JSON.stringify(key)
    this.#rows.set(text, { key, row: filled(row, this.#rows.get(text)?.row ?? null) })
  }
}

function keyTypes({ key, columns }: SheetSchema): readonly ColumnType[] {
  return key.flatMap((name) => columns.filter((column) => column.name === name))
}
