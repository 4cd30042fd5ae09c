import { SheetflowError } from '@sheetflow/core/errors'
import { isJsonOf } from '@sheetflow/core/json-codec'
import type { KeyJson } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'

/** A key column, by which a row is named. */
export interface KeyColumn {
  readonly name: string
  readonly type: ColumnType
}

/**
 * Reads a key as it is written on a command line: the value (`42`), several with commas between (`PL,2026-11`), or a JSON array, which also says
 * Blank (`[null,"2026-11"]`). `app/usage` says what the key's columns are.
 */
export function parseKey(text: string, view: string, columns: readonly KeyColumn[]): KeyJson {
  const key = jsonArray(text, columns.length) ?? plainKey(text, columns)
  if (key?.length === columns.length && key.every((value, i) => isOf(columns[i], value))) return key
  const form = columns.map(({ name, type }) => `${name} (${type.type})`).join(', ')
  throw new SheetflowError('app/usage', `'${text}' is no key of ${view}`, {
    fix: columns.length === 1 ? `Its key is ${form}.` : `Its key is ${form}: write the values with commas between, or a JSON array.`,
  })
}

function isOf(column: KeyColumn | undefined, value: JsonValue): boolean {
  return column !== undefined && isJsonOf(column.type, value)
}

function jsonArray(text: string, length: number): KeyJson | null {
  if (!text.startsWith('[')) return null
  try {
    const value = JSON.parse(text) as unknown
    return Array.isArray(value) && value.length === length ? (value as KeyJson) : null
  } catch {
    return null
  }
}

function plainKey(text: string, columns: readonly KeyColumn[]): KeyJson | null {
  const parts = columns.length === 1 ? [text] : text.split(',').map((part) => part.trim())
  return parts.length === columns.length ? parts.map((part, i) => cellOf(part, columns[i]?.type)) : null
}

function cellOf(text: string, type: ColumnType | undefined): JsonValue {
  switch (type?.type) {
    case 'int':
    case 'double':
      return text.trim() === '' ? text : Number(text)
    case 'bool':
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text
    default:
      return text
  }
}
