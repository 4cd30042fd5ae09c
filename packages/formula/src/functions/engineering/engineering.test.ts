import { toDecimal, type AnyNumber } from '@sheetflow/core/number'
import { describe, expect, it } from 'vitest'
import { calculate } from '../../calculator/calculate.ts'
import { calculated } from '../../testing/shown.ts'
import { EXAMPLE_SHEET } from '../example-sheet.ts'

/** Formulas beside what they give, written as formulas. */
function table(rows: readonly (readonly [formula: string, result: string])[]): void {
  it.each(rows)('%s is %s', (formula, result) => {
    expect(calculated(`=${formula}`)).toEqual({ cells: calculated(`=${result}`).cells, problems: [] })
  })
}

/** Formulas beside numbers that are known to 15 digits. */
function numbers(rows: readonly (readonly [formula: string, number: number])[]): void {
  it.each(rows)('%s is %d', (formula, number) => {
    const { value } = calculate(`=${formula}`, EXAMPLE_SHEET)
    expect(Math.abs(toDecimal(value as AnyNumber).toNumber() / number - 1)).toBeLessThan(1e-13)
  })
}

describe('number systems', () => {
  table([
    ['BIN2DEC("1000000000")', '-512'],
    ['BIN2DEC("10000000000")', '#NUM!'],
    ['BIN2DEC(2.3)', '#NUM!'],
    ['BIN2DEC(-1)', '#NUM!'],
    ['BIN2DEC(TRUE)', '#VALUE!'],
    ['BIN2HEX("1110111011", 4)', '"FFFFFFFFBB"'],
    ['BIN2HEX(101, 10.9)', '"0000000005"'],
    ['BIN2HEX(101, 11)', '#NUM!'],
    ['BIN2HEX(101, -1)', '#NUM!'],
    ['BIN2HEX(101, "a")', '#VALUE!'],
    ['DEC2BIN(511)', '"111111111"'],
    ['DEC2BIN(-512)', '"1000000000"'],
    ['DEC2BIN(-513)', '#NUM!'],
    ['DEC2BIN(5.9)', '"101"'],
    ['DEC2HEX(549755813887)', '"7FFFFFFFFF"'],
    ['DEC2HEX(549755813888)', '#NUM!'],
    ['DEC2OCT(-536870912)', '"4000000000"'],
    ['HEX2DEC("ffffffffff")', '-1'],
    ['HEX2BIN("FFFFFFFE00")', '"1000000000"'],
    ['HEX2BIN("FFFFFFFDFF")', '#NUM!'],
    ['HEX2OCT("3B4E")', '"35516"'],
    ['OCT2DEC("7777777533")', '-165'],
    ['OCT2HEX("7777777533")', '"FFFFFFFF5B"'],
    ['HEX2DEC({"A","F"})', '{10,15}'],
  ])
})

describe('bits', () => {
  table([
    ['BITAND(281474976710655, 281474976710654)', '281474976710654'],
    ['BITXOR(281474976710655, 1)', '281474976710654'],
    ['BITOR("a", 1)', '#VALUE!'],
    ['BITLSHIFT(1, 47)', '140737488355328'],
    ['BITLSHIFT(8, -2)', '2'],
    ['BITRSHIFT(1, 53)', '0'],
    ['BITRSHIFT(2, -3)', '16'],
    ['BITRSHIFT(-1, 1)', '#NUM!'],
  ])
})

describe('complex numbers', () => {
  table([
    ['COMPLEX(0, 1)', '"i"'],
    ['COMPLEX(1, 0)', '"1"'],
    ['COMPLEX(1.5, -2.5, "j")', '"1.5-2.5j"'],
    ['COMPLEX(1, 2, "I")', '#VALUE!'],
    ['COMPLEX(TRUE, 1)', '#VALUE!'],
    ['IMREAL("1e2-.5j")', '100'],
    ['IMAGINARY("1e2-.5j")', '-0.5'],
    ['IMAGINARY("+i")', '1'],
    ['IMREAL("1 + i")', '#NUM!'],
    ['IMREAL("i1")', '#NUM!'],
    ['IMREAL(7)', '7'],
    ['IMCONJUGATE("-j")', '"j"'],
    ['IMARGUMENT(0)', '#DIV/0!'],
    ['IMDIV("1+i", "0")', '#NUM!'],
    ['IMDIV("2j", "1+j")', '"1+j"'],
    ['IMSUM("1+i", "2-i")', '"3"'],
    ['IMSUB("1+i", "2+3i")', '"-1-2i"'],
    ['IMPRODUCT({"i","i"}, "i")', '"-i"'],
    ['IMPOWER("i", 0)', '"1"'],
    ['IMPOWER(0, 0)', '#NUM!'],
    ['IMSIN("800i")', '#NUM!'],
    ['IMTAN("800i")', '"i"'],
    ['IMLN("i")', '"1.5707963267949i"'],
    ['IMABS({"3+4i","a"})', '{5,#NUM!}'],
  ])
})

