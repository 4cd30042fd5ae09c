import { describe, expect, it } from 'vitest'
import { shape } from '../testing/shape.ts'
import { MAX_FORMULA_LENGTH, parseFormula, type ParsedFormula } from './parse.ts'
import { printFormula } from './print.ts'

function parse(text: string): ParsedFormula {
  return parseFormula(text, { dialect: 'excel' })
}

describe('the dialect of Excel has addresses', () => {
  it.each([
    ['=A1', 'A1'],
    ['=$b$2+1', '(+ $B$2 1)'],
    ['=XFD1048576', 'XFD1048576'],
    ['=XFE1', 'XFE1'],
    ['=A1:B3', '<A1:B3>'],
    ['=A:A', '<A:A>'],
    ['=$A:C', '<$A:C>'],
    ['=1:3', '<1:3>'],
    ['=$1:3', '<$1:3>'],
    ['=Sheet1!A1', 'Sheet1!A1'],
    ["='My sheet'!A1:B3", "<'My sheet'!A1:B3>"],
    ["='it''s'!A:A", "<'it''s'!A:A>"],
    ['=Sheet1!1:3', '<Sheet1!1:3>'],
    ['=Sheet1!A1:Sheet1!B3', '(: Sheet1!A1 Sheet1!B3)'],
    ['=Jan:Mar!A1', "'Jan:Mar'!A1"],
    ["='Jan 1:Mar 1'!A1", "'Jan 1:Mar 1'!A1"],
    ['=[1]Sheet1!A1', "'[1]Sheet1'!A1"],
    ['=[1]Jan:Mar!A1:B2', "<'[1]Jan:Mar'!A1:B2>"],
    ["='C:\\files\\[Book 1.xlsx]Sheet1'!$A$1", "'C:\\files\\[Book 1.xlsx]Sheet1'!$A$1"],
    ['=[1]!rate', '[[1]|rate]'],
    ['=Sheet1!rate', '[Sheet1|rate]'],
    ['=Sheet1!t[a]', '[Sheet1|t|a]'],
    ['=A1#', '(# A1)'],
    ['=SUM(A1#)', 'SUM((# A1))'],
    ['=A1:INDEX(B:B,3)', '(: A1 INDEX(<B:B> 3))'],
    ['=A1:B2:C3', '(: <A1:B2> C3)'],
    ['=@A1:A3', '(@ <A1:A3>)'],
    ['=A1:A3%', '(% <A1:A3>)'],
    ['=rate', 'rate'],
    ['=LOG10(A1)', 'LOG10(A1)'],
    ['=t[@a]', '[t|@|a]'],
    ['=Table1[[#This Row],[a]]*2', '(* [Table1|@|a] 2)'],
    ['=#REF!A1', '#REF!'],
    ['=SUM(#REF!$A$1:$B$2,1)', 'SUM(#REF! 1)'],
    ['=Sheet1!#REF!', '#REF!'],
    ['=R1C1', 'R1C1'],
  ])('%s is %s', (text, wanted) => {
    const { node, diagnostics } = parse(text)
    expect(diagnostics).toEqual([])
    expect(shape(node)).toBe(wanted)
  })

  it('a cell and a rectangle come taken apart', () => {
    expect(parse("='[1]My sheet'!$B7").node).toMatchObject({
      kind: 'cell',
      sheet: { book: '1', sheet: 'My sheet', to: null },
      corner: { column: { at: 2, fixed: true }, row: { at: 7, fixed: false } },
      start: 1,
      end: 18,
    })
    expect(parse('=AA:$AB').node).toMatchObject({
      kind: 'cells',
      sheet: null,
      from: { column: { at: 27, fixed: false }, row: null },
      to: { column: { at: 28, fixed: true }, row: null },
    })
    expect(parse("='C:\\x\\[b.xlsx]Jan:Mar'!A1").node).toMatchObject({ sheet: { book: 'C:\\x\\b.xlsx', sheet: 'Jan', to: 'Mar' } })
  })
})

