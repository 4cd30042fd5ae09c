import { describe, expect, it } from 'vitest'
import { shape } from '../testing/shape.ts'
import { MAX_DEPTH, MAX_FORMULA_LENGTH, parseFormula } from './parse.ts'
import { printFormula } from './print.ts'

function read(text: string): string {
  return shape(parseFormula(text).node)
}

describe('operators bind as in Excel', () => {
  it.each([
    ['=1+2*3', '(+ 1 (* 2 3))'],
    ['=-2^2', '(^ (- 2) 2)'],
    ['=2^3^2', '(^ (^ 2 3) 2)'],
    ['=2^-1', '(^ 2 (- 1))'],
    ['=-50%', '(% (- 50))'],
    ['=2*3%', '(* 2 (% 3))'],
    ['=1-2-3', '(- (- 1 2) 3)'],
    ['=1&2+3', '(& 1 (+ 2 3))'],
    ['=1&2=3', '(= (& 1 2) 3)'],
    ['=1<2=TRUE', '(= (< 1 2) TRUE)'],
    ['=(1+2)*3', '(* (+ 1 2) 3)'],
    ['=--1', '(- (- 1))'],
    ['=A1:B2', '(: A1 B2)'],
    ['=-2%^2', '(^ (% (- 2)) 2)'],
    ['=2*-3^2', '(* 2 (^ (- 3) 2))'],
    ['=5%%', '(% (% 5))'],
    ['=1+2&3*4', '(& (+ 1 2) (* 3 4))'],
    ['="a"&"b"="ab"', '(= (& "a" "b") "ab")'],
    ['=-@[x]', '(- (@ [x]))'],
    ['=A1#', '(# A1)'],
    ['=A1#+1', '(+ (# A1) 1)'],
  ])('%s is %s', (text, wanted) => {
    expect(read(text)).toBe(wanted)
  })
})

describe('references', () => {
  it.each([
    ['=[@x]', '[@|x]'],
    ['=[@[a b]]', '[@|a b]'],
    ['=[@a b]', '[@|a b]'],
    ['=[x]', '[x]'],
    ['=[@]', '[@]'],
    ['=t[x]', '[t|x]'],
    ['=t[unit price]', '[t|unit price]'],
    ['=source!t[x]', '[source|t|x]'],
    ['=shop!public.orders[x]', '[shop|public.orders|x]'],
    ['=shop!orders', '[shop|orders]'],
    ["='my shop'!orders[x]", '[my shop|orders|x]'],
    ['=user[id]', '[user|id]'],
    ["=t['[x']]", '[t|[x]]'],
    ["=t['#x]", '[t|#x]'],
    ["=t['@x]", '[t|@x]'],
    ["=t[it''s]", "[t|it's]"],
    ['=t[]', '[t]'],
    ['=t[#Totals]', '[t|#Totals]'],
    ['=t[[#Headers],[a]]', '[t|#Headers|a]'],
    ['=t[[a]:[c]]', '[t|a|c]'],
    ['=[@[a]:[c]]', '[@|a|c]'],
    ['=t[[#This Row],[a]]', '[t|@|a]'],
    ['=t[[#This Row],[a]:[c]]', '[t|@|a|c]'],
    ['=t[#This Row]', '[t|@]'],
    ['=t[@]', '[t|@]'],
    ['=t[@a]', '[t|@|a]'],
    ['=t[@[a]:[c]]', '[t|@|a|c]'],
    ['=t[#all]', '[t|#All]'],
    ['=t[[#Headers],[#Data],[a]:[c]]', '[t|#Headers|#Data|a|c]'],
    ['=t[ [#Totals] , [a b] ]', '[t|#Totals|a b]'],
    ['=[[#This Row],[a]]', '[@|a]'],
    ["=t['''''[a'']", "[t|''[a']"],
    ["=[@['#a]]", '[@|#a]'],
    ["=t[[a']]:['@c]]", '[t|a]|@c]'],
  ])('%s is %s', (text, wanted) => {
    expect(parseFormula(text).diagnostics).toEqual([])
    expect(read(text)).toBe(wanted)
  })
})

describe('everything else', () => {
  it.each([
    ['=1.50', '1.50'],
    ['=.5', '.5'],
    ['=1e-3', '1e-3'],
    ['="a""b"', '"a\\"b"'],
    ['=true', 'TRUE'],
    ['=#N/A', '#N/A'],
    ['=#div/0!', '#DIV/0!'],
    ['=IF(a,,b)', 'IF(a · b)'],
    ['=TODAY()', 'TODAY()'],
    ['={#N/A;+.5e1}', '{#N/A ; (+ .5e1)}'],
    ['=#null!+#VALUE!', '(+ #NULL! #VALUE!)'],
    ['={1,-2;"a",TRUE}', '{1 (- 2) ; "a" TRUE}'],
    ['=LAMBDA(x,x+1)(2)', '(call LAMBDA(x (+ x 1)) 2)'],
    ['1 + 1', '(+ 1 1)'],
    ['=żółw+1', '(+ żółw 1)'],
  ])('%s is %s', (text, wanted) => {
    expect(parseFormula(text).diagnostics).toEqual([])
    expect(read(text)).toBe(wanted)
  })
})

