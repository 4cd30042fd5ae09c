import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import { calculate } from '../calculator/calculate.ts'
import type { PlainTable } from '../calculator/plain-table.ts'
import { Grid, gridOf } from '../value/grid.ts'

const ROW: PlainTable = {
  id: 'row',
  key: [0],
  columns: [
    { name: 'two', type: { type: 'int' }, nullable: false },
    { name: 'three', type: { type: 'int' }, nullable: false },
    { name: 'long', type: { type: 'decimal' }, nullable: false },
    { name: 'blank', type: { type: 'decimal' }, nullable: true },
    { name: 'real', type: { type: 'double' }, nullable: false },
    { name: 'time', type: { type: 'time' }, nullable: false },
    { name: 'from', type: { type: 'timestamp' }, nullable: false },
    { name: 'to', type: { type: 'timestamp' }, nullable: false },
  ].map((column, id) => ({ ...column, id })) as unknown as PlainTable['columns'],
  rows: [
    [
      2,
      3,
      Decimal.parse('1000000000000000000.25'),
      null,
      3,
      4_800_000_000,
      { days: 20_000, micros: 0 },
      { days: 20_000, micros: 4_800_000_000 },
    ],
  ],
}

/** The result as text, arrays by their cells; by the rules of a sheet, and by those of Excel. */
function results(formula: string): readonly string[] {
  return [false, true].map((dynamic) => {
    const input = { tables: [], row: ROW, today: 0, timeZone: 'UTC', ...(dynamic ? { dynamic: true as const } : {}) }
    const { value, diagnostics } = calculate(formula, input)
    const problem = diagnostics.find((one) => one.severity === 'error')
    if (problem !== undefined) return problem.message
    return gridOf(value)
      .cells.map((cell) => (isCellError(cell) ? cell.kind : isNumber(cell) ? toDecimal(cell).toString() : JSON.stringify(cell)))
      .join(' ')
  })
}

/** Where a sheet has `#NUM!` and the calculator, as Excel, a double. */
const BEYOND_DECIMALS: Readonly<Record<string, string>> = {
  '=10000000000000000000000000000000000000/0.03': '333333333333333330000000000000000000000',
}

describe('arithmetic.json', () => {
  const path = join(import.meta.dirname, '../../vectors/arithmetic.json')
  const { v, cases } = JSON.parse(readFileSync(path, 'utf8')) as { v: number; cases: { formula: string; result: string }[] }

  it('is of the version that is known here', () => expect(v).toBe(1))

  it.each(cases)('$formula is $result', ({ formula, result }) => {
    expect(results(formula)).toEqual([result, BEYOND_DECIMALS[formula] ?? result])
  })
})

describe('a chain of arithmetic is rounded once, where it ends', () => {
  it.each([
    ['=2/3*3', '2'],
    ['=1/3*3', '1'],
    ['=[@two]/[@three]*3', '2'],
    ['=3*([@two]/[@three])', '2'],
    ['=-([@two]/[@three])*3', '-2'],
    ['=+(1/[@three])*3', '1'],
    ['=1/(1/[@three])', '3'],
    ['=[@two]/[@three]/2*3', '1'],
    ['=1/[@three]', '0.333333333333333'],
    ['=2/[@three]', '0.666666666666667'],
    ['=2/[@three]*100', '66.6666666666667'],
    ['=1/[@three]*3-1', '0'],
    ['=1/(1/[@three]*3-1)', '#DIV/0!'],
  ])('%s is %s', (formula, wanted) => {
    expect(results(formula)).toEqual([wanted, wanted])
  })

  it.each([
    ['an exact decimal keeps its digits beside a quotient', '=[@long]+1/3', '1000000000000000000.583333333333333'],
    ['the coarsest of the quotients decides', '=10000000000/3+1/3', '3333333333.66667'],
    ['a product has 15 digits', '=[@long]*(1/3)', '333333333333333000'],
    ['a quotient of few digits is a decimal as any other', '=10/4*1234567890.12345678', '3086419725.30864195'],
    ['so is a percentage', '=12345678901234.56*19%', '2345678991234.5664'],
    [
      'what is smaller than all places comes back',
      '=1/10000000000000000000000000000000/100000000000000000000*10000000000000000000000000000000*100000000000000000000',
      '1',
    ],
  ])('%s: %s', (_, formula, wanted) => {
    expect(results(formula)).toEqual([wanted, wanted])
  })

  it.each([
    ['=1000^(1/[@three])', '10'],
    ['=(2^0.5)^2', '2'],
    ['=(1+1/[@three])^3*27', '64'],
    ['=(1/[@three])^-2', '9'],
    ['=POWER(1000, 1/3)', '10'],
    ['=POWER(2, 0.5)*POWER(2, 0.5)', '2'],
    ['=0^(1/3*3-1)', '#NUM!'],
    ['=(1/3)^0', '1'],
    ['=(1/3)^10000000', '0'],
    ['=3^10000000', '#NUM!'],
    ['=3^(1/3)^100000', '#NUM!'],
  ])('powers: %s is %s', (formula, wanted) => {
    expect(results(formula)).toEqual([wanted, wanted])
  })
})

