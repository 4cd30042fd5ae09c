import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { isNumber, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { NUM, VALUE } from '../../value/cell-errors.ts'
import type { Lane } from '../../value/lane.ts'
import { serialFromText } from '../../value/number-text.ts'
import { integerReader, laneReader, type Reader } from '../../value/readers.ts'
import { ANY } from '../../value/type-rules.ts'

/**
 * Reads a number as the functions do that came to Excel with its Analysis ToolPak (QUOTIENT, MROUND, GCD, MULTINOMIAL, …): as `laneReader`, but a boolean is no
 * number to them. Their parameters are of kind `value`.
 */
export function numberButNoBoolean(arg: ExprType | undefined, lane: Lane): Reader<AnyNumber> {
  const read = laneReader(arg?.type ?? null, lane)
  return (value) => (typeof value === 'boolean' ? VALUE : read(value))
}

const readInteger = integerReader(ANY)

/** The whole numbers among values of kind `values`, cut off, as those functions read lists: Blank is left out, negative numbers are `#NUM!`. */
export function wholeNumbers(values: readonly Value[]): readonly number[] | CellError {
  const found: number[] = []
  for (const value of values) {
    if (value === null) continue
    const number = typeof value === 'string' ? (serialFromText(value) ?? VALUE) : value
    if (isCellError(number)) return number
    if (!isNumber(number)) return VALUE
    const whole = readInteger(number)
    if (isCellError(whole)) return whole
    if (whole < 0) return NUM
    found.push(whole)
  }
  return found
}
