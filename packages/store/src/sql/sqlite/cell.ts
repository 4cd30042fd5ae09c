import { isBlobRef, isJsonError, isUnchanged } from '@sheetflow/core/json-special'
import { assert } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import type { Floor } from '../dialect.ts'
import type { SqlValue } from '../params.ts'
import { BIG_TAG, ERROR_TAG, tagged } from './lane.ts'
import type { Lane } from './lane.ts'

const UTF8 = new TextEncoder()

/** A value of any kind as a cell of the lane: Blank, plain, big value or cell error. */
export function cellOf(lane: Lane, json: JsonValue): SqlValue {
  return json === null ? lane.blank : typeof json === 'object' && !Array.isArray(json) ? specialCell(json) : lane.encode(json)
}

/** A constant of a predicate or cursor, as `Lane.floor` for plain ones. */
export function floorOf(lane: Lane, json: JsonValue): Floor {
  if (json === null || (typeof json === 'object' && !Array.isArray(json))) return { cell: cellOf(lane, json), exact: true }
  return lane.floor(json)
}

/** An error or a big value: JSON objects that stand in any column. */
function isSpecial(json: JsonValue): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** The exact writing that is kept beside a cell; NULL if it is not plain. Only for lanes that keep one. */
export function keptText(lane: Lane, json: JsonValue): string | null {
  if (json === null || isSpecial(json)) return null
  return lane.kept === 'text' ? (json as string) : JSON.stringify(json)
}

/**
 * Must the row's `x` hold the JSON text of this value, because its cell cannot be printed? So it is with errors, whose name alone is in the
 * cell (where they arose takes no part in the order), with big values, and with whole numbers beyond 64 bits.
 */
export function needsText(lane: Lane, json: JsonValue, cell: SqlValue): boolean {
  if (isSpecial(json)) return true
  if (lane.unbounded === undefined || json === null) return false
  return typeof cell === 'string' || (typeof cell === 'number' && !Number.isSafeInteger(cell))
}

function specialCell(json: JsonValue & object): SqlValue {
  if (isJsonError(json)) return tagged(ERROR_TAG, UTF8.encode(json.e))
  assert(isBlobRef(json) && !isUnchanged(json), 'an unchanged cell is filled before it is stored')
  return tagged(BIG_TAG, UTF8.encode(json.b))
}
