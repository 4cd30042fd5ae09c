import { valueKey } from '@sheetflow/core/key'
import { describe, expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import { gridOf, type FormulaValue } from '../value/grid.ts'
import { EXAMPLE_SHEET } from './example-sheet.ts'

function shown(value: FormulaValue): readonly (readonly string[])[] {
  const grid = gridOf(value)
  return Array.from({ length: grid.rows }, (_, row) => grid.row(row).map((cell) => valueKey(cell)))
}

describe('SUMIFS and its family over arrays', () => {
  it.each([
    ['SUMIF({1,2,3,4}, ">2")', '7'],
    ['SUMIF({1,2,3}, ">1", {10,20,30})', '50'],
    // The values are taken in the shape of what is tested; beyond them there is nothing.
    ['SUMIF({1,2;3,4}, ">1", {10,20})', '20'],
    ['SUMIF({1;2;3}, ">1", {10,20;30,40})', '30'],
    ['SUMIF({1,2,3}, ">1", {10,"20",#N/A})', '#N/A'],
    ['SUMIF({1,2,#N/A}, ">1")', '2'],
    ['SUMIF({1,#N/A,#DIV/0!}, #N/A)', '#N/A'],
    ['SUMIF({0.1,0.2,"x"}, "<>x")', '0.3'],
    ['SUMIF({1,2,3}, {1,3})', '{1,3}'],
    ['SUM(SUMIF({"a","b","c"}, {"a";"c"}, {1,2,4}))', '5'],
    ['AVERAGEIF({1,2,4}, ">1")', '3'],
    ['AVERAGEIF({1,2}, ">5")', '#DIV/0!'],
    ['AVERAGEIF({"a","b"}, "a", {"x",1})', '#DIV/0!'],
    ['COUNTIF({"apple","Ape","b",1}, "ap*")', '2'],
    ['COUNTIF({1,"1",TRUE,2}, 1)', '2'],
    ['COUNTIF({1,"1",2}, "<>1")', '2'],
    ['COUNTIF({#N/A,1,#N/A}, #N/A)', '2'],
    ['COUNTIF({"","a"}, "")', '1'],
    ['COUNTIF({46349,46350}, ">2026-11-23")', '1'],
    ['COUNTIF({46349,46350}, DATE(2026, 11, 23))', '1'],
    ['COUNTIFS({1,2,3}, ">1", {"x","y","x"}, "x")', '1'],
    ['COUNTIFS({1,2,3}, ">1", {1;2;3}, ">1")', '#VALUE!'],
    ['SUMIFS({1,2,3}, {"x","y","x"}, "x", {1,2,3}, "<3")', '1'],
    ['SUMIFS({1,2,3}, {1,2}, ">0")', '#VALUE!'],
    ['AVERAGEIFS({1,2,3}, {"x","y","x"}, "x")', '2'],
    ['AVERAGEIFS({1,2,3}, {"x","y","x"}, "z")', '#DIV/0!'],
    ['MAXIFS({1,2.5,3}, {"x","y","x"}, "y")', '2.5'],
    ['MINIFS({4,2,"1"}, {1,1,1}, 1)', '2'],
    ['MINIFS({4,2}, {1,1}, 2)', '0'],
    ['MAXIFS({-4,#N/A}, {1,2}, 1)', '-4'],
    ['LET(xs, {1,2,3}, SUMIF(xs, ">1"))', '5'],
  ])('%s is %s', (formula, wanted) => {
    const got = calculate(`=${formula}`, EXAMPLE_SHEET)
    expect(got.diagnostics.filter((one) => one.severity === 'error')).toEqual([])
    expect(shown(got.value)).toEqual(shown(calculate(`=${wanted}`, EXAMPLE_SHEET).value))
  })

  it('pairs that are not complete are an error', () => {
    expect(shown(calculate('=COUNTIFS({1,2}, 1, {1,2})', EXAMPLE_SHEET).value)).toEqual(shown(calculate('=#VALUE!', EXAMPLE_SHEET).value))
  })
})
