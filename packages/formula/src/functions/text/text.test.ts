import { describe, expect, it } from 'vitest'
import { valueKey } from '@sheetflow/core/key'
import { calculate } from '../../calculator/calculate.ts'
import { gridOf } from '../../value/grid.ts'
import { EXAMPLE_SHEET } from '../example-sheet.ts'

/** Rows of cells of a formula, each as one text for all forms of a value. */
function cells(formula: string): readonly (readonly string[])[] {
  const { value, diagnostics } = calculate(formula, EXAMPLE_SHEET)
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  const grid = gridOf(value)
  return Array.from({ length: grid.rows }, (_, row) => grid.row(row).map((cell) => valueKey(cell)))
}

function check(formula: string, wanted: string): void {
  expect(cells(`=${formula}`)).toEqual(cells(`=${wanted}`))
}

describe('finding and replacing, as Excel does', () => {
  it.each([
    ['FIND("M", "Miriam McGovern")', '1'],
    ['FIND("M", "Miriam McGovern", 3)', '8'],
    ['FIND("", "abc", 4)', '4'],
    ['FIND("", "abc", 5)', '#VALUE!'],
    ['FIND("a", "abc", 0)', '#VALUE!'],
    ['FIND("?", "why?")', '4'],
    ['FIND(TRUE, "TRUE")', '1'],
    ['SEARCH("e", "Statements", 6)', '7'],
    ['SEARCH("margin", "Profit Margin")', '8'],
    ['SEARCH("*", "abc", 2)', '2'],
    ['SEARCH("b*d", "abcd")', '2'],
    ['SEARCH("b*b", "abcd")', '#VALUE!'],
    ['SEARCH("a?c*e?g", "xxabcdefg")', '3'],
    ['SEARCH("~*", "a*b")', '2'],
    ['SEARCH("ß", "STRASSE")', '#VALUE!'],
    ['SEARCH("é", "CAFÉ")', '4'],
    ['SEARCH(REPT("a", 256), "a")', '#VALUE!'],
    ['REPLACE("abcdefghijk", 6, 5, "*")', '"abcde*k"'],
    ['REPLACE("123456", 1, 3, "@")', '"@456"'],
    ['REPLACE("abc", 2, 0, "-")', '"a-bc"'],
    ['REPLACE("abc", 2, -1, "-")', '#VALUE!'],
    ['SUBSTITUTE("Quarter 1, 2008", "1", "2", 1)', '"Quarter 2, 2008"'],
    ['SUBSTITUTE("Quarter 1, 2011", "1", "2", 3)', '"Quarter 1, 2012"'],
    ['SUBSTITUTE("abab", "B", "x")', '"abab"'],
    ['SUBSTITUTE("abab", "", "x")', '"abab"'],
    ['SUBSTITUTE("aaa", "aa", "b")', '"ba"'],
    ['SUBSTITUTE("aaa", "aa", "b", 2)', '"aaa"'],
    ['SUBSTITUTE("aaa", "a", "b", -1)', '#VALUE!'],
    ['SUBSTITUTE(REPT("a", 200), "a", REPT("b", 200))', '#VALUE!'],
    ['SUBSTITUTE(1212, 1, 3)', '"3232"'],
  ])('%s is %s', check)
})

describe('joining', () => {
  it.each([
    ['CONCAT({1,2;3,4}, "x")', '"1234x"'],
    ['CONCAT(REPT("a", 32767), "b")', '#VALUE!'],
    ['CONCAT("a", {1,#DIV/0!;#N/A,2})', '#DIV/0!'],
    ['CONCAT([@at])', '"2026-11-23 10:30:15"'],
    ['TEXTJOIN(", ", , "a", "", "b")', '"a, b"'],
    ['TEXTJOIN(", ", FALSE, "a", "", "b")', '"a, , b"'],
    ['TEXTJOIN({",",";"}, TRUE, {1,2;3,4})', '"1,2;3,4"'],
    ['TEXTJOIN("", TRUE, [@blank])', '""'],
    ['TEXTJOIN(REPT("-", 20000), TRUE, "a", "b", "c")', '#VALUE!'],
    ['ARRAYTOTEXT({"say ""hi""",1.50}, 1)', '"{""say """"hi"""""",1.5}"'],
    ['ARRAYTOTEXT("a", 1)', '"{""a""}"'],
    ['ARRAYTOTEXT({12,0.1;12.56,FALSE;-34.67,TRUE}, 0)', '"12, 0.1, 12.56, FALSE, -34.67, TRUE"'],
    ['VALUETOTEXT({1,"a"}, 1)', '{"1","""a"""}'],
    ['VALUETOTEXT(1/0, 1)', '"#DIV/0!"'],
  ])('%s is %s', check)
})

