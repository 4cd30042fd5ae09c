import { compareText } from './text.ts'
import type { JsonValue } from './value.ts'

/** JSON of any shape, as files and tokens hold it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * JSON text with one form per value, for hashing and as a key: object keys sorted by code point, no spaces, numbers in their shortest form;
 * members that are undefined are left out. Anything that is no JSON becomes null, as in `JSON.stringify`.
 */
export function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, member]) => `${JSON.stringify(key)}:${stableJson(member)}`)
  return `{${members.join(',')}}`
}

/** Do arrays and objects stand in each other more than `levels` deep? It looks no deeper than that, so it may be asked of anything that was sent. */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => isNestedDeeper(member, levels - 1))
}

/** Are two JSON forms the same, digit for digit? (`1.0` and `1.00` are not: this is for noticing changes, not for comparing.) */
export function sameJson(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameList(a, b)
  const entries = Object.entries(a)
  const other = new Map<string, unknown>(Object.entries(b))
  return entries.length === other.size && entries.every(([key, value]) => other.get(key) === value)
}

function sameList(a: readonly JsonValue[], b: readonly JsonValue[]): boolean {
  return a.length === b.length && a.every((item, i) => sameJson(item, b[i] ?? null))
}
