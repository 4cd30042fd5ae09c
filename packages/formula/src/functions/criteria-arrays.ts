import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { compareNumbers, type AnyNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType, FormulaType } from '../bound.ts'
import { criteriaMatch, withSerial } from '../criteria.ts'
import { ratioForm } from '../numeric/exact/ratio.ts'
import { mean } from '../numeric/exact/variance.ts'
import { ADD } from '../value/arithmetic.ts'
import { besideCells } from '../value/calendar-form.ts'
import { DIV0, VALUE } from '../value/cell-errors.ts'
import { conversion } from '../value/convert.ts'
import type { Grid } from '../value/grid.ts'
import { wholeInLane } from '../value/in-lane.ts'
import { laneOf } from '../value/lane.ts'
import { cellReader } from '../value/list-readers.ts'
import { ANY, isDateType } from '../value/type-rules.ts'
import type { StrictMaker, StrictTypes } from './definition.ts'

/**
 * SUMIFS and its family where they are given arrays instead of whole columns of tables. Criteria are those of tables (criteria.ts); arrays of one call must be of
 * one size, else `#VALUE!`, but for the values of SUMIF and AVERAGEIF, which are taken in the shape of what is tested.
 */

/** Which cells of an array meet a criterion. */
type Meets = (cells: Grid, criterion: Value) => (index: number) => boolean

function meetsOf(cells: FormulaType | null, criterion: FormulaType | null): Meets {
  const calendar = isDateType(cells) && cells?.type !== 'any' ? cells : null
  const toForm = calendar === null ? conversion(criterion, ANY) : besideCells(criterion, calendar)
  return (grid, given) => {
    const value = toForm === null || isCellError(given) ? given : toForm(given)
    const meets = criteriaMatch('criterion', calendar === null ? withSerial(value) : value, calendar)
    return (index) => meets(grid.cells[index] ?? null)
  }
}

/** What a call makes of the cells that meet the criteria. */
type Fold = (types: ExprType, result: ExprType) => (cells: readonly Value[]) => Value

/** Numbers among the cells; the first error instead of them. */
function numbersAmong(
  { type }: ExprType,
  lane: Parameters<typeof cellReader>[1],
): (cells: readonly Value[]) => readonly AnyNumber[] | CellError {
  const read = cellReader(type, lane)
  return (cells) => {
    const numbers: AnyNumber[] = []
    for (const cell of cells) {
      const number = read(cell)
      if (isCellError(number)) return number
      if (number !== null) numbers.push(number)
    }
    return numbers
  }
}

const sum: Fold = (type, result) => {
  const lane = laneOf(result.type) ?? 'int'
  const read = numbersAmong(type, lane)
  return (cells) => {
    const numbers = read(cells)
    if (isCellError(numbers)) return numbers
    let total: AnyNumber | CellError = wholeInLane(0, lane)
    for (const one of numbers) {
      total = ADD[lane](total, one)
      if (isCellError(total)) return total
    }
    return total
  }
}

const average: Fold = (type, result) => {
  const read = numbersAmong(type, 'decimal')
  const form = ratioForm(result)
  return (cells) => {
    const numbers = read(cells)
    if (isCellError(numbers)) return numbers
    const found = mean(numbers)
    return found === null ? DIV0 : form(found)
  }
}

/** Of none 0. */
function extreme(sign: 1 | -1): Fold {
  return (type, result) => {
    const lane = laneOf(result.type) ?? 'int'
    const read = numbersAmong(type, lane)
    return (cells) => {
      const numbers = read(cells)
      if (isCellError(numbers)) return numbers
      return numbers.reduce((best, one) => (compareNumbers(one, best) === sign ? one : best), numbers[0] ?? wholeInLane(0, lane))
    }
  }
}

/** Array and criterion by turns, from argument `from` on: the indexes of the cells that meet all, or `#VALUE!`. */
function allMet({ args }: StrictTypes, from: number): (given: readonly unknown[], first: Grid) => readonly number[] | CellError {
  const tests: Meets[] = []
  for (let at = from; at + 1 < args.length; at += 2) tests.push(meetsOf(args[at]?.type ?? null, args[at + 1]?.type ?? null))
  return (given, first) => {
    const meets: ((index: number) => boolean)[] = []
    for (const [index, test] of tests.entries()) {
      const grid = given[from + 2 * index] as Grid
      if (grid.rows !== first.rows || grid.columns !== first.columns) return VALUE
      meets.push(test(grid, given[from + 2 * index + 1] as Value))
    }
    return [...first.cells.keys()].filter((index) => meets.every((one) => one(index)))
  }
}

/** COUNTIFS and COUNTIF. */
export const countIfs: StrictMaker = (types) => {
  const met = allMet(types, 0)
  return (...given: readonly unknown[]) => {
    if (types.args.length % 2 !== 0) return VALUE
    const found = met(given, given[0] as Grid)
    return isCellError(found) ? found : found.length
  }
}

/** SUMIFS and its siblings: the values stand first. */
function overMet(fold: Fold): StrictMaker {
  return (types) => {
    const met = allMet(types, 1)
    const folded = fold(types.args[0] ?? types.result, types.result)
    return (...given: readonly unknown[]) => {
      if (types.args.length % 2 === 0) return VALUE
      const values = given[0] as Grid
      const found = met(given, values)
      return isCellError(found) ? found : folded(found.map((index) => values.cells[index] ?? null))
    }
  }
}

/** SUMIF and AVERAGEIF: the values stand last, and may be left out. */
function overOneMet(fold: Fold): StrictMaker {
  return (types) => {
    const [tested, criterion, values] = types.args
    const meets = meetsOf(tested?.type ?? null, criterion?.type ?? null)
    const own = (values?.type ?? null) === null
    const folded = fold((own ? tested : values) ?? types.result, types.result)
    return (cells: Grid, asked: Value, others: Grid | null) => {
      const meet = meets(cells, asked)
      const found = [...cells.cells.keys()].filter(meet)
      const from = own || others === null ? cells : others
      return folded(found.map((index) => cellLike(cells, index, from)))
    }
  }
}

/** The cell of another array at the same place; outside of it Blank. */
function cellLike({ columns }: Grid, index: number, from: Grid): Value {
  const column = index % columns
  return column < from.columns ? from.at(Math.floor(index / columns), column) : null
}

export const sumIfs: StrictMaker = overMet(sum)
export const averageIfs: StrictMaker = overMet(average)
export const minIfs: StrictMaker = overMet(extreme(-1))
export const maxIfs: StrictMaker = overMet(extreme(1))
export const sumIf: StrictMaker = overOneMet(sum)
export const averageIf: StrictMaker = overOneMet(average)
