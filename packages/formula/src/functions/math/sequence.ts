import type { AnyNumber } from '@sheetflow/core/number'
import { isCellError } from '@sheetflow/core/cell-error'
import { ADD, MULTIPLY } from '../../value/arithmetic.ts'
import { CALC, NUM, VALUE } from '../../value/cell-errors.ts'
import { Grid, MAX_CELLS } from '../../value/grid.ts'
import { wholeInLane } from '../../value/in-lane.ts'
import { isOmitted, isTypeProblem, type FunctionDefinition, type StrictMaker } from '../definition.ts'
import { widestNumber } from '../results.ts'

/** Exact: each cell is computed from its place, so that no sum of steps grows an error. */
const makeSequence: StrictMaker = (types) => {
  const { lane } = types
  const [noRows, noColumns, noStart, noStep] = [0, 1, 2, 3].map((index) => isOmitted(types, index))
  const one = wholeInLane(1, lane)
  return (rows: number, columns: number, start: AnyNumber, step: AnyNumber) => {
    const [height, width] = [noRows === true ? 1 : rows, noColumns === true ? 1 : columns]
    if (height < 0 || width < 0) return VALUE
    if (height === 0 || width === 0) return CALC
    if (height * width > MAX_CELLS) return NUM
    const [first, by] = [noStart === true ? one : start, noStep === true ? one : step]
    return Grid.make(height, width, (row, column) => {
      const distance = MULTIPLY[lane](wholeInLane(row * width + column, lane), by)
      return isCellError(distance) ? distance : ADD[lane](first, distance)
    })
  }
}

/** Arrays of numbers at equal distances. */
export const SEQUENCE: FunctionDefinition = {
  name: 'SEQUENCE',
  category: 'math',
  help: 'An array of so many rows and columns of numbers that grow by a step.',
  params: [
    { name: 'rows', kind: 'integer', optional: true },
    { name: 'columns', kind: 'integer', optional: true },
    { name: 'start', kind: 'number', optional: true },
    { name: 'step', kind: 'number', optional: true },
  ],
  result: (types) => {
    const cell = widestNumber(2, 3)(types)
    return isTypeProblem(cell) ? cell : { ...cell, array: true }
  },
  evaluation: { mode: 'strict', make: makeSequence },
  volatility: 'pure',
  examples: [
    { formula: '=SEQUENCE(2, 3)', result: '{1,2,3;4,5,6}' },
    { formula: '=SEQUENCE(1, 3, 10, 0.1)', result: '{10,10.1,10.2}' },
    { formula: '=SUM(SEQUENCE(3, , [@blank]))', result: '3' },
    { formula: '=SEQUENCE(-1)', result: '#VALUE!' },
    { formula: '=SEQUENCE(0.3)', result: '#CALC!' },
  ],
}