describe('CONVERT', () => {
  table([
    ['CONVERT(1, "km", "m")', '1000'],
    ['CONVERT(1, "km2", "m^2")', '1000000'],
    ['CONVERT(1, "m3", "l")', '1000'],
    ['CONVERT(1, "dam", "em")', '1'],
    ['CONVERT(68, "F", "C")', '20'],
    ['CONVERT(0, "K", "C")', '-273.15'],
    ['CONVERT(1, "kK", "C")', '726.85'],
    ['CONVERT(100, "C", "Reau")', '80'],
    ['CONVERT(100, "C", "Rank")', '671.67'],
    ['CONVERT(1, "kibyte", "byte")', '1024'],
    ['CONVERT(1, "kbyte", "bit")', '8000'],
    ['CONVERT(1, "kim", "m")', '#N/A'],
    ['CONVERT(1, "KM", "m")', '#N/A'],
    ['CONVERT(1, "kft", "m")', '#N/A'],
    ['CONVERT(1, "ft", "C")', '#N/A'],
    ['CONVERT(1, "constructor", "m")', '#N/A'],
    ['CONVERT(TRUE, "m", "m")', '#VALUE!'],
    ['CONVERT("a", "m", "m")', '#VALUE!'],
  ])
  numbers([
    ['CONVERT(1, "sg", "g")', 14593.9029372064],
    ['CONVERT(1, "lbf", "N")', 4.4482216152605],
    ['CONVERT(1, "HP", "W")', 745.69987158227],
    ['CONVERT(1, "survey_mi", "m")', 1609.34721869444],
    ['CONVERT(1, "us_acre", "m2")', 4046.87260987425],
    ['CONVERT(1, "ly^3", "m^3")', 8.46786664623715e47],
    ['CONVERT(1, "gal", "tsp")', 768],
  ])
})

describe('DELTA and GESTEP are exact', () => {
  table([
    ['DELTA(1.000000000000000001, 1)', '0'],
    ['GESTEP(0.3, 0.1+0.2)', '1'],
    ['DELTA("2", 2)', '1'],
    ['GESTEP(1, 1/0)', '#DIV/0!'],
    ['GESTEP({-1,0,1})', '{0,1,1}'],
  ])
})

/** Made with mpmath. */
describe('special functions', () => {
  numbers([
    ['BESSELJ(10, 0)', -0.245935764451348],
    ['BESSELJ(-10, 1)', -0.0434727461688614],
    ['BESSELJ(30, 40)', 0.000361202360889659],
    ['BESSELJ(1000.5, 3)', -0.0161054945659113],
    ['BESSELJ(120, 100)', 0.0757371791300107],
    ['BESSELY(1, 2)', -1.65068260681625],
    ['BESSELY(24.9, 3)', 0.106820444831749],
    ['BESSELY(40, 7)', -0.0670397581734858],
    ['BESSELI(10, 5)', 777.18828640326],
    ['BESSELI(-1.5, 1)', -0.981666428577908],
    ['BESSELI(500, 3)', 2.48234501007273e215],
    ['BESSELK(0.3, 5)', 157139.123371217],
    ['BESSELK(3, 1)', 0.0401564311281942],
    ['ERF(0.1)', 0.112462916018285],
    ['ERF(2, 3)', 0.00465564448404867],
    ['ERF(-1, 1)', 1.68540158589943],
    ['ERFC(5)', 1.53745979442803e-12],
  ])
  table([
    ['BESSELJ(1, 2.9)=BESSELJ(1, 2)', 'TRUE'],
    ['BESSELJ(1, 9999999)', '#NUM!'],
    ['BESSELI(1000, 0)', '#NUM!'],
    ['BESSELY(0, 1)', '#NUM!'],
    ['BESSELK(1, -1)', '#NUM!'],
    ['BESSELJ(0, 0)', '1'],
    ['ERF(TRUE)', '#VALUE!'],
  ])
})
