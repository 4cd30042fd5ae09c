import { describe, expect, it } from 'vitest'
import { inCalculator, inSheet } from '../testing/result-text.ts'

describe('what takes too many steps is #CALC!', () => {
  it.each([
    '=SUM(MAKEARRAY(1000, 1000, LAMBDA(r, c, SUM(SEQUENCE(1000, 1000)))))',
    '=REDUCE(0, SEQUENCE(1000), LAMBDA(a, x, REDUCE(a, SEQUENCE(1000), LAMBDA(b, y, REDUCE(b, SEQUENCE(1000), LAMBDA(c, z, c+1))))))',
    '=IFERROR(REDUCE(0, SEQUENCE(1000), LAMBDA(a, x, REDUCE(a, SEQUENCE(1000000), LAMBDA(b, y, b+1)))), "caught")',
    '=SUM(F.INV(SEQUENCE(1000000)/1000001, 2.5, 3.5))',
    '=SUM(RATE(SEQUENCE(1000000), -10, 1000))',
    '=SUM(LEN(SORT(REPT("a", 30000)&SEQUENCE(1000000))))',
    '=SUM(LEN(SUBSTITUTE(REPT("ab", 16000)&SEQUENCE(1000000), "a", "c")))',
    '=ROWS(REDUCE({1}, SEQUENCE(30000), LAMBDA(a, x, VSTACK(a, x))))',
    '=SUM(COUNTIF(SEQUENCE(10000), SEQUENCE(10000)))',
    '=SUM(XMATCH(SEQUENCE(100000), SEQUENCE(100000)))',
    '=SUM(N(REGEXTEST(REPT("a", 32000)&SEQUENCE(1000), "(a*)*b")))',
    '=SUM(IFERROR(SEARCH("*"&REPT("a", 250)&"?b", REPT("a", 32700)&SEQUENCE(1000)), 0))',
    '=MUNIT(SEQUENCE(1000, 1000))',
    '=SUM(SEQUENCE(SEQUENCE(1000, 1000)))',
    `=LET(x, SEQUENCE(1000000), ${Array.from({ length: 200 }, () => 'SUM(x)').join('+')})`,
    `=${Array.from({ length: 100 }, () => 'SUM(SEQUENCE(1000000))').join('+')}`,
  ])('%s', (formula) => {
    expect(inCalculator(formula)).toBe('#CALC!')
  })

  it('each evaluation has a budget of its own', () => {
    expect(inCalculator('=SUM(MAKEARRAY(2000, 400, LAMBDA(r, c, SUM(SEQUENCE(r)))))')).toBe('#CALC!')
    for (let run = 0; run < 20; run++) expect(inSheet('=SUM(MAP(SEQUENCE(100000), LAMBDA(x, [@quantity])))')).toBe('400000')
  })

  it('patterns that another evaluation has read count all the same', () => {
    const formula = '=SUM(N(REGEXTEST("a", "a"&SEQUENCE(40000))))'
    expect([inCalculator(formula), inCalculator(formula)]).toEqual(['#CALC!', '#CALC!'])
    expect(inCalculator('=SUM(N(REGEXTEST("a"&SEQUENCE(100000), "a1")))')).toBe('11112')
  })

  it.each([
    ['=SUM(SEQUENCE(1000, 1000))', '500000500000'],
    ['=SUM(MAKEARRAY(1000, 1000, LAMBDA(r, c, r*c)))', '250500250000'],
    ['=SUM(INDEX(SORT(SEQUENCE(1000000, 1, 1000000, -1)), 1))', '1'],
    ['=SUM(MAKEARRAY(300, 300, LAMBDA(r, c, INDEX(SEQUENCE(300), r)*c)))', '2038522500'],
  ])('a million cells suffice: %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })
})

describe('texts are bounded', () => {
  it.each([
    ['=LEN(REDUCE("a", SEQUENCE(100), LAMBDA(a, x, a&a)))', '#VALUE!'],
    ['=LEN(REPT("a", 32767)&"")', '32767'],
    ['=LEN(REPT("a", 32767)&"b")', '#VALUE!'],
    ['=LEN(TEXTJOIN(",", TRUE, SEQUENCE(100000)))', '#VALUE!'],
    ['=LEN(CONCAT(SEQUENCE(100000)))', '#VALUE!'],
    ['=LEN(SUBSTITUTE(REPT("a", 32767), "a", "bb"))', '#VALUE!'],
    ['=REPT("a", 1E+15)', '#VALUE!'],
    ['=TEXT(1, REPT("0", 30000))', '#VALUE!'],
    ['=COUNTIF({"aaa","aab"}, REPT("*", 1000)&"b")', '1'],
    ['=COUNTIF({"aaa","aab"}, REPT("*a", 1000)&"*b")', '0'],
  ])('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })
})

describe('arrays are bounded', () => {
  it.each([
    '=SEQUENCE(1E+9)',
    '=EXPAND({1}, 1E+6, 1E+6)',
    '=MAKEARRAY(1E+6, 1E+6, LAMBDA(a, b, 1))',
    '=MUNIT(1001)',
    '=SUM(SEQUENCE(1000)*SEQUENCE(1, 1001))',
    '=SUM(MAP(SEQUENCE(2000), SEQUENCE(1, 2000), LAMBDA(a, b, 1)))',
    '=SUM(HSTACK(SEQUENCE(1000000), SEQUENCE(1, 1000000)))',
  ])('%s is #NUM!', (formula) => {
    expect(inCalculator(formula)).toBe('#NUM!')
  })
})
