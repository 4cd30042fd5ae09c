import { daysFromSerial, DAY_MICROS } from '@sheetflow/core/calendar'
import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import { conversion } from '@sheetflow/formula/value/convert'
import { VALUE } from '@sheetflow/formula/value/cell-errors'
import { ANY } from '@sheetflow/formula/value/type-rules'
import type { FormulaType } from '@sheetflow/formula/bound'
import type { ExcelCell } from '../excel/book.ts'
import { shownValue } from '../excel/same-value.ts'

/** Days from 1970-01-01 back to day 0 of Excel's two systems. */
const EPOCH_1900 = -25_569

/** The type of a column of cells: the narrowest that holds all of them. `mixed`: they are of several kinds, so it is text. */
export function columnType(cells: readonly (ExcelCell | undefined)[]): { readonly type: ColumnType; readonly mixed: boolean } {
  const filled = cells.filter((cell): cell is ExcelCell => cell !== undefined && cell.value !== null && !isCellError(cell.value))
  const kinds = new Set(filled.map((cell) => typeof cell.value))
  if (kinds.size !== 1) return { type: { type: 'text' }, mixed: kinds.size > 1 }
  if (kinds.has('boolean')) return { type: { type: 'bool' }, mixed: false }
  if (!kinds.has('number')) return { type: { type: 'text' }, mixed: false }
  return { type: numberType(filled), mixed: false }
}

function numberType(cells: readonly ExcelCell[]): ColumnType {
  const numbers = cells.map((cell) => cell.value as number)
  if (cells.every((cell) => cell.date === true)) {
    if (numbers.every(Number.isInteger)) return { type: 'date' }
    return numbers.every((number) => number >= 0 && number < 1) ? { type: 'time' } : { type: 'timestamp' }
  }
  if (numbers.every(Number.isSafeInteger)) return { type: 'int' }
  return numbers.every((number) => exactly(number) !== null) ? { type: 'decimal' } : { type: 'double' }
}

/** The number as a decimal, if 15 digits, all that Excel shows, say what it is. */
function exactly(number: number): Decimal | null {
  const decimal = Decimal.fromNumber(number).significant(15)
  return decimal.digits() <= 38 && decimal.toNumber() === number ? decimal.normalize() : null
}

/** A cell's value in the form of its column's type; errors stay. In a text column a value of another kind is what it shows, in others it is `#VALUE!`. */
export function typedValue(type: ColumnType, value: Value, epoch: number): Value {
  if (value === null || isCellError(value)) return value
  if (type.type === 'text') return typeof value === 'string' ? value : shownValue(value)
  if (type.type === 'bool') return typeof value === 'boolean' ? value : VALUE
  return typeof value === 'number' ? typedNumber(type, value, epoch) : VALUE
}

function typedNumber(type: ColumnType, value: number, epoch: number): Value {
  const days = Math.floor(value)
  const micros = Math.round((value - days) * (DAY_MICROS / 1000)) * 1000
  switch (type.type) {
    case 'int':
      return Number.isSafeInteger(value) ? value : VALUE
    case 'double':
      return value
    case 'decimal':
      return exactly(value) ?? Decimal.fromNumber(value).significant(15)
    case 'date':
      return daysOf(days, epoch)
    case 'time':
      return micros
    case 'timestamp':
      return micros === DAY_MICROS ? { days: daysOf(days + 1, epoch), micros: 0 } : { days: daysOf(days, epoch), micros }
    default:
      return VALUE
  }
}

function daysOf(serial: number, epoch: number): number {
  return epoch === EPOCH_1900 ? daysFromSerial(serial) : serial + epoch
}

/** A value as Excel would hold it: dates and times are serial numbers of the book's system. */
export function excelValue(type: FormulaType | null, value: Value, epoch: number): Value {
  const convert = conversion(type, ANY)
  const plain = convert === null ? value : convert(value)
  const shift = type?.type === 'date' || type?.type === 'timestamp' ? EPOCH_1900 - epoch : 0
  return typeof plain === 'number'
    ? plain + shift
    : plain instanceof Decimal && shift !== 0
      ? (plain.add(Decimal.of(shift, 0)) ?? plain)
      : plain
}
