import { isBlobRef } from '@sheetflow/core/json-special'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import type { OldValue } from './row-trace.ts'

/** A text with fewer characters is a sign (`PL`, `new`), which says nothing of anybody. */
const TEXT_CHARS = 4
/** The same of digits of numbers, dates and times. */
const DIGITS = 6

const DIGITS_ALONE: ReadonlySet<ColumnType['type']> = new Set([
  'int',
  'bigint',
  'decimal',
  'double',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
])

/**
 * Values by which a row is recognised in what was made of it: those that are long enough. A cell tells of the row if it is one of them, or a text in which one of them
 * stands as a word, whatever its case (`Order of BOB SECRET`).
 */
export class Telling {
  readonly #exact = new Set<string>()
  readonly #words: RegExp | null
  readonly count: number

  constructor(values: readonly OldValue[]) {
    const words = new Set<string>()
    for (const { column, json } of values) {
      for (const one of Array.isArray(json) ? (json as readonly JsonValue[]) : [json]) {
        if (!isTelling(column.type, one)) continue
        this.#exact.add(JSON.stringify(one))
        if (typeof one === 'string' && !DIGITS_ALONE.has(column.type)) words.add(one)
      }
    }
    this.count = this.#exact.size
    const any = [...words].sort((a, b) => b.length - a.length).map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
    this.#words = any.length === 0 ? null : new RegExp(`(?<![\\p{L}\\p{N}])(?:${any.join('|')})(?![\\p{L}\\p{N}])`, 'iu')
  }

  /** Does this cell tell of the row? */
  has(json: JsonValue): boolean {
    if (json === null || typeof json === 'boolean' || this.count === 0) return false
    if (this.#exact.has(JSON.stringify(json))) return true
    if (typeof json === 'string') return this.#words?.test(json) === true
    return Array.isArray(json) && (json as readonly JsonValue[]).some((one) => this.has(one))
  }

  /** JSON of any shape without what tells of the row; the same object if nothing does. */
  without(json: unknown): unknown {
    if (typeof json === 'object' && json !== null && !isBlobRef(json as JsonValue)) {
      if (Array.isArray(json))
        return sameOr(
          json,
          json.map((one) => this.without(one)),
        )
      const entries = Object.entries(json)
      const cleaned = entries.map(([name, one]) => [name, this.without(one)] as const)
      return cleaned.every(([, one], i) => one === entries[i]?.[1]) ? json : Object.fromEntries(cleaned)
    }
    return this.has(json as JsonValue) ? '(erased)' : json
  }
}

function sameOr(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((one, i) => one === before[i]) ? before : after
}

function isTelling(type: ColumnType['type'], json: JsonValue): boolean {
  if (isBlobRef(json)) return true
  if (typeof json !== 'string' && typeof json !== 'number') return false
  const text = String(json)
  return DIGITS_ALONE.has(type) ? text.replaceAll(/\D/g, '').length >= DIGITS : text.length >= TEXT_CHARS
}
