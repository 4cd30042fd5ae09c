import { isCellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import { describe, expect, it } from 'vitest'
import { calculate } from '../../calculator/calculate.ts'
import { gridOf } from '../../value/grid.ts'
import { EXAMPLE_SHEET } from '../example-sheet.ts'

/** Rows of numbers, and of the names of errors. */
function table(formula: string): readonly (readonly (number | string)[])[] {
  const got = calculate(`=${formula}`, EXAMPLE_SHEET)
  expect(got.diagnostics).toEqual([])
  const grid = gridOf(got.value)
  return Array.from({ length: grid.rows }, (_, row) =>
    grid
      .row(row)
      .map((cell) => (isCellError(cell) ? cell.kind : isNumber(cell) ? Number(toDecimal(cell).toNumber().toPrecision(12)) : '?')),
  )
}

const NA = '#N/A'
const HOUSES = `{142000;144000;151000;150000;139000;169000;126000;142900;163000;169000;149000}`
const FEATURES = `{2310,2,2,20;2333,2,2,12;2356,3,1.5,33;2379,3,2,43;2402,2,3,53;2425,4,2,23;2448,2,1.5,99;2471,2,2,34;2494,3,3,23;2517,4,4,55;2540,2,3,22}`

describe('LINEST', () => {
  it("Excel's example of several variables, with statistics", () => {
    expect(table(`LINEST(${HOUSES}, ${FEATURES}, TRUE, TRUE)`)).toEqual([
      [-234.237164471, 2553.21066039, 12529.7681671, 27.641387366, 52317.8305073],
      [13.2680114755, 530.66915193, 400.066838194, 5.42937404155, 12237.3616029],
      [0.996747993385, 970.578462929, NA, NA, NA],
      [459.753674225, 6, NA, NA, NA],
      [1732393319.23, 5652135.3162, NA, NA, NA],
    ])
  })

  it('through the origin', () => {
    expect(table('LINEST({1,2,4}, {1,2,3}, FALSE, TRUE)')).toEqual([
      [1.21428571429, 0],
      [0.112938487863, NA],
      [0.982993197279, 0.422577127364],
      [115.6, 2],
      [20.6428571429, 0.357142857143],
    ])
  })

  it('what is left out has its default, also between commas', () => {
    expect(table('LINEST({1,3,5})')).toEqual([[2, -1]])
    expect(table('LINEST({1,3,5},,,)')).toEqual([[2, -1]])
    expect(table('LINEST({1,3,5},,FALSE)')).toEqual([[1.57142857143, 0]])
  })

  it('points on the line leave no error, and no F', () => {
    expect(table('LINEST({1,3,5}, {1,2,3}, TRUE, TRUE)')).toEqual([
      [2, -1],
      [0, 0],
      [1, 0],
      ['#NUM!', 1],
      [8, 0],
    ])
  })

  it('variables that others determine count for nothing', () => {
    expect(table('LINEST({1;2;4}, {1,2;2,4;3,6})')).toEqual([[0, 1.5, -0.666666666667]])
  })

  it('variables may lie in rows', () => {
    expect(table('LINEST({3,5,8}, {1,2,4;2,1,0})')).toEqual([[-1, 1, 4]])
  })

  it.each([
    ['LINEST({1,2,3}, {1,2})', '#REF!'],
    ['LINEST({1;2;3}, {1,2,3})', '#REF!'],
    ['LINEST({1,"2"}, {1,2})', '#VALUE!'],
    ['LINEST({1,2}, {1,TRUE})', '#VALUE!'],
    ['LINEST({1,2}, {1,#N/A})', '#N/A'],
  ])('%s is %s', (formula, error) => {
    expect(table(formula)).toEqual([[error]])
  })
})

describe('LOGEST, TREND, GROWTH', () => {
  it("Excel's examples", () => {
    expect(table('LOGEST({33100;47300;69000;102000;150000;220000}, {11;12;13;14;15;16}, TRUE, FALSE)')).toEqual([
      [1.46327562812, 495.304770159],
    ])
    expect(table('GROWTH({33100;47300;69000;102000;150000;220000}, {11;12;13;14;15;16})')).toEqual(
      [32618.2037735, 47729.4226147, 69841.3008562, 102197.073379, 149542.48674, 218821.876215].map((one) => [one]),
    )
    expect(table('TREND({133890;135000;135790;137300;138130;139100;139900;141120;141890;143230;144000;145290},,{13;14;15;16;17})')).toEqual(
      [146171.515152, 147189.69697, 148207.878788, 149226.060606, 150244.242424].map((one) => [one]),
    )
  })

  it('new x have their own shape', () => {
    expect(table('TREND({1,3,5}, {1,2,3}, {4;5})')).toEqual([[7], [9]])
    expect(table('TREND({1;2;3}, {1,0;0,1;1,1}, {2,2;3,3})')).toEqual([[6], [9]])
    expect(table('TREND({1,2,3}, {1,0,1;0,1,1}, {2,3;2,3})')).toEqual([[6, 9]])
    expect(table('TREND({1;2;3}, {1,0;0,1;1,1}, {2,2,2})')).toEqual([['#REF!']])
    expect(table('TREND({1;3;5})')).toEqual([[1], [3], [5]])
    expect(table('TREND({2,4},{1,2},,FALSE)')).toEqual([[2, 4]])
  })

  it('what has no logarithm is #NUM!', () => {
    expect(table('GROWTH({1,-2})')).toEqual([['#NUM!']])
    expect(table('LOGEST({1,0})')).toEqual([['#NUM!']])
  })
})
