import { must } from '@sheetflow/core/assert'
import { DAY_MICROS, daysFromSerial, MAX_DAYS, MIN_DAYS, serialFromDays, timestampOf } from '@sheetflow/core/calendar'
import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { isNumber, toDecimal, type AnyNumber } from '@sheetflow/core/number'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { FormulaType } from '../bound.ts'
import { laneReader } from './readers.ts'
import { isDateType, isNumberType } from './type-rules.ts'

/**
 * Criteria and lookups compare by serial numbers whatever has one, as Excel does; cells are kept in forms of their own (days since 1970, µs of the day), and indexes
 * hold them as they are. So what is asked for is brought into the form of the cells.
 */

/** µs of the day, or of any number of days: what times are compared with. To the nearest, since a serial number is rounded itself. */
export function microsOfSerial(serial: AnyNumber): number {
  const days = toDecimal(serial)
  // No time is so far away: what matters is on which side it stands.
  if (days.cmp(FAR) > 0) return Number.MAX_SAFE_INTEGER
  if (days.cmp(FAR.neg()) < 0) return -Number.MAX_SAFE_INTEGER
  const short = days.scale > DIGITS ? days.rescale(DIGITS, 'half-away') : days
  return Number(must(short.mul(MICROS_A_DAY)).rescale(0, 'half-away').units)
}

const MICROS_A_DAY = Decimal.of(DAY_MICROS, 0)
/** Of a day: more than a µs needs, and few enough that a product has room. */
const DIGITS = 20
const FAR = Decimal.of(100_000, 0)

/** A moment to compare with: as `momentOfSerial`, but a number outside of the calendar is one before or behind all days. */
export function momentBeside(number: AnyNumber): Timestamp {
  const serial = toDecimal(number)
  if (serial.cmp(FIRST_SERIAL) < 0) return BEFORE_ALL
  if (serial.cmp(LAST_SERIAL) >= 0) return BEHIND_ALL
  const cut = serial.rescale(0, 'truncate')
  const whole = cut.cmp(serial) > 0 ? Number(cut.units) - 1 : Number(cut.units)
  // The day that never was is none of those that were, and stands between them: no clock shows 24:00.
  if (whole === NEVER_WAS) return { days: daysFromSerial(NEVER_WAS - 1), micros: DAY_MICROS }
  const rest = serial.sub(Decimal.of(whole, 0)) ?? Decimal.ZERO
  return timestampOf(daysFromSerial(whole), microsOfSerial(rest))
}

const NEVER_WAS = 60
const FIRST_SERIAL = Decimal.of(serialFromDays(MIN_DAYS), 0)
const LAST_SERIAL = Decimal.of(serialFromDays(MAX_DAYS) + 1, 0)
// Two days away, so that no zone makes a day of them.
const BEFORE_ALL: Timestamp = { days: MIN_DAYS - 2, micros: 0 }
const BEHIND_ALL: Timestamp = { days: MAX_DAYS + 2, micros: 0 }

/** What times are compared with, of a moment. */
export function microsOfMoment({ days, micros }: Timestamp): number {
  const far = (serialFromDays(days) + 1) * DAY_MICROS
  return Number.isSafeInteger(far) ? serialFromDays(days) * DAY_MICROS + micros : Math.sign(far) * Number.MAX_SAFE_INTEGER
}

/** A value of one static type in the form of cells of another. */
export type Beside = (value: Value) => Value

/**
 * Of values of type `from` the form in which cells of type `cells` are compared with them; null: they have it already. Beside days it is a moment, which stands
 * between two of them. Blank, errors and texts stay as they are; moments in UTC must have been made local.
 */
export function besideCells(from: FormulaType | null, cells: FormulaType | null): Beside | null {
  if (cells === null || cells.type === 'any') return null
  if (cells.type === 'time') return from?.type === 'time' ? null : besideTimes(from)
  if (isDateType(cells)) return besideMoments(from, cells)
  if (!isDateType(from)) return null
  const read = laneReader(from, 'decimal')
  return filled((value) => read(value))
}

function besideTimes(from: FormulaType | null): Beside | null {
  if (from?.type === 'date') return filled((value) => microsOfMoment({ days: value as number, micros: 0 }))
  if (isDateType(from)) return filled((value) => microsOfMoment(value as Timestamp))
  return isNumberType(from) || from?.type === 'any' ? filled((value) => (isNumber(value) ? microsOfSerial(value) : value)) : null
}

function besideMoments(from: FormulaType | null, cells: FormulaType): Beside | null {
  if (from?.type === 'time') return filled((value) => timestampOf(daysFromSerial(0), value as number))
  if (from?.type === 'date' && cells.type !== 'date') return filled((value) => ({ days: value as number, micros: 0 }))
  return isNumberType(from) || from?.type === 'any' ? filled((value) => (isNumber(value) ? momentBeside(value) : value)) : null
}

function filled(form: (value: Exclude<Value, null>) => Value): Beside {
  return (value) => (value === null || isCellError(value) ? value : form(value))
}
