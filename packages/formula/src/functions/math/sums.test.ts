import { describe, expect, it } from 'vitest'
import { inCalculator, inSheet } from '../../testing/result-text.ts'

describe('products and sums of products', () => {
  it.each([
    ['=PRODUCT(5, 15, 30)', '2250'],
    ['=PRODUCT({5,15,30}, 2)', '4500'],
    ['=PRODUCT({"7",TRUE})', '0'],
    ['=PRODUCT("7", TRUE)', '7'],
    ['=PRODUCT(0.1, 0.1, 0.1)', '0.001'],
    ['=PRODUCT({1e30,1e30})', '#NUM!'],
    ['=PRODUCT(1e20, 1e20)=1e40', 'TRUE'],
    ['=SUMSQ(3, 4, {TRUE,2})', '29'],
    ['=SUMX2MY2({2,3,9,1,8,7,5}, {6,5,11,7,5,4,4})', '-55'],
    ['=SUMX2PY2({2,3,9,1,8,7,5}, {6,5,11,7,5,4,4})', '521'],
    ['=SUMXMY2({2,3,9,1,8,7,5}, {6,5,11,7,5,4,4})', '79'],
    ['=SUMX2MY2({1;3;3}, {1,2,3})', '5'],
    ['=SUMXMY2({1,TRUE,3}, {4,5,"x"})', '9'],
    ['=SUMXMY2({1,2}, {1,2,3})', '#N/A'],
    ['=PERCENTOF({1,2}, {1,2,9})', '0.25'],
    ['=PERCENTOF(1, 3)', '0.333333333333333'],
    ['=PERCENTOF("x", 3)', '#VALUE!'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })

  it.each([
    ['=SUMPRODUCT({3,4;8,6;1,9}, {2,7;6,7;5,3})', '156'],
    ['=SUMPRODUCT({1,2,3})', '6'],
    ['=SUMPRODUCT({"1",TRUE,2}, {10,10,10})', '20'],
    ['=SUMPRODUCT(--({1,5,9}>4), {0.1,0.2,0.3})', '0.5'],
    ['=SUMPRODUCT({1,2}, {1,2,3})', '#VALUE!'],
    ['=SUMPRODUCT({1,2}, 2)', '#VALUE!'],
    ['=SUMPRODUCT({1,#DIV/0!}, {0,0})', '#DIV/0!'],
    ['=SUMPRODUCT({1,"a"}, {0,#N/A})', '#N/A'],
    ['=SUMPRODUCT(items[amount], items[id])', '141.5'],
    ['=SUMPRODUCT((items[kind]="a")*items[amount])', '30'],
    ['=SUMPRODUCT(items[broken], items[id])', '#N/A'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })

  it('keeps the type of its numbers in a sheet', () => {
    expect(inSheet('=SUMPRODUCT({1,2}, {3,4})+0.5')).toBe('11.5')
    expect(inSheet('=SUMPRODUCT([@price], [@quantity])')).toBe('38')
    expect(inSheet('=PRODUCT([@bigint], 2)')).toBe('18014398509481986')
    expect(inSheet('=PRODUCT([@bigint], 10000)')).toBe('#NUM!')
  })

  it('takes no text for a number in a sheet', () => {
    expect(inSheet('=PRODUCT([@price], [@name])')).toBe('PRODUCT: a number is needed here, not text')
    expect(inSheet('=PERCENTOF([@name], 4)')).toBe('PERCENTOF: a number is needed here, not text')
  })
})
