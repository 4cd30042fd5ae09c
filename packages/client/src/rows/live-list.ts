import { holds } from '@sheetflow/core/breakage'
import { isBlobRef, isUnchanged } from '@sheetflow/core/json-special'
import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { Publication } from '@sheetflow/core/wire'
import { rowId } from './row-id.ts'
import type { RowHolder, RowTable, SharedRow } from './row-table.ts'

/** A row as an answer brings it: key and cells by view column name. */
export interface AnswerRow {
  readonly key: KeyJson
  readonly cells: Readonly<Record<string, JsonValue>>
}

/** What came of a publication: applied, or the list has to be asked again. */
export type Applied = 'changed' | 'reset'

/** Values of a member that were not sent: columns, and the offset that they are needed as of. */
interface Missing {
  readonly columns: Set<string>
  since: number
}

/** Who watches a list. */
export interface ListWatcher {
  /** The row came, went or changed. */
  rowTouched(row: SharedRow): void
}

/**
 * Which rows are in a live list. It remembers the offset it stands at; publications at or below it leave its membership alone, their cells
 * are still offered to the shared rows (FORMATS 8, client rule).
 */
export class LiveList implements RowHolder {
  readonly #table: RowTable
  readonly #space: string
  readonly #watchers = new Set<ListWatcher>()
  readonly #members = new Map<string, SharedRow>()
  readonly #incomplete = new Map<SharedRow, Missing>()
  #at = -1

  constructor(table: RowTable, space: string) {
    this.#table = table
    this.#space = space
  }

  /** The offset that the list stands at. */
  get at(): number {
    return this.#at
  }

  get members(): ReadonlyMap<string, SharedRow> {
    return this.#members
  }

  /** Members that have to be asked for, because a wide value of theirs was not sent. */
  get incomplete(): Iterable<SharedRow> {
    return this.#incomplete.keys()
  }

  watch(watcher: ListWatcher): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  /** Nothing of this list happened up to `at`: it stands there now. */
  standAt(at: number): void {
    if (at > this.#at) this.#at = at
  }

  /** Replaces everything by rows as of offset `at`. */
  replace(rows: readonly AnswerRow[], at: number): void {
    const left = new Map(this.#members)
    for (const { key, cells } of rows) {
      const isNew = !this.#members.has(rowId(key))
      const row = this.#enter(key)
      left.delete(row.id)
      this.#fill(row, cells, at, isNew)
    }
    for (const row of left.values()) this.#leave(row)
    this.#at = at
  }

  /** Takes a publication in. */
  apply(publication: Publication): Applied {
    const { o, rows = [] } = publication
    const moves = o > this.#at || !holds('list-offsets')
    if (publication.reset === true) {
      if (publication.rows === undefined) return 'reset'
      if (o >= this.#at)
        this.replace(
          rows.map(([, key, cells]) => ({ key, cells: cells ?? {} })),
          o,
        )
      return 'changed'
    }
    for (const [op, key, cells] of rows) {
      const member = this.#members.get(rowId(key))
      if (op === 'd') {
        if (moves && member !== undefined) this.#leave(member)
        continue
      }
      const row = member ?? (moves && op === 'c' ? this.#enter(key) : undefined)
      if (row !== undefined) this.#fill(row, cells, o, member === undefined)
    }
    if (moves) this.#at = o
    return 'changed'
  }

  /**
   * Values of a member that were not sent and were asked for, as of `at`; says whether they were taken. The others of the answer are left alone:
   * they are of a later moment than the list. An answer from before they were missed does not count: it was under way for another reason, or
   * from a store that is behind.
   */
  complete(row: SharedRow, cells: Readonly<Record<string, JsonValue>>, at: number): boolean {
    const missing = this.#incomplete.get(row)
    if (missing === undefined || at < missing.since) return false
    this.#incomplete.delete(row)
    this.#table.set(row, Object.fromEntries(Object.entries(cells).filter(([column]) => missing.columns.has(column))), at)
    return true
  }

  rowChanged(row: SharedRow): void {
    for (const watcher of this.#watchers) watcher.rowTouched(row)
  }

  /** Lets go of all rows. */
  close(): void {
    this.#watchers.clear()
    for (const row of this.#members.values()) this.#leave(row)
  }

  #enter(key: KeyJson): SharedRow {
    const known = this.#members.get(rowId(key))
    if (known !== undefined) return known
    const row = this.#table.retain(this.#space, key, this)
    this.#members.set(row.id, row)
    this.rowChanged(row)
    return row
  }

  #leave(row: SharedRow): void {
    this.#members.delete(row.id)
    this.#incomplete.delete(row)
    this.#table.release(row, this)
    this.rowChanged(row)
  }

  /**
   * A value that was not sent did not change in this transaction. Of a member it is known; of a row that enters it is not, whatever other lists
   * may hold: they need not follow this column. A big value is a reference, what it stands for has to be asked for.
   */
  #fill(row: SharedRow, cells: Readonly<Record<string, JsonValue>>, o: number, isNew: boolean): void {
    const sent: Record<string, JsonValue> = {}
    for (const [column, value] of Object.entries(cells)) {
      if (isUnchanged(value) ? isNew || !row.cells.has(column) : isBlobRef(value)) this.#miss(row, column, o)
      else if (!isUnchanged(value)) sent[column] = value
    }
    this.#table.set(row, sent, o)
    const missing = this.#incomplete.get(row)
    if (missing === undefined) return
    for (const column of Object.keys(sent)) missing.columns.delete(column)
    if (missing.columns.size === 0) this.#incomplete.delete(row)
  }

  #miss(row: SharedRow, column: string, o: number): void {
    const missing = this.#incomplete.get(row) ?? { columns: new Set(), since: o }
    missing.columns.add(column)
    missing.since = Math.max(missing.since, o)
    this.#incomplete.set(row, missing)
  }
}