describe('what is wrong is said where it is, and a tree comes back', () => {
  it.each([
    ['=1+', '(+ 1 ?)', 2, 3, 'a value is missing'],
    ['=', '?', 0, 1, 'a value is missing'],
    ['=f(1,', 'f(1 ·)', 2, 3, 'the ")" that closes this is missing'],
    ['=(1', '1', 1, 2, 'the ")" that closes this is missing'],
    ['="abc', '"abc"', 1, 5, 'this text is not closed'],
    ['=[@x', '[@|x]', 1, 4, 'this "[" is not closed'],
    ['=1 2', '1', 3, 4, '"2" is not expected here'],
    ['=1)', '1', 2, 3, '")" is not expected here'],
    ['=f(1;2)', 'f(1 2)', 4, 5, '";" does not separate arguments'],
    ['=a € b', 'a', 3, 4, '"€" has no meaning in a formula'],
    ['={1,f(2)}', '{1 f(2)}', 4, 8, 'an array in { } holds constants only'],
    ['={1;2,3}', '{1 ; 2 3}', 1, 8, 'the rows of an array must have equal lengths'],
    ['=*2', '(* ? 2)', 1, 2, 'a value is missing before "*"'],
    ['=source!', '?', 7, 8, 'a table is missing behind "!"'],
    ['=_xlfn.XLOOKUP(1)', 'XLOOKUP(1)', 1, 14, '"_xlfn." stands before names only in Excel\'s files'],
    ['={=1}', '{1}', 2, 3, 'a formula in { } is how Excel shows an array formula'],
    ['=SUM((a,b),c)', 'SUM(a c)', 7, 8, '"," stands only between arguments here'],
    ['=t[[a]:', '[t|a]', 2, 7, 'this "[" is not closed'],
    ['=t[#Foo]', '[t]', 3, 7, '"#Foo" is no part of a table'],
  ])('%s is %s', (text, wanted, start, end, message) => {
    const { node, diagnostics } = parseFormula(text)
    expect(shape(node)).toBe(wanted)
    expect(diagnostics[0]).toMatchObject({ code: 'formula/syntax', message, range: { start, end } })
  })

  it('a range of columns that ends too soon is reported inside of the text', () => {
    const text = '=t[[a]:'
    expect(parseFormula(text).diagnostics.map((one) => one.range.end <= text.length)).toEqual([true, true])
  })

  it.each([
    ['=[@a]!=1', /<> for "is not"/],
    ['=[@a]==1', /write =/],
    ['=[@a]=>1', /write >=/],
    ['=[@a]=<1', /write <=/],
    ['=[@a]**2', /write \^/],
    ['=[@a]&&[@b]', /AND\(a, b\)/],
    ['=[@a]||[@b]', /OR\(a, b\)/],
    ['=“text”', /straight quotes/],
    ['=[@a]≥1', /write >=/],
    ['=!a', /source!table/],
  ])('%s: what other languages and typesetting write is met with what Excel writes', (text, fix) => {
    expect(parseFormula(text).diagnostics.map((one) => one.fix ?? '')).toContainEqual(expect.stringMatching(fix))
  })

  it('keeps going after an error, so that everything wrong is reported at once', () => {
    expect(parseFormula('=f(1;2)+(3').diagnostics).toHaveLength(2)
  })

  it('refuses what is too long or too deep instead of running out of stack', () => {
    expect(parseFormula(`=${'1+'.repeat(MAX_FORMULA_LENGTH)}1`).diagnostics[0]?.message).toMatch(/longer than/)
    for (const nested of ['('.repeat(4000), '-'.repeat(4000), 'f('.repeat(2000), '{'.repeat(4000)]) {
      expect(parseFormula(`=${nested}`).diagnostics.some((one) => one.message.includes(`${MAX_DEPTH} deep`))).toBe(true)
    }
  })

  it('refuses chains that would be too deep a tree, and more arguments than Excel takes', () => {
    for (const chain of [
      `${'1+'.repeat(1_001)}1`,
      `1${'%'.repeat(1_001)}`,
      `x${'#'.repeat(1_001)}`,
      `(1${'%'.repeat(900)})${'%'.repeat(900)}`,
    ]) {
      expect(parseFormula(`=${chain}`).diagnostics[0]?.message).toBe('the formula grows too large')
    }
    expect(parseFormula(`=SUM(${'(1+1)+'.repeat(999)}1)`).diagnostics).toEqual([])
    const { node, diagnostics } = parseFormula(`=f(${'1,'.repeat(300)}1)`)
    expect(diagnostics.map((one) => one.message)).toEqual(['a call has at most 255 arguments'])
    expect(node.kind === 'call' ? node.args.length : 0).toBe(255)
  })

  it('gives ranges that cut the parts out of the text', () => {
    const text = '=IF([@a]>1, shop!orders[total], "x")'
    const { node } = parseFormula(text)
    const cut = (part: { start: number; end: number } | undefined): string => text.slice(part?.start, part?.end)
    expect(cut(node)).toBe('IF([@a]>1, shop!orders[total], "x")')
    if (node.kind !== 'call') throw new Error('a call')
    expect(node.args.map(cut)).toEqual(['[@a]>1', 'shop!orders[total]', '"x"'])
    const [, reference] = node.args
    if (reference?.kind !== 'reference' || reference.column === null) throw new Error('a reference')
    expect(cut(reference.column)).toBe('total')
  })
})

describe('printing', () => {
  it.each([
    ['=1+2*3', '1 + 2 * 3'],
    ['=(1+2)*3', '(1 + 2) * 3'],
    ['=((1))', '1'],
    ['=-(2^2)', '-(2^2)'],
    ['=1-(2-3)', '1 - (2 - 3)'],
    ['=[@[a b]]', '[@[a b]]'],
    ['=[@[ab]]', '[@ab]'],
    ["=t['[x']]", "t['[x']]"],
    ['=if( a , ,b )', 'if(a, , b)'],
    ["='my shop'!orders[x]", "'my shop'!orders[x]"],
  ])('%s is written %s', (text, wanted) => {
    expect(printFormula(parseFormula(text).node)).toBe(wanted)
  })
})
