import { isCellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import { valueKey } from '@sheetflow/core/key'
import { isNumber, normalNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'

/** Normal form of what is matched, as a map key: numbers are themselves where they are safe integers, all else is text. */
export type MatchKey = number | string

/**
 * Excel's lookup equality (FORMATS 2): text case-folded, numbers by value whatever their kind, text is never a number. Null for Blank and
 * cell errors, which match nothing.
 */
export function lookupKey(value: Value): MatchKey | null {
  if (typeof value === 'string') return `t${fold(value)}`
  if (value === null || isCellError(value)) return null
  if (!isNumber(value)) return valueKey(value)
  const normal = normalNumber(value)
  return typeof normal === 'number' && Number.isSafeInteger(normal) ? normal : valueKey(value)
}

/** Several keys as one: injective, because each part's length stands before it. */
export function joinKeys(parts: readonly MatchKey[]): MatchKey {
  if (parts.length === 1) return parts[0] as MatchKey
  let text = ''
  for (const part of parts) {
    const one = typeof part === 'number' ? `#${part}` : part
    text += `${one.length}:${one}`
  }
  return text
}
