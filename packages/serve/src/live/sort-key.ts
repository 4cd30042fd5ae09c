import { isBlobRef } from '@sheetflow/core/json-special'
import type { RowJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'

/**
 * A number or string whose JavaScript order does not contradict the order of FORMATS 2: `a < b` there gives `key(a) ≤ key(b)` here.
 * Several values may share one key (decimals beyond double), so an index over keys finds a superset, which the predicate itself then thins out.
 */
export type SortKey = number | string

/** Above the keys of all texts: none begins with a unit as great (`codePointOrder`). */
export const ABOVE_ALL_TEXT = '\uffff'

/** Types that the range index can hold. Of others (interval, list, json, bytes) the predicates are tested one by one. */
export function isSortable(type: ColumnType): boolean {
  switch (type.type) {
    case 'bool':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'double':
    case 'text':
    case 'uuid':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return true
    case 'interval':
    case 'list':
    case 'json':
    case 'bytes':
      return false
  }
}

/** The key of a value of a sortable type; the least key for Blank, the greatest for big values, `undefined` for what no leaf accepts (cell errors, what was not sent). */
export function sortKey(type: ColumnType, value: JsonValue): SortKey | undefined {
  if (value === null) return isNumeric(type) ? -Infinity : ''
  if (isBlobRef(value)) return isNumeric(type) ? Infinity : ABOVE_ALL_TEXT
  switch (typeof value) {
    case 'number':
      return value
    case 'boolean':
      return value ? 1 : 0
    case 'string':
      return type.type === 'bigint' || type.type === 'decimal' ? Number(value) : codePointOrder(value)
    default:
      return undefined
  }
}

/** The key under which equal values meet in a hash index; `undefined` for what no leaf accepts. Blank is null. */
export function equalityKey(type: ColumnType, value: JsonValue): string | number | boolean | null | undefined {
  if (value === null) return null
  if (typeof value === 'string') return type.type === 'decimal' ? normalDecimal(value) : value
  return typeof value === 'object' ? undefined : value
}

/** Reads a key out of a row in JSON form. */
export type KeyReader<K> = (row: RowJson) => K | undefined

/** `sortKey` of the column at `index`. */
export function sortKeyOf(type: ColumnType, index: number): KeyReader<SortKey> {
  return (row) => sortKey(type, row[index] ?? null)
}

/** `equalityKey` of the column at `index`. */
export function equalityKeyOf(type: ColumnType, index: number): KeyReader<string | number | boolean | null> {
  if (type.type === 'decimal') return (row) => equalityKey(type, row[index] ?? null)
  return (row) => {
    const value = row[index] ?? null
    return value === null || typeof value !== 'object' ? value : undefined
  }
}

/** Do different values of the type have different sort keys? Then an interval of keys is the range itself, if Blank has a key of its own too. */
export function hasOwnSortKeys(type: ColumnType): boolean {
  switch (type.type) {
    case 'int':
    case 'double':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return true
    default:
      // Decimals beyond double share keys, Blank and '' do.
      return false
  }
}

function isNumeric(type: ColumnType): boolean {
  return type.type === 'int' || type.type === 'double' || type.type === 'bool' || type.type === 'bigint' || type.type === 'decimal'
}

/** `9.50` and `9.5` are one number. */
function normalDecimal(text: string): string {
  if (!text.endsWith('0') || !text.includes('.')) return text === '-0' ? '0' : text
  const cut = text.replace(/\.?0+$/, '')
  return cut === '-0' ? '0' : cut
}

const BEYOND_PLAIN = /[\ud800-\uffff]/
const BEYOND_PLAIN_ALL = /[\ud800-\uffff]/g

/** JavaScript orders by UTF-16 unit, we by code point: the surrogates (astral characters) are moved behind U+FFFF's block. */
function codePointOrder(text: string): string {
  return BEYOND_PLAIN.test(text) ? text.replace(BEYOND_PLAIN_ALL, moved) : text
}

function moved(unit: string): string {
  const code = unit.charCodeAt(0)
  return String.fromCharCode(code < 0xe000 ? code + 0x2000 : code - 0x800)
}