describe('names and branches hand a number on as it is', () => {
  it.each([
    ['=LET(v, [@two]/[@three], v*3)', '2'],
    ['=LET(v, 2/3, v*3)', '2'],
    ['=LET(v, [@two]/[@three], w, v*2, w*3)', '4'],
    ['=LET(v, [@two]/[@three], v)', '0.666666666666667'],
    ['=LET(v, 1/[@three], IF(v=0.333333333333333, v*3, 7))', '1'],
    ['=LET(v, 1/[@three], v*3+LEN(v&""))', '18'],
    ['=LAMBDA(x, x*3)(1/[@three])', '1'],
    ['=LAMBDA(x, x/[@three])(2)*3', '2'],
    ['=IF([@two]=2, 1/[@three], 0)*3', '1'],
    ['=IF([@two]=2, 1/[@three], 0)', '0.333333333333333'],
    ['=IF([@blank]=0, 1/3, 0)*3', '1'],
    ['=IF(TRUE, 1/3, 0)*3', '1'],
    ['=IFS([@two]=1, 0, [@two]=2, 1/[@three])*3', '1'],
    ['=SWITCH([@two], 2, 1/[@three], 0)*3', '1'],
    ['=SWITCH([@two], 1, 0, 1/[@three])*3', '1'],
    ['=IFERROR(1/[@three], 0)*3', '1'],
    ['=IFERROR(1/[@blank], 1/[@three])*3', '1'],
    ['=IFNA(1/[@three], 0)*3', '1'],
    ['=IF([@two]=2, LET(v, 1/[@three], v), 0)*3', '1'],
    ['=LET(v, 1/[@three], v)*3', '1'],
    ['=LET(v, 1/[@three], w, IF([@two]=2, v, 0), w)*3', '1'],
    ['=LET(w, LET(v, 1/[@three], v), w*3)', '1'],
    ['=IF([@two]=2, [@blank], 1/[@three])*3', '0'],
    ['=IFERROR(1/[@blank], 5)*3', '15'],
  ])('%s is %s', (formula, wanted) => {
    expect(results(formula)).toEqual([wanted, wanted])
  })
})

describe('where a number leaves its chain it is rounded', () => {
  it.each([
    ['compared', '=1/[@three]=0.333333333333333', 'true'],
    ['compared behind a chain', '=2/[@three]*3=2', 'true'],
    ['in a condition', '=IF(1/[@three]*3-1, "some", "none")', '"none"'],
    ['as text', '=[@two]/[@three]&""', '"0.666666666666667"'],
    ['as text, behind a chain', '=[@two]/[@three]*3&""', '"2"'],
    ['given to a function', '=INT(2/[@three]*3)', '2'],
    ['given to a function, and computed with', '=ABS(1/[@three])*3', '0.999999999999999'],
    ['as a cell of an array', '=SUM(MAP({1}, LAMBDA(x, x/3*3)))', '1'],
    ['as what is searched', '=XLOOKUP(2/[@three]*3, {1,2,3}, {"a","b","c"})', '"b"'],
  ])('%s: %s is %s', (_, formula, wanted) => {
    expect(results(formula).at(-1)).toBe(wanted)
  })
})

describe('arrays and other kinds of numbers', () => {
  it('an array is a chain cell by cell', () => {
    expect(results('={1,2;4,5}/3*3').at(-1)).toBe('1 2 4 5')
    expect(results('=SUM({1,2}/[@three]*3)')).toEqual(['3', '3'])
    expect(results('=LET(v, {1,2}/[@three], SUM(v*3)+SUM(v))')).toEqual(['4', '4'])
    expect(results('=SUM(IF({TRUE,FALSE}, 1/[@three], 2/[@three])*3)')).toEqual(['3', '3'])
    expect(results('=SUM(IF({1,0}, {1,2}/3, 0)*3)')).toEqual(['1', '1'])
  })

  it('a double takes the nearest one to the quotient, as in Excel', () => {
    expect(results('=1/[@three]*[@real]')).toEqual(['1', '1'])
    expect(results('=[@real]/3')).toEqual(['1', '1'])
  })

  it('a time is the exact part of the day', () => {
    expect(results('=[@time]*24')).toEqual(['1.33333333333333', '1.33333333333333'])
    expect(results('=[@time]*24*3')).toEqual(['4', '4'])
    expect(results('=([@to]-[@from])*24')).toEqual(['1.33333333333333', '1.33333333333333'])
    expect(results('=([@to]-[@from])*24*60')).toEqual(['80', '80'])
    expect(results('=[@to]-[@from]')).toEqual(['0.0555555555555556', '0.0555555555555556'])
    expect(results('=([@time]+[@time]+[@time])*6')).toEqual(['1', '1'])
  })

  it('long names of names are gone through once', () => {
    const names = Array.from({ length: 40 }, (_, i) => `n${i + 1}_, IF([@two]=2, n${i}_, n${i}_)`).join(', ')
    expect(results(`=LET(n0_, 1/[@three], ${names}, n40_*3)`)).toEqual(['1', '1'])
  })

  it('what grows beyond all bounds stays a number, or is none', () => {
    const squares = Array.from({ length: 14 }, (_, i) => `n${i + 1}_, n${i}_*n${i}_/n${i}_`).join(', ')
    expect(results(`=LET(n0_, 1/[@three], ${squares}, n14_*3)`)).toEqual(['1', '1'])
    const powers = Array.from({ length: 14 }, (_, i) => `n${i + 1}_, n${i}_*n${i}_`).join(', ')
    expect(results(`=LET(n0_, 10/[@three], ${powers}, n14_*3)`)).toEqual(['#NUM!', '#NUM!'])
    expect(results(`=LET(n0_, 1/[@three], ${powers}, n14_*3)`)).toEqual(['0', '0'])
  })

  it('a cell never holds what is unrounded', () => {
    const { value } = calculate('=LET(v, 1/[@three], IF([@two]=2, v*2, v))', { tables: [], row: ROW, today: 0, timeZone: 'UTC' })
    expect(value instanceof Decimal && !(value instanceof Grid)).toBe(true)
  })
})
