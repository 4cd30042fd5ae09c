import type { RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'

/** More different cells than this are written as a whole row, which then is not slower. */
const MAX_CHANGED = 4

/**
 * Positions at which two rows differ, in order; null if that is not to be told by looking at plain cells alone (errors, big values and
 * unchanged cells have their texts elsewhere in the row) or if there are many.
 */
export function changedColumns(before: RowJson, after: RowJson): readonly number[] | null {
  const changed: number[] = []
  for (let i = 0; i < after.length; i++) {
    const old = before[i] ?? null
    const now = after[i] ?? null
    if (old === now) continue
    if (!isPlain(old) || !isPlain(now) || changed.push(i) > MAX_CHANGED) return null
  }
  return changed
}

function isPlain(json: JsonValue): boolean {
  return json === null || typeof json !== 'object'
}
