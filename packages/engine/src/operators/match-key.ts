import type { MatchKey } from '@sheetflow/formula/criteria'

/** Several keys as one: injective, because each part's length stands before it, and numbers are marked as no text is. */
export function joinKeys(parts: readonly MatchKey[]): MatchKey {
  if (parts.length === 1) return parts[0] as MatchKey
  let text = ''
  for (const part of parts) {
    const one = typeof part === 'number' ? `\0#${part}` : part
    text += `${one.length}:${one}`
  }
  return text
}