describe('cutting', () => {
  it.each([
    ['TEXTBEFORE("a-b_c", {"_","-"})', '"a"'],
    ['TEXTBEFORE("abc", "")', '""'],
    ['TEXTBEFORE("abc", "", -1)', '"abc"'],
    ['TEXTAFTER("abc", "", -1)', '""'],
    ['TEXTAFTER("aXbxc", "x", 2)', '#N/A'],
    ['TEXTAFTER("aXbxc", "x", 2, 1)', '"c"'],
    ['TEXTAFTER("aXbxc", "x", -2, 1)', '"bxc"'],
    ['TEXTAFTER("abc", "x", -1, 0, 1)', '"abc"'],
    ['TEXTBEFORE("abc", "x", 1, 0, 1)', '"abc"'],
    ['TEXTBEFORE("abc", "b", 0)', '#VALUE!'],
    ['TEXTBEFORE("abc", "b", 4)', '#VALUE!'],
    ['TEXTBEFORE("abc", "b", 1, 2)', '#VALUE!'],
    ['TEXTBEFORE("abc", "b", -1.5)', '#N/A'],
    ['TEXTBEFORE("del", "deli")', '#N/A'],
    ['TEXTBEFORE("del", "deli", 1)', '#VALUE!'],
    ['TEXTBEFORE("abc", "x", 1, 0, 0, 5)', '5'],
    ['TEXTBEFORE("abc", "x", 1, 0, 0, [@blank])', '""'],
    ['TEXTBEFORE("abc", "b", 1, 0, 0, 1/0)', '"a"'],
    ['TEXTSPLIT("a.b-c", {".","-"})', '{"a","b","c"}'],
    ['TEXTSPLIT("a.b-c", , {".","-"})', '{"a";"b";"c"}'],
    ['TEXTSPLIT("aXbxc", "x", , , 1)', '{"a","b","c"}'],
    ['TEXTSPLIT("1,,2;;3", ",", ";", TRUE)', '{"1","2";"3",#N/A}'],
    ['TEXTSPLIT("a,b;c", ",", ";", , , #DIV/0!)', '{"a","b";"c",#DIV/0!}'],
    ['TEXTSPLIT("a,", ",")', '{"a",""}'],
    ['TEXTSPLIT(",", ",", , TRUE)', '#CALC!'],
    ['TEXTSPLIT("a", , )', '#VALUE!'],
    ['TEXTSPLIT("a", ",", , , 3)', '#VALUE!'],
    ['TEXTSPLIT({"a,b","c,d"}, ",")', '{"a","c"}'],
  ])('%s is %s', check)
})

describe('regular expressions', () => {
  it.each([
    ['REGEXTEST("alfalfa", "[A-Z]")', 'FALSE'],
    ['REGEXTEST("alfalfa", "[A-Z]", 1)', 'TRUE'],
    ['REGEXTEST("a", "a", 2)', '#VALUE!'],
    ['REGEXTEST("aa", "(a)\\1")', '#VALUE!'],
    ['REGEXTEST({"a1","b"}, "\\d")', '{TRUE,FALSE}'],
    ['REGEXEXTRACT("(378) 555-4195 and (878) 555-8622", "[0-9()]+ [0-9-]+", 1)', '{"(378) 555-4195","(878) 555-8622"}'],
    ['REGEXEXTRACT("ab", "(a)|(b)", 2)', '{"a",""}'],
    ['REGEXEXTRACT("ab", "x")', '#N/A'],
    ['REGEXEXTRACT("ab", "x", 1)', '#N/A'],
    ['REGEXEXTRACT("ab", "a", 3)', '#VALUE!'],
    ['REGEXEXTRACT(REPT("a", 30000), "a.*x|a", 1)', '#NUM!'],
    ['REGEXREPLACE("abc", "b", "[$0]")', '"a[b]c"'],
    ['REGEXREPLACE("abc", "(?<x>b)", "${x}$x$$")', '"abb$c"'],
    ['REGEXREPLACE("aaa", "a", "b", 2)', '"aba"'],
    ['REGEXREPLACE("aaa", "a", "b", -1)', '"aab"'],
    ['REGEXREPLACE("aaa", "a", "b", 4)', '"aaa"'],
    ['REGEXREPLACE("aaa", "a", "b", -4)', '"aaa"'],
    ['REGEXREPLACE("AbA", "a", "x", 0, 1)', '"xbx"'],
    ['REGEXREPLACE("abc", "", "-")', '"-a-b-c-"'],
    ['REGEXREPLACE("abc", "b", "$")', '#VALUE!'],
    ['REGEXREPLACE("abc", "(", "")', '#VALUE!'],
    ['REGEXREPLACE(REPT("a", 1000), "a", REPT("b", 100))', '#VALUE!'],
  ])('%s is %s', check)

  it('a sheet may have the first match in a column, not all of them', () => {
    const { dynamic: _, ...sheet } = EXAMPLE_SHEET
    expect(calculate('=REGEXEXTRACT([@name], "n+", 0, 1)', sheet).value).toBe('nn')
    expect(calculate('=REGEXEXTRACT([@name], "n", 1)', sheet).diagnostics.map((one) => one.code)).toEqual(['formula/type'])
  })
})

