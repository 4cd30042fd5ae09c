import { MAX_DAYS, MIN_DAYS, serialFromDays } from '@sheetflow/core/calendar'
import { Decimal } from '@sheetflow/core/decimal'
import { isNumber } from '@sheetflow/core/number'
import type { Timestamp } from '@sheetflow/core/value'
import type { FormulaType } from '@sheetflow/formula/bound'
import { localTime, zonedTime } from '@sheetflow/formula/value/zone'
import { fractionOf, isMoment, roundedOf } from './plain.ts'
import type { Fraction, Plain } from './plain.ts'

/** Numbers, dates and times beside each other, as criteria and lookups compare them: by their serial numbers, to the µs where a date or time is one of the two. */

const MICROS_A_DAY = 86_400_000_000n
const CALENDAR = ['date', 'time', 'timestamp', 'timestamptz']

export function isCalendar(type: FormulaType | null): boolean {
  return type !== null && CALENDAR.includes(type.type)
}

/** A cell as it is compared: dates and times are the µs since the day with serial number 0, of UTC if they are of UTC. */
export function cellBeside(type: FormulaType | null, cell: Plain): Plain {
  if (isMoment(cell)) return microsOf(cell)
  return type?.type === 'time' && typeof cell === 'number' ? BigInt(cell) : cell
}

/** What is asked of cells of that type: a value of type `from`, or of the type that its form says. */
export function askedBeside(value: Plain, from: FormulaType | null, type: FormulaType | null, zone: string): Plain {
  const isTime = from?.type === 'time' && typeof value === 'number'
  if (!isMoment(value) && !isNumber(value)) return value
  if (isMoment(value) && from?.type === 'timestamptz' && type?.type === 'timestamptz') return microsOf(value)
  const local = isMoment(value) && from?.type === 'timestamptz' ? localTime(value, zone) : value
  if (!isCalendar(type)) return isTime || isMoment(local) ? serialOf(isMoment(local) ? microsOf(local) : BigInt(value as number)) : value
  const micros = isMoment(local) ? microsOf(local) : isTime ? BigInt(local as number) : rounded(fractionOf(local))
  if (type?.type !== 'timestamptz') return micros
  const day = daysOf(micros)
  if (day < MIN_DAYS || day > MAX_DAYS) return micros
  return microsOf(zonedTime({ days: day, micros: Number(micros - BigInt(serialFromDays(day)) * MICROS_A_DAY) }, zone))
}

/** Cells of two columns as MERGE compares them. */
export function besideEachOther(
  a: Plain,
  left: FormulaType | null,
  b: Plain,
  right: FormulaType | null,
  zone: string,
): readonly [Plain, Plain] {
  if (left?.type === right?.type || (!isCalendar(left) && !isCalendar(right))) return [a, b]
  return [askedBeside(a, left, LOCAL, zone), askedBeside(b, right, LOCAL, zone)]
}

const LOCAL: FormulaType = { type: 'timestamp' }

function microsOf({ days, micros }: Timestamp): bigint {
  return BigInt(serialFromDays(days)) * MICROS_A_DAY + BigInt(micros)
}

/** A number of days in µs, half away from zero. */
function rounded([above, below]: Fraction): bigint {
  const twice = 2n * above * MICROS_A_DAY
  return (twice + (above < 0n ? -below : below)) / (2n * below)
}

/** The day by its parts: of a time of day 15 digits. */
function serialOf(micros: bigint): Plain {
  const days = wholeDays(micros)
  const part = roundedOf([micros - days * MICROS_A_DAY, MICROS_A_DAY])
  return part instanceof Decimal ? part.add(Decimal.of(days, 0)) : part
}

function wholeDays(micros: bigint): bigint {
  return (micros - (((micros % MICROS_A_DAY) + MICROS_A_DAY) % MICROS_A_DAY)) / MICROS_A_DAY
}

/** The last day whose serial number is not greater. */
function daysOf(micros: bigint): number {
  const serial = Number(wholeDays(micros))
  const guess = serial - 25_569
  return serialFromDays(guess + 1) <= serial ? guess + 1 : guess
}
