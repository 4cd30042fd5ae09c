import { must } from '@sheetflow/core/assert'
import type { WholeTransaction } from '@sheetflow/core/framing/collector'
import type { Cause, KeyJson, RowJson, RowsMessage } from '@sheetflow/core/message'
import type { StoredPosition, Vector } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import { cellChanges, filled } from './cell-change.ts'
import type { CellChange, NamedCells } from './cell-change.ts'
import { newGeneration } from './generation.ts'

/** What happened to one row of a view in one output transaction. */
export interface KeyChange {
  readonly position: StoredPosition
  readonly at: string
  /** The commands that caused it. */
  readonly causes: readonly Cause[]
  /** Up to where the graph had read its inputs. */
  readonly inputs: Vector
  /** `erased`: something was said here, and has been erased since. */
  readonly kind: 'appeared' | 'changed' | 'vanished' | 'erased'
  /** The view was filled anew in this transaction, as this generation: a deployment, or a reload of the source. */
  readonly generation?: number
  readonly cells: readonly CellChange[]
  /** The schema of these rows is trimmed: columns are called as a later schema of as many columns calls them, or by their places. */
  readonly namesAssumed?: true
}

/** The row as it is held; `unknown` before the first word about it. */
type Held = NamedRow | 'absent' | 'unknown'

type NamedRow = NamedCells & { readonly assumed: boolean }

/**
 * Finds the changes of one row in the output transactions of its graph, pushed in order. Whole transactions, or at least the pieces of that view.
 * The stream may begin anywhere: rows carry what they were, so the first change has its old values even where the stream is trimmed before it.
 */
export class KeyHistory {
  readonly #view: string
  readonly #key: string
  readonly #columns = new Map<number, readonly string[]>()
  /** The names of the view's last schema. */
  readonly #lastNames: readonly string[]
  #held: Held = 'unknown'

  /** `schema`: the view's last one, which outlives a trim. */
  constructor(view: string, key: KeyJson, schema: SheetSchema | null) {
    this.#view = view
    this.#key = JSON.stringify(key)
    this.#lastNames = schema?.columns.map((column) => column.name) ?? []
    if (schema !== null) this.#learn(schema)
  }

  /** What this transaction did to the row; null: nothing. */
  push({ position, commit, pieces }: WholeTransaction): KeyChange | null {
    const before = this.#held
    let said = before
    let generation: number | undefined
    let erased = false
    for (const piece of pieces) {
      const schema = newGeneration(piece, this.#view)
      if (schema !== null) {
        generation = schema.generation
        this.#learn(schema)
        this.#held = 'absent'
      } else if (piece.kind === 'rows' && piece.message.table === this.#view) {
        said = this.#rows(piece.message, said)
        erased ||= this.#isErased(piece.message)
      }
    }
    if (erased) {
      // From here on nothing is known of the row, until it is told anew.
      said = 'unknown'
      this.#held = 'unknown'
    }
    const kind = erased ? 'erased' : kindOf(said, this.#held)
    if (kind === null || position === null) return null
    const cells = cellChanges(cellsOf(said), cellsOf(this.#held))
    if (kind === 'changed' && cells.length === 0) return null
    const { at, causes, inputs = {} } = must(commit)
    const assumed = isAssumed(said) || isAssumed(this.#held)
    return {
      position,
      at,
      causes,
      inputs,
      kind,
      ...(generation === undefined ? {} : { generation }),
      cells,
      ...(assumed ? { namesAssumed: true } : {}),
    }
  }

  /** Takes the changes; what the row was before the transaction, as far as it is known now. */
  #rows(message: RowsMessage, said: Held): Held {
    let was = said
    for (const [op, key, after, before] of message.rows) {
      if (op !== 't' && JSON.stringify(key) !== this.#key) continue
      const known = this.#columns.get(message.schema)
      const columns = known ?? this.#namesFor(after ?? before ?? [])
      const assumed = known === undefined
      if (was === 'unknown' && before !== null) was = { columns, row: before, assumed }
      const base = this.#held === 'unknown' || this.#held === 'absent' ? before : this.#held.row
      this.#held = after === null || op === 'd' || op === 't' ? 'absent' : { columns, row: filled(after, base), assumed }
    }
    return was
  }

  #isErased({ erased, rows }: RowsMessage): boolean {
    return erased?.some((i) => JSON.stringify(rows[i]?.[1]) === this.#key) === true
  }

  #namesFor(row: RowJson): readonly string[] {
    return row.length === this.#lastNames.length ? this.#lastNames : row.map((_, i) => `column ${i + 1}`)
  }

  #learn({ schema, columns }: SheetSchema): void {
    this.#columns.set(
      schema,
      columns.map((column) => column.name),
    )
  }
}

function kindOf(before: Held, after: Held): 'appeared' | 'changed' | 'vanished' | null {
  if (after === 'unknown') return null
  if (after === 'absent') return before === 'absent' || before === 'unknown' ? null : 'vanished'
  return before === 'absent' || before === 'unknown' ? 'appeared' : 'changed'
}

function cellsOf(held: Held): NamedCells | null {
  return held === 'unknown' || held === 'absent' ? null : held
}

function isAssumed(held: Held): boolean {
  return held !== 'absent' && held !== 'unknown' && held.assumed
}
