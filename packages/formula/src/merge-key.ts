import type { Timestamp, Value } from '@sheetflow/core/value'
import type { CalendarPair, FormulaType } from './bound.ts'
import { lookupKey, type MatchKey } from './criteria.ts'
import { besideCells } from './value/calendar-form.ts'
import { localTime } from './value/zone.ts'

/** By what a cell of one of two merged columns meets those of the other; null: by nothing. */
export type MergeKey = (cell: Value) => MatchKey | null

/** Of the left and the right one. Without a `pair` their cells have one form; else they meet as lookups do: by the moment, or beside times by the µs of their serial numbers. */
export function mergeKeys(pair: CalendarPair | undefined): readonly [left: MergeKey, right: MergeKey] {
  if (pair === undefined) return [lookupKey, lookupKey]
  const { left, right, zone } = pair
  const type = left.type === 'time' || right.type === 'time' ? ({ type: 'time' } as const) : ({ type: 'timestamp' } as const)
  return [inForm(left, type, zone), inForm(right, type, zone)]
}

function inForm(from: FormulaType, to: FormulaType, zone: string): MergeKey {
  const form = besideCells(from, to)
  const isUtc = from.type === 'timestamptz'
  return (cell) => {
    const local = isUtc && isMoment(cell) ? localTime(cell, zone) : cell
    return lookupKey(form?.(local) ?? local)
  }
}

function isMoment(cell: Value): cell is Timestamp {
  return typeof cell === 'object' && cell !== null && 'micros' in cell && !('months' in cell)
}
