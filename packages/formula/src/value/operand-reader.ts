import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { DAY_MICROS, serialFromDays } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import type { AnyNumber } from '@sheetflow/core/number'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import { NUM } from './cell-errors.ts'
import { chainAdd, chainDivide, type ChainNumber } from './chain-arithmetic.ts'
import type { Lane } from './lane.ts'
import { laneReader, type Reader } from './readers.ts'
import { fractionFromText } from './number-text.ts'
import { hasTimeOfDay, isTextType } from './type-rules.ts'
import { Unrounded } from './unrounded.ts'

/**
 * As `laneReader`, of an operand of arithmetic that may be unrounded: in the lane of decimals it stays so, and a time of day, also one that a text says, is the part of the day that it is; in
 * that of doubles it is the one nearest to it.
 */
export function operandReader({ type, unrounded }: ExprType, lane: Lane): Reader<AnyNumber> {
  const read = laneReader(type, lane)
  if (unrounded !== true) return read
  if (lane === 'decimal') {
    if (hasTimeOfDay(type)) return asNumber(serialOf)
    if (isTextType(type)) return asNumber((value) => (typeof value === 'string' ? fractionOf(value) : null) ?? read(value))
    return asNumber((value) => (isUnrounded(value) ? value : read(value)))
  }
  return (value) => {
    if (!isUnrounded(value)) return read(value)
    const double = value.toNumber()
    return Number.isFinite(double) ? double : NUM
  }
}

/** What reads operands of chains; links of a chain alone are given them. */
function asNumber(read: (value: Value) => unknown): Reader<AnyNumber> {
  return read as Reader<AnyNumber>
}

function isUnrounded(value: unknown): value is Unrounded {
  return value instanceof Unrounded
}

const MICROS_A_DAY = Decimal.of(DAY_MICROS, 0)

/** Times have a colon, or AM and PM behind them. */
const MAY_BE_FRACTION = /[:/ap]/i

/** Of a text that is a fraction or a time, not rounded; null: it is none. */
function fractionOf(text: string): ChainNumber | CellError | null {
  const parts = MAY_BE_FRACTION.test(text) ? fractionFromText(text) : null
  if (parts === null) return null
  const part = chainDivide(parts.above, parts.below)
  return isCellError(part) ? part : chainAdd(parts.whole, part)
}

/** The serial number of a time or a moment, not rounded. */
function serialOf(value: Value): ChainNumber | CellError {
  if (value === null) return Decimal.ZERO
  if (isCellError(value)) return value
  if (typeof value === 'number') return chainDivide(Decimal.of(value, 0), MICROS_A_DAY)
  const { days, micros } = value as Timestamp
  const time = chainDivide(Decimal.of(micros, 0), MICROS_A_DAY)
  return isCellError(time) ? time : chainAdd(Decimal.of(serialFromDays(days), 0), time)
}
