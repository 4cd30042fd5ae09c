import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { isNumber, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType, FormulaType } from '../bound.ts'
import { conversion } from './convert.ts'
import { textReader } from './general-text.ts'
import { firstOf, gridOf, type FormulaValue } from './grid.ts'
import type { Lane } from './lane.ts'
import { laneReader } from './readers.ts'
import { ANY, isDateType, isNumberType } from './type-rules.ts'

/** One value is read with Excel's coercions, Blank left out; of an array only cells that are numbers count. The first error instead of the list. */
export function numbersReader({ type, array }: ExprType, lane: Lane): (value: FormulaValue) => readonly AnyNumber[] | CellError {
  if (array !== true) {
    const read = laneReader(type, lane)
    return (value) => {
      const one = firstOf(value)
      if (one === null) return []
      const number = read(one)
      return isCellError(number) ? number : [number]
    }
  }
  const read = cellReader(type, lane)
  return (value) => {
    const found: AnyNumber[] = []
    for (const cell of gridOf(value).cells) {
      const number = read(cell)
      if (isCellError(number)) return number
      if (number !== null) found.push(number)
    }
    return found
  }
}

/** A cell of an array as a number of the lane; null where it is none (Blank, a text, a boolean), however it may be read elsewhere. */
export function cellReader(type: FormulaType | null, lane: Lane): (cell: Value) => AnyNumber | CellError | null {
  const counts = countsAsNumber(type)
  if (counts === null) return (cell) => (isCellError(cell) ? cell : null)
  const read = laneReader(type, lane)
  return (cell) => (isCellError(cell) ? cell : counts(cell) ? read(cell) : null)
}

/** Which cells of an array of that type are numbers; null: none. */
function countsAsNumber(type: FormulaType | null): ((cell: Value) => boolean) | null {
  if (isNumberType(type) || isDateType(type)) return (cell) => cell !== null
  return type?.type === 'any' ? isNumber : null
}

/** All values in the forms of `any`, errors and Blank among them. */
export function valuesReader({ type }: ExprType): (value: FormulaValue) => readonly Value[] {
  const convert = conversion(type, ANY)
  return (value) => {
    const { cells } = gridOf(value)
    return convert === null ? cells : cells.map(convert)
  }
}

/** All values as texts, Blank as ''. The first error instead of the list. */
export function textsReader({ type }: ExprType): (value: FormulaValue) => readonly string[] | CellError {
  const read = textReader(type)
  return (value) => {
    const texts: string[] = []
    for (const cell of gridOf(value).cells) {
      const text = read(cell)
      if (isCellError(text)) return text
      texts.push(text)
    }
    return texts
  }
}
