import { fold } from '@sheetflow/core/fold'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { VALUE } from '../state/lane.ts'
import type { Lane } from '../state/lane.ts'

const MICROS_OF_DAY = 86_400_000_000

/**
 * A double that stands for a value among values of its kind: `a < b` never has a greater number than `b`, equal values have equal numbers.
 * Values of one number are told apart by themselves. NaN: the value has no place in an order (Blank, errors, lists, big texts).
 */
export function orderNumber(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return textNumber(fold(value))
  if (typeof value === 'boolean') return value ? 1 : 0
  if (isNumber(value)) return toDecimal(value).toNumber()
  // A day in microseconds is a multiple of 2^13: days are exact, so only one rounding happens.
  if (value !== null && 'micros' in value && !('months' in value)) return value.days * MICROS_OF_DAY + value.micros
  return Number.NaN
}

/** `orderNumber` of a cell. */
export function cellNumber(lane: Lane, i: number): number {
  if (lane.state(i) !== VALUE) return Number.NaN
  const units = lane.units(i)
  // Both are exact doubles, so the quotient is the correctly rounded one, as `Decimal.toNumber` is.
  if (!Number.isNaN(units) && lane.scale(i) <= 22) return units / 10 ** lane.scale(i)
  return orderNumber(lane.value(i))
}

/** The first six bytes of the text in UTF-8, whose order is that of code points. */
function textNumber(text: string): number {
  let number = 0
  let bytes = 0
  for (let i = 0; i < text.length && bytes < 6; i++) {
    const code = text.codePointAt(i) ?? 0
    if (code > 0xffff) i++
    const length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4
    for (let part = length - 1; part >= 0 && bytes < 6; part--) {
      number = number * 256 + utf8Byte(code, length, part)
      bytes++
    }
  }
  return number * 256 ** (6 - bytes)
}

/** Byte of a code point of `length` bytes; `part` counts from the last. */
function utf8Byte(code: number, length: number, part: number): number {
  if (length === 1) return code
  const bits = (code >> (6 * part)) & 0x3f
  if (part < length - 1) return 0x80 | bits
  return length === 2 ? 0xc0 | bits : length === 3 ? 0xe0 | bits : 0xf0 | bits
}
