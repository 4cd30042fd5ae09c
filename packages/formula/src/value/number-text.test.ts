import { describe, expect, it } from 'vitest'
import { calculated } from '../testing/shown.ts'

/** That one formula gives what another gives. */
function check(formula: string, wanted: string): void {
  expect(calculated(`=${formula}`)).toEqual({ ...calculated(`=${wanted}`), problems: [] })
}

describe('texts that are numbers, as Excel reads them', () => {
  it.each([
    ['" 5 "+0', '5'],
    ['(CHAR(9)&"5"&CHAR(13)&CHAR(10))+0', '5'],
    ['VALUE("1 1/2")', '1.5'],
    ['VALUE(" -2 3/4 ")', '-2.75'],
    ['"2 3/4"*1', '2.75'],
    ['"2 1/3"*3', '7'],
    ['-"-2 1/3"*3', '7'],
    ['VALUE("1 1/0")', '#VALUE!'],
    ['VALUE("1/2/2026")', 'VALUE("2026-01-02")'],
  ])('%s is %s', check)

  it.each(['160', '8195', '12288'])('a no-break or other space of Unicode (%s) makes no number', (code) => {
    const space = `UNICHAR(${code})`
    const formulas = [`("5"&${space})+0`, `(${space}&"5")+0`, `VALUE("5"&${space}&"%")`, `DATEVALUE("2026-01-02"&${space})`]
    expect(formulas.map((formula) => calculated(`=${formula}`).cells)).toEqual(formulas.map(() => [['e#VALUE!']]))
  })
})

describe('texts that are times, as Excel reads them', () => {
  it.each([
    ['VALUE("12:00")', '0.5'],
    ['VALUE("24:00")', '1'],
    ['VALUE("36:00")', '1.5'],
    ['VALUE("1440:00")', '60'],
    ['VALUE("9999:00")', '416.625'],
    ['VALUE("10000:00")', '#VALUE!'],
    ['VALUE("25:00 AM")', '#VALUE!'],
    ['VALUE("1:60")', '#VALUE!'],
    ['"36:15"*24', '36.25'],
    ['"1:00"*24', '1'],
    ['("8:00"-"7:45")*24*60', '15'],
    ['-"2026-01-02 8:00"*3', '-138073'],
    ['"6 AM"*4', '1'],
    ['ROUND(VALUE("30:15.5")*86400, 6)', '1815.5'],
    ['TIMEVALUE("36:15")', 'TIME(12,15,0)'],
    ['TIMEVALUE("24:00")', 'TIME(0,0,0)'],
    ['TIMEVALUE("2026-01-02 24:00")', 'TIME(0,0,0)'],
    ['TIMEVALUE("2026-01-02 25:00")', '#VALUE!'],
    ['VALUE("2026-01-02 24:00")', 'VALUE("2026-01-03")'],
    ['HOUR("36:15")', '12'],
    ['TEXT("36:15", "[h]:mm")', '"36:15"'],
  ])('%s is %s', check)
})
