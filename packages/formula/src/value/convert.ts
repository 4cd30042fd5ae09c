import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { FormulaType } from '../bound.ts'
import { textReader } from './general-text.ts'
import { laneReader } from './readers.ts'
import { isDateType, isNumberType, isTextType } from './type-rules.ts'

/**
 * Turns values of one static type into the form of another that is as wide (`widen`): what a branch of IF needs so that the whole has one
 * type. Null where the forms are the same. Blank and errors stay.
 */
export function conversion(from: FormulaType | null, to: FormulaType | null): ((value: Value) => Value) | null {
  if (from === null || to === null || from.type === to.type) return null
  if (to.type === 'any') return isDateType(from) ? serialOf(from) : null
  if (from.type === 'any') return null
  if (isNumberType(from) && isNumberType(to) && to.type !== 'int') {
    const read = laneReader(from, to.type as 'bigint' | 'decimal' | 'double')
    return (value) => (value === null || isCellError(value) ? value : read(value))
  }
  if (to.type === 'text' && isTextType(from)) return null
  if (to.type === 'text') {
    const read = textReader(from)
    return (value) => (value === null || isCellError(value) ? value : read(value))
  }
  if (from.type === 'date' && to.type === 'timestamp') {
    return (value) => (typeof value === 'number' ? { days: value, micros: 0 } : value)
  }
  return null
}

/** Among values of any kind dates are their serial numbers. */
function serialOf(from: FormulaType): (value: Value) => Value {
  const read = laneReader(from, 'decimal')
  return (value) => (value === null || isCellError(value) ? value : read(value))
}
