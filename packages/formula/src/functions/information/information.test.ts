import { describe, expect, it } from 'vitest'
import { valueKey } from '@sheetflow/core/key'
import { calculate } from '../../calculator/calculate.ts'
import { gridOf } from '../../value/grid.ts'
import { EXAMPLE_SHEET } from '../example-sheet.ts'

function cells(formula: string): readonly string[] {
  const { value, diagnostics } = calculate(formula, EXAMPLE_SHEET)
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  return gridOf(value).cells.map((cell) => valueKey(cell))
}

describe('what kind of value it is', () => {
  it.each([
    ['ISNUMBER([@date])', 'TRUE'],
    ['MAP({1,"a",TRUE}, LAMBDA(x, ISNUMBER(x)))', '{TRUE,FALSE,FALSE}'],
    ['MAP({1,"a",TRUE}, LAMBDA(x, ISNONTEXT(x)))', '{TRUE,FALSE,TRUE}'],
    ['ISTEXT("")', 'TRUE'],
    ['ISLOGICAL("TRUE")', 'FALSE'],
    ['ISERR(#REF!)', 'TRUE'],
    ['ISEVEN(2.9)', 'TRUE'],
    ['ISEVEN("2")', 'TRUE'],
    ['ISEVEN(TRUE)', '#VALUE!'],
    ['ISODD(-1)', 'TRUE'],
    ['ISODD({1,2,"x",TRUE})', '{TRUE,FALSE,#VALUE!,#VALUE!}'],
    ['ISODD(123456789012345678901)', 'TRUE'],
    ['ISEVEN(#N/A)', '#N/A'],
    ['TYPE(TRUE)', '4'],
    ['TYPE("")', '2'],
    ['TYPE(items[amount])', '64'],
    ['MAP({1,"a",TRUE,#N/A}, LAMBDA(x, TYPE(x)))', '{1,2,4,16}'],
    ['ERROR.TYPE({#NULL!,#DIV/0!,#VALUE!,#REF!,#NAME?,#NUM!,#N/A})', '{1,2,3,4,5,6,7}'],
    ['ERROR.TYPE(1)', '#N/A'],
    ['N("7")', '0'],
    ['N([@name])', '0'],
    ['N({TRUE,"7",1.5})', '{1,0,1.5}'],
    ['N(0.10)', '0.1'],
    ['ISREF([@name])', 'TRUE'],
    ['ISREF([@name]&"")', 'FALSE'],
    ['ISREF({1,2})', 'FALSE'],
    ['ISNA(NA())', 'TRUE'],
  ])('%s is %s', (formula, wanted) => {
    expect(cells(`=${formula}`)).toEqual(cells(`=${wanted}`))
  })
})
