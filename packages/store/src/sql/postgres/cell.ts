import { assert } from '@sheetflow/core/assert'
import { isBlobRef, isJsonError, isUnchanged } from '@sheetflow/core/json-special'
import type { JsonValue } from '@sheetflow/core/value'
import { bigCell, blankCell, errorCell } from './lane.ts'
import type { Lane } from './lane.ts'

/** A value of any kind as a cell of the lane: Blank, plain, big value or cell error. */
export function cellOf(lane: Lane, json: JsonValue): string {
  if (json === null) return blankCell(lane)
  if (!isSpecial(json)) return lane.encode(json)
  if (isJsonError(json)) return errorCell(lane, json.e)
  assert(isBlobRef(json) && !isUnchanged(json), 'an unchanged cell is filled before it is stored')
  return bigCell(lane, json.b)
}

/**
 * An error or a big value: JSON objects that stand in any column. Their JSON stands in the row's `x`, because the cell tells their order alone
 * (where an error arose takes no part in it).
 */
export function isSpecial(json: JsonValue): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** The exact writing that is kept beside a cell; NULL if it is not plain. Only for lanes that keep one. */
export function keptText(lane: Lane, json: JsonValue): string | null {
  if (json === null || isSpecial(json)) return null
  return lane.kept === 'text' ? (json as string) : JSON.stringify(json)
}

/** A text as Postgres takes it. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
