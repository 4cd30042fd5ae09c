import { writeXlsx, type Cell } from 'hucre'
import { describe, expect, it } from 'vitest'
import { ExcelSheet } from './book.ts'
import { checkBook } from './check-book.ts'
import { readBook } from './read-book.ts'

/** A book of one sheet: plain rows, and formulas with what Excel is said to have made of them, by address as the writer counts (`row,column` from 0). */
async function bookOf(rows: (string | number | boolean | null)[][], formulas: Readonly<Record<string, Partial<Cell>>>) {
  return await readBook(
    await writeXlsx({
      sheets: [
        { name: 'One', rows, cells: new Map(Object.entries(formulas)) },
        { name: 'Two', rows: [[5]] },
      ],
    }),
  )
}

/** What a formula gives in a book with these names, whose cell A1 is 1. */
function ofNames(text: string, names: Readonly<Record<string, string>>): string {
  const sheet = new ExcelSheet('One')
  sheet.set(1, 1, { value: 1, formula: null })
  sheet.set(1, 5, { value: 'not this', formula: { text, down: 0, across: 0, rows: 1, columns: 1, array: false } })
  const book = { sheets: [sheet], names: new Map(Object.entries(names)), spelling: new Map<string, string>(), tables: [], epoch: 0 }
  return checkBook(book).different[0]?.got ?? ''
}

/** A formula beside column A with 1, 2, 3, "x" and the value that it should have. */
async function check(formula: string, formulaResult: number | string | boolean) {
  return checkBook(await bookOf([[1], [2], [3], ['x']], { '1,2': { formula, formulaResult, value: formulaResult } }))
}