describe('numbers and texts', () => {
  it.each([
    ['VALUE("$1,000")', '1000'],
    ['VALUE("16:48:00")-VALUE("12:00:00")', '0.2'],
    ['VALUE("12€")', '12'],
    ['VALUE("3/14/15")', '42077'],
    ['VALUE("3-14-1930")', '11031'],
    ['VALUE("14-Mar-15")', '42077'],
    ['VALUE("2015/3/14")', '42077'],
    ['VALUE("13/13/2015")', '#VALUE!'],
    ['VALUE(TRUE)', '#VALUE!'],
    ['VALUE([@date])', '46349'],
    ['VALUE({"1","x",TRUE})', '{1,#VALUE!,#VALUE!}'],
    ['NUMBERVALUE("2.500,27", ",", ".")', '2500.27'],
    ['NUMBERVALUE("9%%")', '0.0009'],
    ['NUMBERVALUE(" 3 000 ")', '3000'],
    ['NUMBERVALUE("1,2.3")', '12.3'],
    ['NUMBERVALUE("1.2,3")', '#VALUE!'],
    ['NUMBERVALUE("1", ".", ".")', '#VALUE!'],
    ['NUMBERVALUE("-1e2")', '-100'],
    ['FIXED(44.332)', '"44.33"'],
    ['FIXED(1234.567, -1)', '"1,230"'],
    ['FIXED(-0.001)', '"0.00"'],
    ['FIXED(1234567, 0, TRUE)', '"1234567"'],
    ['FIXED(1, -400)', '"0"'],
    ['DOLLAR(99.888)', '"$99.89"'],
    ['DOLLAR(-0.123, 4)', '"($0.1230)"'],
    ['DOLLAR(-1234567)', '"($1,234,567.00)"'],
    ['BAHTTEXT(11)', '"สิบเอ็ดบาทถ้วน"'],
    ['BAHTTEXT(1000001)', '"หนึ่งล้านเอ็ดบาทถ้วน"'],
    ['BAHTTEXT(-0.25)', '"ลบยี่สิบห้าสตางค์"'],
    ['T(TRUE)', '""'],
    ['T({"a",1})', '{"a",""}'],
  ])('%s is %s', check)
})

describe('characters', () => {
  it.each([
    ['CHAR(256)', '#VALUE!'],
    ['CHAR(233)', '"é"'],
    ['CODE("Š")', '138'],
    ['CODE("中")', '63'],
    ['UNICHAR(55296)', '#N/A'],
    ['UNICHAR(1114112)', '#VALUE!'],
    ['CODE(CHAR(150))', '150'],
    ['PROPER("2-way street, it\'s 76BudGet")', '"2-Way Street, It\'S 76Budget"'],
    ['ENCODEURL("http://contoso.com/a b.xlsx")', '"http%3A%2F%2Fcontoso.com%2Fa%20b.xlsx"'],
    ['ENCODEURL("(a)!*~")', '"%28a%29%21%2A~"'],
    ['ASC("ﾊﾟパＰ　")', '"ﾊﾟﾊﾟP "'],
    ['DBCS("ﾊﾟ~")', '"パ～"'],
    ['CLEAN(CHAR(9)&"Monthly report"&CHAR(10))', '"Monthly report"'],
    ['LENB("中")', '1'],
    ['MIDB("abc", 2, 1)', '"b"'],
    ['LEFTB("abc")', '"a"'],
    ['RIGHTB("abc", 2)', '"bc"'],
  ])('%s is %s', check)
})
