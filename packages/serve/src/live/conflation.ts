import { sameJson } from '@sheetflow/core/json-text'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import type { Projection } from './projection.ts'

/**
 * Many changes of a view merged into at most one live row per key: what a reader that stood before the first of them has to be told (FORMATS 8).
 * Enter and leave are relative to that start; an update carries the union of the columns that changed on the way.
 */
export class Conflation {
  readonly #projection: Projection
  readonly #holds: (row: RowJson) => boolean
  readonly #keys = new Map<string, KeyHistory>()

  constructor(projection: Projection, holds: (row: RowJson) => boolean) {
    this.#projection = projection
    this.#holds = holds
  }

  /** Changes in stream order. */
  add(change: RowChange): void {
    const [, key, after, before] = change
    if (key === null) return
    const id = JSON.stringify(key)
    const known = this.#keys.get(id)
    if (known === undefined) {
      this.#keys.set(id, { key, start: before, end: after, changed: this.#changedColumns(before, after) })
      return
    }
    const last = known.end ?? before
    known.end = after === null ? null : filled(after, last)
    for (const place of this.#changedColumns(before, after)) known.changed.add(place)
  }

  /** The live rows as JSON text, by first touch. */
  rows(): string[] {
    const rows: string[] = []
    for (const { key, start, end, changed } of this.#keys.values()) {
      const was = start !== null && this.#holds(start)
      const is = end !== null && this.#holds(end)
      if (is && !was) rows.push(this.#projection.created(key, end))
      else if (was && !is) rows.push(this.#projection.deleted(key))
      else if (is && changed.size > 0) rows.push(this.#projection.updatedColumns(key, end, [...changed]))
    }
    return rows
  }

  /** All columns where a row comes or goes, also by the predicate alone: who has read the list in between may not have it. */
  #changedColumns(before: RowJson | null, after: RowJson | null): Set<number> {
    const { columns } = this.#projection
    if (before === null || after === null || !this.#holds(before) || !this.#holds(after)) return new Set(columns)
    return new Set(columns.filter((place) => !sameJson(before[place] ?? null, after[place] ?? null)))
  }
}

interface KeyHistory {
  readonly key: KeyJson
  readonly start: RowJson | null
  end: RowJson | null
  readonly changed: Set<number>
}

/** The row with its unsent values (`{"~":1}`) taken from the row before it. */
export function filled(row: RowJson, before: RowJson | null | undefined): RowJson {
  if (before === null || before === undefined || !row.some(isUnsent)) return row
  return row.map((value, place) => (isUnsent(value) ? (before[place] ?? null) : value))
}

function isUnsent(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && '~' in value
}