describe('each formula cell is computed from what Excel kept in the others', () => {
  it.each([
    ['A1+A2*10', 21],
    ['SUM(A1:A4)', 6],
    ['SUM(A:A)', 6],
    ["'One'!A3*Two!A1", 15],
    ['A1:A4*2', 4],
    ['SUM((A1,A3))', 4],
    ['SUM(A1:A3 A2:A4)', 5],
    ['SUM(OFFSET(A1,1,0,2,1))', 5],
    ['SUM(A1:INDEX(A1:A4,2))', 3],
    ['INDIRECT("A"&3)', 3],
    ['ROW()*10+COLUMN(B1)', 22],
    ['ADDRESS(2,3)', '$C$2'],
    ['IFERROR(ADDRESS(1,16384),"none")', '$XFD$1'],
    ['IFERROR(ADDRESS(1,16385),"none")', 'none'],
    ['IFERROR(ADDRESS(1048577,1),"none")', 'none'],
    ['INDEX((A1:B1,A2:C2),1,1,2)', 2],
    ['IFERROR(INDEX((A1:B1,A2:C2),1,1,3),"none")', 'none'],
    ['SUMIF(A1:A3,">1",A2)', 3],
    ['SUMIF(A1:A3,">1",A2:A4)', 3],
    ['AVERAGEIF(A1:A2,"<2",A2)', 2],
    ['SHEETS()', 2],
    ['A4&"y"', 'xy'],
    ['COUNT(A1:A9)', 3],
    ['COUNTIF(A:A,"<>x")', 1_048_575],
    ['COUNTIF($A:$A,2)', 1],
    ['COUNTIFS(A:A,"<>x",Two!A:A,"")', 1_048_574],
    ['COUNTBLANK(A:A)', 1_048_572],
    ['SUMPRODUCT((A1:A3>1)*1)', 2],
  ])('%s', async (formula, result) => {
    expect(await check(formula, result)).toEqual({ cells: 1, equal: 1, different: [], unsupported: [] })
  })

  it.each([
    ['SUM(A1:constructor(1))', '#REF!'],
    ['SUM(A1:toString(A1))', '#REF!'],
  ])('%s names no function of an object', async (formula, result) => {
    expect((await check(formula, 0)).different).toEqual([expect.objectContaining({ got: result })])
  })

  it.each([
    ['INDIRECT("loop")', '#REF!'],
    ['OFFSET(loop,1,1)', '#REF!'],
    ['(loop,A1)', '#REF!'],
    ['loop A1:A2', '#REF!'],
    ['loop#', '#REF!'],
    ['CHOOSE(1,loop)', '#REF!'],
  ])('the name "loop" that stands for %s leads nowhere', (text, got) => {
    expect(ofNames('ROWS(loop)', { loop: text })).toBe(got)
  })

  it('names that double themselves are refused', () => {
    const names = Array.from({ length: 40 }, (_, index): [string, string] => [
      `many${index}x`,
      index === 0 ? 'One!$A$1' : `(many${index - 1}x,many${index - 1}x)`,
    ])
    expect(ofNames('SUM(many5x)', Object.fromEntries(names))).toBe('32')
    expect(ofNames('SUM(many39x)', Object.fromEntries(names))).toBe('#VALUE!')
  })

  it.each([
    ['percent signs', `A1${'%'.repeat(8_000)}`],
    ['signs', `${'-'.repeat(8_000)}A1`],
    ['sums', `A1${'+A1'.repeat(2_500)}`],
    ['ranges', `SUM(A1${':A1'.repeat(2_500)})`],
    ['intersections', `SUM(A1${' A1'.repeat(2_500)})`],
    ['spills', `SUM(A1${'#'.repeat(8_000)})`],
    ['calls', `${'SUM('.repeat(1_600)}A1${')'.repeat(1_600)}`],
  ])('a formula of very many %s ends', (_, text) => {
    expect(() => ofNames(text, {})).not.toThrow()
  })

  it('a formula has at most a million cells in all its references', () => {
    expect(ofNames(`SUM(${Array.from({ length: 20 }, () => 'A1:A40000').join(',')})`, {})).toBe('20')
    expect(ofNames(`SUM(${Array.from({ length: 30 }, () => 'A1:A40000').join(',')})`, {})).toBe('#NUM!')
  })

  it('says what differs, where', async () => {
    expect((await check('A1+A2', 4)).different).toEqual([{ sheet: 'One', cell: 'C2', formula: '=A1+A2', expected: '4', got: '3' }])
  })

  it('counts what calls functions that are not there, whatever value is in the file', async () => {
    expect(await check('NOSUCH.FUNCTION(A1)', 1)).toMatchObject({
      equal: 0,
      different: [],
      unsupported: [{ function: 'NOSUCH.FUNCTION', count: 1 }],
    })
  })

  it('moves relative references of shared formulas along', async () => {
    const shared = { formulaType: 'shared', formulaSharedIndex: 0 } as const
    const book = await bookOf([[1], [2], [3]], {
      '0,1': { ...shared, formula: 'A1*$A$3', formulaRef: 'B1:B2', formulaResult: 3, value: 3 },
      '1,1': { ...shared, formula: '', formulaResult: 6, value: 6 },
    })
    expect(checkBook(book)).toMatchObject({ cells: 2, equal: 2 })
  })

  it('knows the tables of the book', async () => {
    const rows = [
      ['name', 'a', 'b'],
      ['x', 1, 10],
      ['y', 2, 20],
      ['all', null, 30],
    ]
    const columns = [{ name: 'name' }, { name: 'a' }, { name: 'b' }]
    const formulas = {
      'SUM(Sales[b])': 30,
      'Sales[@a]+Sales[[#This Row],[b]]': 22,
      'SUM(Sales[[a]:[b]])': 33,
      'Sales[[#Headers],[b]]': 'b',
      'Sales[[#Totals],[b]]': 30,
      'ROWS(Sales)': 2,
      'COUNTA(Sales[#All])': 11,
      'SUM(Sales[[#Data],[#Totals],[a]])': 3,
    }
    const cells = new Map<string, Partial<Cell>>(
      Object.entries(formulas).map(([formula, result], index) => [`2,${5 + index}`, { formula, formulaResult: result, value: result }]),
    )
    const bytes = await writeXlsx({
      sheets: [{ name: 'One', rows, cells, tables: [{ name: 'Sales', range: 'A1:C4', columns, showTotalRow: true }] }],
    })
    expect(checkBook(await readBook(bytes))).toEqual({ cells: 8, equal: 8, different: [], unsupported: [] })
  })

  it('knows names of the book and of a sheet, relative ones, and ranges of sheets', async () => {
    const formulas = { 'RATE_X*1': 7, 'Two!RATE_X*1': 20, 'LEFT_OF+0': 7, 'SUM(One:Two!A1)': 12, 'SUM(ALL_OF)': 9, 'HALF(4)': 2 }
    const cells = new Map<string, Partial<Cell>>(
      Object.entries(formulas).map(([formula, result], index) => [`${index},1`, { formula, formulaResult: result, value: result }]),
    )
    const bytes = await writeXlsx({
      sheets: [
        { name: 'One', rows: [[7], [2], [7]], cells },
        { name: 'Two', rows: [[5], [20]] },
      ],
      namedRanges: [
        { name: 'RATE_X', range: 'One!$A$1' },
        { name: 'RATE_X', range: 'Two!$A$2', scope: 'Two' },
        { name: 'LEFT_OF', range: 'One!XFD1' },
        { name: 'ALL_OF', range: 'One!$A$1:$A$2' },
        { name: 'HALF', range: '_xlfn.LAMBDA(_xlpm.x,_xlpm.x/2)' },
      ],
    })
    const check = checkBook(await readBook(bytes))
    expect(check.different).toEqual([])
    expect(check).toMatchObject({ cells: 6, equal: 6 })
  })

  it('refuses what is no workbook', async () => {
    await expect(readBook(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'workbook/shape' })
  })
})
