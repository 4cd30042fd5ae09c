import { isCellErrorKind } from './cell-error.ts'
import type { BlobRef, JsonCellError, JsonUnchanged, JsonValue } from './value.ts'

/** The only three JSON objects that stand in a row: a cell error, the mark of an unchanged column, the reference to a big value. */

/** The mark of an unchanged column: one object, shared. */
// for tests: of whoever stores rows; the product hands on what came from the source
export const UNCHANGED_JSON: JsonUnchanged = Object.freeze({ '~': 1 })

/** `{"e": kind, "of"?: column}` */
export function isJsonError(json: JsonValue): json is JsonCellError {
  return typeof json === 'object' && json !== null && 'e' in json
}

/** `{"~": 1}` */
export function isUnchanged(json: JsonValue): json is JsonUnchanged {
  return typeof json === 'object' && json !== null && '~' in json
}

/** `{"b": sha256, "n": bytes}` */
export function isBlobRef(json: JsonValue): json is BlobRef {
  return typeof json === 'object' && json !== null && 'b' in json && 'n' in json
}

/** Is it one of the three, and well formed? For data that came from outside. */
export function isSpecialJson(json: unknown): json is JsonCellError | JsonUnchanged | BlobRef {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  const keys = Object.keys(json)
  const value = json as Record<string, unknown>
  if ('~' in value) return keys.length === 1 && value['~'] === 1
  if ('e' in value) return isErrorShape(value, keys)
  return keys.length === 2 && isSha256(value['b']) && Number.isSafeInteger(value['n']) && Number(value['n']) >= 0
}

function isErrorShape(value: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  const known = typeof value['e'] === 'string' && isCellErrorKind(value['e'])
  return known && (keys.length === 1 || (keys.length === 2 && typeof value['of'] === 'string'))
}

function isSha256(text: unknown): boolean {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
}
