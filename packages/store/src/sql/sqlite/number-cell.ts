import { assert } from '@sheetflow/core/assert'
import { Decimal } from '@sheetflow/core/decimal'
import { normalDecimalText } from '@sheetflow/core/number-text'
import type { SqlValue } from '../params.ts'
import { scaledFloor, wholeCell } from './lane.ts'
import type { Lane } from './lane.ts'
import { orderNumber } from '../order-text.ts'

/** Joins between numeric columns of different types: 7 joins 7.00 whatever lanes they lie in. */

const SCALED = /^scaled (\d+)$/

/** Is it a lane of numbers? */
export function isNumericLane(lane: Lane): boolean {
  return lane.name === 'int' || lane.name === 'double' || lane.name === 'number-text' || SCALED.test(lane.name)
}

/** The number that stands in JSON text, as a cell of the numeric lane of that name; null (equal to nothing) where it has no such cell. */
export function joinCell(lane: string, json: string): SqlValue {
  const value: unknown = JSON.parse(json)
  if (value === null) return lane === 'number-text' ? 0n : -Infinity
  // Errors and big values equal nothing.
  if (typeof value !== 'number' && typeof value !== 'string') return null
  const text = normalDecimalText(typeof value === 'number' ? Decimal.fromNumber(value).toString() : value)
  if (lane === 'number-text') return orderNumber(text)
  if (lane === 'int') return text.includes('.') ? null : wholeCell(text)
  if (lane === 'double') return doubleCell(text)
  const scale = SCALED.exec(lane)?.[1]
  assert(scale !== undefined, 'only numeric lanes are joined by number')
  const { cell, exact } = scaledFloor(text, Number(scale))
  return exact ? cell : null
}

/** A double equals the decimal that it prints as (core, `number.ts`). */
function doubleCell(text: string): number | null {
  const double = Number(text)
  if (!Number.isFinite(double)) return null
  return normalDecimalText(Decimal.fromNumber(double).toString()) === text ? double : null
}