describe('reference operators bind more strongly than all others', () => {
  it.each([
    ['=SUM((A1,B2:C3),1)', 'SUM((, A1 <B2:C3>) 1)'],
    ['=(A1,B1,C1)', '(, A1 B1 C1)'],
    ['=Sheet1!$A$1,Sheet1!$B$2', '(, Sheet1!$A$1 Sheet1!$B$2)'],
    ['=SUM(A1,B1)', 'SUM(A1 B1)'],
    ['=A1:B3 B2:C4', '(_ <A1:B3> <B2:C4>)'],
    ['=A1:B3 B:B 2:2', '(_ (_ <A1:B3> <B:B>) <2:2>)'],
    ['=SUM(sales east)', 'SUM((_ sales east))'],
    ['=SUM((A1:B2 B2,C3))', 'SUM((, (_ <A1:B2> B2) C3))'],
    ['=-A1:A3 A2', '(- (_ <A1:A3> A2))'],
    ['=A1 -B1', '(- A1 B1)'],
    ['=(A1,B1)+1', '(+ (, A1 B1) 1)'],
    ['=A1 (B1,C1)', '(_ A1 (, B1 C1))'],
    ['=t[a] t[#Totals]', '(_ [t|a] [t|#Totals])'],
    ['=IF(A1>0, (B1, C1), D1)', 'IF((> A1 0) (, B1 C1) D1)'],
  ])('%s is %s', (text, wanted) => {
    const { node, diagnostics } = parse(text)
    expect(diagnostics).toEqual([])
    expect(shape(node)).toBe(wanted)
  })
})

describe("marks of Excel's files are left out of the tree", () => {
  it.each([
    ['=_xlfn.XLOOKUP(A1,B:B,C:C)', 'XLOOKUP(A1 <B:B> <C:C>)'],
    ['=_xlfn._xlws.FILTER(A1:A3,B1:B3)', 'FILTER(<A1:A3> <B1:B3>)'],
    ['=_xlfn.LET(_xlpm.x,1,_xlpm.x+1)', 'LET(x 1 (+ x 1))'],
    ['=_xlfn.LAMBDA(_xlpm.x,_xlpm.x)(2)', '(call LAMBDA(x x) 2)'],
    ['=_xlfn.MAP(A1:A3,_xleta.ABS)', 'MAP(<A1:A3> ABS)'],
    ['=SUM(_xlfn.ANCHORARRAY(B2))', 'SUM((# B2))'],
    ['=_xlfn.SINGLE(A1:A3)', '(@ <A1:A3>)'],
    ['=_xlfn.STDEV.S(A1:A3)', 'STDEV.S(<A1:A3>)'],
  ])('%s is %s', (text, wanted) => {
    const { node, diagnostics } = parse(text)
    expect(diagnostics).toEqual([])
    expect(shape(node)).toBe(wanted)
  })

  it('and may make a formula longer than Excel lets people write', () => {
    expect(parse(`=1${'+_xlfn.NUMBERVALUE(A1)'.repeat(500)}`).diagnostics).toEqual([])
    expect(parse(`="${'x'.repeat(5 * MAX_FORMULA_LENGTH)}"`).diagnostics[0]?.message).toMatch(/longer than/)
  })
})

describe('what is wrong is said where it is', () => {
  it.each([
    ['=SUM(A1;B1)', 'SUM(A1 B1)', 7, 8, '";" does not separate arguments'],
    ["='My sheet'", 'My sheet', 1, 11, '"!" is missing behind the name of a sheet'],
    ['=(A1,2)', '(, A1 2)', 5, 6, 'only references can be joined with ","'],
    ['=A1 2', 'A1', 4, 5, '"2" is not expected here'],
    ['=Sheet1!', '?', 7, 8, 'a table is missing behind "!"'],
    ['=A1:', '(: A1 ?)', 3, 4, 'a value is missing'],
    ["=Sheet1!'x'", '[Sheet1|x]', 8, 11, 'only the name of a sheet stands in apostrophes'],
  ])('%s is %s', (text, wanted, start, end, message) => {
    const { node, diagnostics } = parse(text)
    expect(shape(node)).toBe(wanted)
    expect(diagnostics[0]).toMatchObject({ code: 'formula/syntax', message, range: { start, end } })
  })
})

describe('printing', () => {
  it.each([
    ['=SUM((A1,B1))', 'SUM((A1, B1))'],
    ['=[1]Sheet1!$a$1', "'[1]Sheet1'!$A$1"],
    ['=(A1:B2)#', '(A1:B2)#'],
    ['=(A1)(2)', '(A1)(2)'],
    ['=rate (A1,B1)', 'rate(A1, B1)'],
    ['=(rate) (A1,B1)', '(rate) (A1, B1)'],
    ['=x:(Sheet1!A1)', 'x:(Sheet1!A1)'],
  ])('%s is written %s', (text, wanted) => {
    expect(printFormula(parse(text).node)).toBe(wanted)
  })
})
