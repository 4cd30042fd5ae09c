import { valueKey } from '@sheetflow/core/key'
import { describe, expect, it } from 'vitest'
import { calculate } from '../../calculator/calculate.ts'
import { gridOf, type FormulaValue } from '../../value/grid.ts'
import { EXAMPLE_SHEET } from '../example-sheet.ts'

function shown(value: FormulaValue): readonly (readonly string[])[] {
  const grid = gridOf(value)
  return Array.from({ length: grid.rows }, (_, row) => grid.row(row).map((cell) => valueKey(cell)))
}

/** As the examples of the reference. */
function check(formula: string, result: string): void {
  const got = calculate(`=${formula}`, EXAMPLE_SHEET)
  expect(got.diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  expect(shown(got.value)).toEqual(shown(calculate(`=${result}`, EXAMPLE_SHEET).value))
}

const EXACT: readonly (readonly [string, string])[] = [
  // No binary noise.
  ['VAR({0.1,0.1,0.1})', '0'],
  ['STDEV({0.1,0.1,0.1})', '0'],
  ['VAR({1000000000000001,1000000000000002,1000000000000003})', '1'],
  ['DEVSQ({0.1,0.2,0.3})', '0.02'],
  ['AVEDEV({0.1,0.2,0.3})', '0.0666666666666667'],
  ['MEDIAN({0.1,0.2})', '0.15'],
  ['PERCENTILE({0.1,0.2,0.3}, 0.75)', '0.25'],
  ['COVARIANCE.P({0.1,0.2,0.3}, {0.4,0.5,0.6})', '0.00666666666666667'],
  ['SLOPE({0.1,0.2,0.3}, {1,2,3})', '0.1'],
  ['FORECAST(4.5, {0.1,0.2,0.3}, {1,2,3})', '0.45'],
  ['RSQ({1,2,3}, {0.1,0.2,0.3})', '1'],
  ['STEYX({0.1,0.2,0.3}, {1,2,3})', '0'],
  ['STANDARDIZE(0.3, 0.1, 0.1)', '2'],
  ['TRIMMEAN({0.1,0.2,0.6,9}, 0.5)', '0.4'],
  ['KURT({1,2,3,4})', '-1.2'],
  ['ROUND(SKEW({1,2,3,4,10}), 13)', '1.6970562748477'],
  ['ROUND(GEOMEAN({1e30,1e30,1e-30}), 0)', '10000000000'],
]

const CELLS: readonly (readonly [string, string])[] = [
  // Of arrays only cells that are numbers count, single values are read.
  ['MEDIAN({1,"7",TRUE,3})', '2'],
  ['MEDIAN(1, "7", TRUE)', '1'],
  ['STDEVA({1,TRUE,"a"})', '0.577350269189626'],
  ['AVERAGEA({"a","b"})', '0'],
  ['AVERAGEA("3", TRUE)', '2'],
  ['MAXA({"a"})', '0'],
  ['MINA({TRUE,5})', '1'],
  ['VARPA("a")', '#VALUE!'],
  ['CORREL({1,"x",2,3}, {2,5,4,6})', '1'],
  ['COVARIANCE.S({1,2,TRUE}, {1,2,3})', '0.5'],
  ['SLOPE({1,#N/A}, {1,2})', '#N/A'],
  ['INTERCEPT({1,2}, {1;2})', '0'],
  ['FORECAST(1, {"a"}, {1})', '#N/A'],
  ['FREQUENCY({1,7,"Hello",TRUE,12}, {15,5})', '{2;1;0}'],
  ['FREQUENCY({1,2}, {5,5})', '{2;0;0}'],
  ['FREQUENCY({1,2}, {"a"})', '2'],
  ['COUNTBLANK({"",0,"a";"",FALSE,1})', '2'],
]

const ORDER: readonly (readonly [string, string])[] = [
  ['LARGE({3,1,2}, 1.5)', '2'],
  ['LARGE({3,1,2}, 0)', '#NUM!'],
  ['SMALL({3,1,2}, 1e30)', '#NUM!'],
  ['SMALL({1.5,2}, {1;2})', '{1.5;2}'],
  ['PERCENTILE.INC({7}, 0.3)', '7'],
  ['PERCENTILE.EXC({1,2,3,4}, 0.2)', '1'],
  ['PERCENTILE.EXC({1,2,3,4}, 0.1)', '#NUM!'],
  ['PERCENTILE({1,2}, -0.1)', '#NUM!'],
  ['QUARTILE({1,2,3,4}, 3.9)', '3.25'],
  ['QUARTILE({1,2,3,4}, -1)', '#NUM!'],
  ['QUARTILE.EXC({1,2,3,4}, 0)', '#NUM!'],
  ['PERCENTRANK({1,2,3,4}, 2.5)', '0.5'],
  ['PERCENTRANK.INC({1,2,3,4}, 2, 5)', '0.33333'],
  ['PERCENTRANK.INC({5}, 5)', '1'],
  ['PERCENTRANK.INC({5}, 6)', '#N/A'],
  ['PERCENTRANK.EXC({1,2,3,6,6,6,7,8,9}, 7)', '0.7'],
  ['PERCENTRANK.EXC({1,2,3,6,6,6,7,8,9}, 5.43)', '0.381'],
  ['PERCENTRANK.EXC({1,2,3,6,6,6,7,8,9}, 5.43, 1)', '0.3'],
  ['RANK(2, {1,2,2,3})', '2'],
  ['RANK(2, {1,2,2,3}, 1)', '2'],
  ['RANK.AVG(2, {1,2,2,3})', '2.5'],
  ['RANK(0.3, {0.1,0.2,0.3})', '1'],
  ['MODE({1,2,2,1})', '1'],
  ['MODE({1,1.0,2})', '1'],
  ['MODE.MULT({"a",1})', '#N/A'],
  ['PROB({0,1,2,3}, {0.2,0.3,0.1,0.4}, 2)', '0.1'],
  ['PROB({0,1}, {0,1}, 1)', '#NUM!'],
  ['PROB({0,1}, {0.5,0.5}, 1, 0)', '0'],
]

const FEW: readonly (readonly [string, string])[] = [
  ['KURT({1,2,3})', '#DIV/0!'],
  ['SKEW({1,2})', '#DIV/0!'],
  ['SKEW.P({1,1,1})', '#DIV/0!'],
  ['GEOMEAN({1,0})', '#NUM!'],
  ['HARMEAN({-1,1})', '#NUM!'],
  ['AVEDEV({"a"})', '#NUM!'],
  ['CORREL({1}, {2})', '#DIV/0!'],
  ['CORREL({1,2}, {3,3})', '#DIV/0!'],
  ['PEARSON({1,2}, {3,4,5})', '#N/A'],
  ['STEYX({1,2}, {3,4})', '#DIV/0!'],
  ['STEYX({1,2,3}, {4,4,4})', '#DIV/0!'],
  ['VARP({"a"})', '#DIV/0!'],
  ['TRIMMEAN({1,2}, -0.1)', '#NUM!'],
  ['TRIMMEAN({1,2}, 1)', '#NUM!'],
]

const TESTS: readonly (readonly [string, string])[] = [
  ['CHISQ.TEST({1,2;3,4}, {1,2;3,4})', '1'],
  ['CHISQ.TEST({1}, {1})', '#N/A'],
  ['CHISQ.TEST({1,2}, {0,2})', '#DIV/0!'],
  ['CHISQ.TEST({1,2}, {-1,2})', '#NUM!'],
  ['ROUND(FTEST({1,2,3}, {1,2,3}), 12)', '1'],
  ['F.TEST({1,1}, {1,2})', '#DIV/0!'],
  ['ROUND(TTEST({1,2,3,4}, {2,3,4,6}, 2, 2), 12)', '0.287208140444'],
  ['T.TEST({1,2}, {2,3}, 2, 1)', '#DIV/0!'],
  ['T.TEST({1,2}, {1,2}, 3, 1)', '#NUM!'],
  ['T.TEST({1}, {1,2}, 2, 2)', '#DIV/0!'],
  ['ROUND(ZTEST({3,6,7,8,6,5,4,2,1,9}, 6), 12)', '0.86304338913'],
  ['Z.TEST({"a"}, 1)', '#N/A'],
  ['Z.TEST({1,2}, 1, 0)', '#NUM!'],
]

describe('samples', () => {
  it.each(EXACT)('exact: %s is %s', check)
  it.each(CELLS)('what counts: %s is %s', check)
  it.each(ORDER)('order: %s is %s', check)
  it.each(FEW)('too few: %s is %s', check)
  it.each(TESTS)('tests: %s is %s', check)
})
