import { formatDate } from '@sheetflow/core/calendar'
import type { ColumnType } from '@sheetflow/core/type'
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

/** A key for people: its value, of several columns with commas between. `types`: of the columns whose values were joined. */
export function keyText(key: MatchKey, types: readonly ColumnType[]): string {
  const parts = types.length > 1 && typeof key === 'string' ? partsOf(key) : [key]
  return parts.map((part, i) => partText(part, types[i])).join(', ')
}

function partText(part: MatchKey, type: ColumnType | undefined): string {
  const number = typeof part === 'number' ? part : part.startsWith('\0#') ? Number(part.slice(2)) : null
  if (number !== null) return type?.type === 'date' ? formatDate(number) : String(number)
  const text = String(part)
  if (text === '' || text === '\0-') return 'Blank'
  // Behind the mark of what is neither number nor text stands its kind, one letter (`valueKey`).
  return text.startsWith('\0') ? text.slice(2) : text
}

/** What `joinKeys` joined. */
function partsOf(key: string): readonly string[] {
  const parts: string[] = []
  for (let at = 0; at < key.length;) {
    const from = key.indexOf(':', at) + 1
    if (from === 0) break
    const end = from + Number(key.slice(at, from - 1))
    parts.push(key.slice(from, end))
    at = end
  }
  return parts
}
