import { describe, expect, it } from 'vitest'
import { calculate } from '../calculator/calculate.ts'
import { CUSTOMERS, ORDERS, SHOP } from '../testing/shop.ts'
import { typeLabel } from '../value/type-rules.ts'

function typeOf(formula: string): string {
  const { type, diagnostics } = calculate(formula, SHOP)
  const error = diagnostics.find((one) => one.severity === 'error')
  if (error !== undefined) return error.code
  return typeLabel(type.type) + (type.nullable ? '?' : '')
}

describe('types are known before anything runs (FORMATS 1)', () => {
  it.each([
    ['=1', 'int'],
    ['=1.0', 'decimal'],
    ['=9007199254740992', 'decimal'],
    ['=[@quantity]', 'int?'],
    ['=[@quantity]+1', 'int'],
    ['=[@quantity]+[@id]', 'bigint'],
    ['=[@id]*[@total]', 'decimal'],
    ['=[@total]*[@weight]', 'double'],
    ['=[@quantity]/2', 'decimal'],
    ['=[@weight]/2', 'double'],
    ['=[@quantity]^2', 'decimal'],
    ['=[@quantity]%', 'decimal'],
    ['=-[@id]', 'bigint'],
    ['=[@status]&1', 'text'],
    ['=[@status]+1', 'decimal'],
    ['=[@paid]+1', 'int'],
    ['=[@quantity]>1', 'boolean'],
    ['=IF([@paid],[@quantity],[@total])', 'decimal?'],
    ['=IF([@paid],1,)', 'int?'],
    ['=IF([@paid],[@status])', 'formula/type'],
    ['=IFERROR([@quantity],0)', 'int?'],
    ['=IFS([@paid],1,TRUE,2.5)', 'decimal'],
    ['=ROUND([@total],0)', 'decimal'],
    ['=ROUND([@quantity],0)', 'int'],
    ['=ABS([@weight])', 'double'],
    ['=LEN([@status])', 'int'],
    ['=TEXT([@total],"0")', 'text'],
    ['=DATE(2026,1,1)', 'date'],
    ['=YEAR([@due])', 'int'],
    ['=[@due]+1', 'date'],
    ['=1+[@due]', 'date'],
    ['=[@due]+0.5', 'timestamp'],
    ['=[@due]-[@due]', 'int'],
    ['=[@placed_at]-[@placed_at]', 'decimal'],
    ['=[@placed_at]+1', 'timestamp'],
    ['=TODAY()-[@due]', 'int'],
    ['=[@placed_at]>=DATE(2026,1,1)', 'boolean'],
    ['=SUM(shop!orders[quantity])', 'int'],
    ['=SUM(shop!orders[total])', 'decimal'],
    ['=SUM(shop!orders[weight])', 'double'],
    ['=AVERAGE(shop!orders[quantity])', 'decimal'],
    ['=MIN(shop!orders[quantity])', 'int'],
    ['=MAX(shop!orders[placed_at])', 'timestamptz?'],
    ['=MAX(shop!orders[status])', 'text?'],
    ['=COUNT(shop!orders[total])', 'int'],
    ['=ROWS(shop!orders)', 'int'],
    ['=SUM(shop!orders[total],1)', 'decimal'],
    ['=XLOOKUP([@customer_id],shop!customers[id],shop!customers[name])', 'text?'],
    ['=XLOOKUP([@customer_id],shop!customers[id],shop!customers[tenant],0)', 'int?'],
    ['=XLOOKUP([@customer_id],shop!customers[id],shop!customers[tenant],0.5)', 'decimal?'],
    ['=XLOOKUP([@customer_id],shop!customers[id],shop!customers[id],0,-1)', 'bigint'],
    ['=LARGE(shop!orders[total],2)', 'decimal'],
    ['=SMALL(shop!orders[due],1)', 'date'],
    ['=MEDIAN(shop!orders[quantity])', 'decimal'],
    ['=PERCENTILE.INC(shop!orders[weight],0.9)', 'double'],
    ['=RANK([@total],shop!orders[total])', 'int'],
    ['=RANK.AVG([@weight],shop!orders[weight],1)', 'decimal'],
    ['=STDEV.S(shop!orders[weight])', 'double'],
    ['=VAR.P(shop!orders[quantity])', 'decimal'],
    ['=COUNTBLANK(shop!orders[code])', 'int'],
    ['=XLOOKUP([@customer_id],shop!customers[id],shop!customers[id],0)', 'bigint'],
    ['=LET(x,[@quantity],x+x)', 'int'],
    ['=LAMBDA(a,b,a&b)(1,2)', 'text'],
    ['=#N/A', 'Blank'],
    ['=MIN([@quantity],[@total])', 'decimal'],
    ['=[@[unit price]]*2', 'decimal'],
    ['=ISBLANK([@total])', 'boolean'],
    ['=SWITCH([@status],"a",1,2)', 'int'],
  ])('%s is %s', (formula, wanted) => {
    expect(typeOf(formula)).toBe(wanted)
  })
})

describe('what is wrong is said with what to write instead', () => {
  it.each([
    ['=[@totl]', 'formula/unknown-name', 'totl', /no column "totl"/, /\[total\]/],
    ['=totl', 'formula/unknown-name', 'totl', /no value named/, /\[@total\]/],
    ['=zzz', 'formula/unknown-name', 'zzz', /no value named/, /quotes/],
    ['=TODAY', 'formula/unknown-name', 'TODAY', /no value named/, /TODAY\(\)/],
    ['=unitprice', 'formula/unknown-name', 'unitprice', /no value named/, /\[@\[unit price\]\]/],
    ['=LET(totals,shop!orders[total],COUNTIFS(totls,1))', 'formula/unknown-name', 'totls', /no value named/, /totals/],
    ['=SUM(Sheet1!A1)', 'formula/not-allowed', 'Sheet1!A1', /is a cell/, /t\[x\]/],
    ["='My sheet'!$A$1", 'formula/not-allowed', undefined, /is a cell/, /\[@x\]/],
    ['=shop!ordrs', 'formula/unknown-name', 'shop!ordrs', /no table or sheet/, /shop!orders/],
    ['=SUM(A:A)', 'formula/not-allowed', 'A:A', /ranges of cells/, /t\[x\]/],
    ['=SUM(1:3)', 'formula/not-allowed', '1:3', /ranges of cells/, /t\[x\]/],
    ['=SUM((1,2))', 'formula/syntax', ',', /between arguments/, /name of a function/],
    ['=R1C1', 'formula/not-allowed', 'R1C1', /is a cell/, /\[@x\]/],
    ['=SUM(A1#)', 'formula/not-allowed', 'A1#', /no cells/, /t\[x\]/],
    ['=_xlfn.XLOOKUP(1,shop!customers[id],shop!customers[name])', 'formula/syntax', '_xlfn.XLOOKUP', /Excel's files/, /write XLOOKUP/],
    ['=total', 'formula/unknown-name', 'total', /no value named/, /\[@total\]/],
    ['=SUMM(1)', 'formula/unknown-function', 'SUMM', /no function SUMM/, /SUM/],
    ['=shop!ordrs[total]', 'formula/unknown-name', 'shop!ordrs', /no table or sheet/, /shop!orders/],
    ['=SUM(orders[total])', 'formula/unknown-name', 'orders', /no table or sheet "orders"/, /shop!orders/],
    ['=shop!customers[name]', 'formula/type', 'shop!customers[name]', /whole column/, /XLOOKUP/],
    ['=[total]', 'formula/type', '[total]', /whole column/, /\[@total\]/],
    ['=shop!orders', 'formula/type', 'shop!orders', /whole table/, /XLOOKUP/],
    ['=[@]', 'formula/type', '[@]', /whole row/, /\[@x\]/],
    ['=A1+1', 'formula/not-allowed', 'A1', /is a cell/, /\[@x\]/],
    ['=$B$2', 'formula/not-allowed', '$B$2', /is a cell/, /\[@x\]/],
    ['=SUM(A1:B2)', 'formula/not-allowed', 'A1:B2', /ranges of cells/, /t\[x\]/],
    ['=OFFSET([@total],1,0)', 'formula/not-allowed', 'OFFSET', /OFFSET/, /XLOOKUP/],
    ['=INDIRECT("x")', 'formula/not-allowed', 'INDIRECT', /INDIRECT/, /t\[x\]/],
    ['=RAND()', 'formula/not-allowed', 'RAND', /RAND/, /source/],
    ['=ROW()', 'formula/not-allowed', 'ROW', /ROW/, /\[@id\]/],
    ['=CELL("row")', 'formula/not-allowed', 'CELL', /CELL/, /column/],
    ['=VLOOKUP(1,shop!orders,2)', 'formula/not-allowed', 'VLOOKUP', /VLOOKUP/, /XLOOKUP/],
    ['=GROUPBY(shop!orders[status])', 'formula/not-allowed', 'GROUPBY', /GROUPBY/, /SUMIFS/],
    ['=ROUND()', 'formula/arguments', 'ROUND', /at least 1 argument/, /ROUND\(number, \[digits\]\)/],
    ['=ABS(1,2)', 'formula/arguments', 'ABS', /takes at most 1 argument|takes 1 argument/, /ABS\(number\)/],
    ['=IF([@paid],1,"a")', 'formula/type', '"a"', /one type/, /TEXT/],
    ['=XLOOKUP(1,shop!customers[id],shop!customers[tenant],"?")', 'formula/type', '"?"', /one type/, /leave it out/],
    ['=XLOOKUP(1,shop!customers[id],shop!orders[total])', 'formula/type', 'shop!orders[total]', /one table/, undefined],
    ['=XLOOKUP(1,shop!customers[id],shop!customers[name],,3)', 'formula/not-allowed', '3', /next smaller/, /leave it out/],
    [
      '=XLOOKUP(1,shop!customers[id],shop!customers[name],,[@quantity])',
      'formula/not-allowed',
      '[@quantity]',
      /for all rows/,
      /leave it out/,
    ],
    ['=XLOOKUP(1,shop!customers[id],shop!customers[name],,-1,-1)', 'formula/not-allowed', '-1', /smallest key/, /leave it out/],
    ['=LARGE(shop!orders[total])', 'formula/arguments', 'LARGE', /whole column/, /LARGE\(array, k\)/],
    ['=LARGE(shop!orders[total],[@status])', 'formula/type', '[@status]', /not text/, /VALUE/],
    ['=MEDIAN(shop!orders[due])', 'formula/type', 'shop!orders[due]', /needs numbers, not date/, /SMALL/],
    ['=VAR.S(shop!orders[status])', 'formula/type', 'shop!orders[status]', /needs numbers, not text/, /VALUE/],
    ['=RANK([@status],shop!orders[total])', 'formula/type', '[@status]', /not text/, /VALUE/],
    ['=SUMIFS(shop!orders[total],shop!customers[id],1)', 'formula/type', 'shop!customers[id]', /one table/, undefined],
    ['=SUMIFS(shop!orders[total],shop!orders[id])', 'formula/arguments', 'SUMIFS', /pairs/, /criterion/],
    ['=SUM(shop!orders[status])', 'formula/type', 'shop!orders[status]', /numbers are needed/, /VALUE/],
    ['=ROUND(shop!orders[total], 2)', 'formula/type', 'shop!orders[total]', /whole column/, undefined],
    ['=SUM(shop!orders[total]*2)+shop!orders[total]', 'formula/type', 'shop!orders[total]', /whole column/, undefined],
    ['=LET(x, shop!orders[total]*2, x)', 'formula/type', undefined, /not an array/, /SUM/],
    ['=MAP(shop!orders[total], LAMBDA(x, x*2))', 'formula/type', undefined, /not an array/, /SUM/],
    ['=[@span]*2', 'formula/type', '[@span]', /number is needed/, /interval/],
    ['=[@tags]=1', 'formula/type', undefined, /cannot be compared/, undefined],
    ['=[@due]+[@due]', 'formula/type', '[@due]', /two dates/, /number of days/],
    ['=shop!orders[[id]:[total]]', 'formula/not-allowed', undefined, /ranges of columns/, /each column/],
    ['=shop!orders[[#Totals],[total]]', 'formula/not-allowed', undefined, /#Totals/, /named value/],
    ['=shop!orders[#Headers]', 'formula/not-allowed', undefined, /no #Headers/, /as a text/],
    ["='open'", 'formula/unknown-name', "'open'", /no value named/, /double quotes/],
    ['=user[id]', 'formula/not-allowed', 'user[id]', /read rule/, /read:/],
    ['=USER("id")', 'formula/not-allowed', 'USER', /cannot be used/, /read:/],
    ['=RELATED(shop!customers[name])', 'formula/arguments', 'RELATED', /at least 2/, /RELATED\(column, key/],
    ['=RELATED(shop!customers[nmae],1)', 'formula/unknown-name', 'nmae', /no column/, /name/],
    ['=RELATED([@id],1)', 'formula/type', '[@id]', /whole column/, undefined],
    ['=FILTER(shop!orders,TRUE)', 'formula/type', undefined, /FILTER gives rows/, /SUMIFS/],
    ['={1,2}', 'formula/type', '{1,2}', /array/, /OR/],
    ['=REDUCE(1,{1,"a"},LAMBDA(a,b,b))', 'formula/type', undefined, /only known when it is there/, /VALUE/],
    [
      '=MAP({1,2},LAMBDA(x,XLOOKUP(x,shop!orders[id],shop!orders[total])))',
      'formula/not-allowed',
      undefined,
      /cannot ask tables/,
      /add a column/,
    ],
    ['=LAMBDA(x,x)', 'formula/type', undefined, /function/, /call it/],
    ['=LET(x,1)', 'formula/arguments', 'LET', /pairs/, /LET\(/],
    ['=LET(1,1,1)', 'formula/arguments', '1', /name is needed/, /letter/],
    ['=LAMBDA(x,x)(1,2)', 'formula/arguments', undefined, /takes 1 argument and has 2/, /LAMBDA\(x\)/],
    ['=LAMBDA(x,[y],x)()', 'formula/arguments', undefined, /takes 1 to 2 arguments and has 0/, /LAMBDA\(x, \[y\]\)/],
    ['=LAMBDA(x,[x],x)(1)', 'formula/arguments', '[x]', /there twice/, undefined],
    ['=(1)(2)', 'formula/type', '(1)', /only a LAMBDA/, /operator/],
    ['=LET(f,LAMBDA(x,f(x)),f(1))', 'formula/unknown-function', 'f', /no function f/, undefined],
    ['=@[x]', 'formula/not-allowed', undefined, /brackets/, /\[@x\]/],
    ['=shop!customers[@name]', 'formula/type', undefined, /no row of customers/, /XLOOKUP/],
  ])('%s', (formula, code, part, message, fix) => {
    const { diagnostics } = calculate(formula, SHOP)
    const [first] = diagnostics
    expect(first).toMatchObject({ code, severity: 'error', message: expect.stringMatching(message) as string })
    expect([part, undefined]).toContain(part === undefined ? undefined : formula.slice(first?.range.start, first?.range.end))
    expect(first?.fix ?? '').toMatch(fix ?? /^/)
  })

  it.each([
    ['=[@quantity]="1"', /does not depend on the values/, /VALUE/],
    ['=[@status]=1', /does not depend on the values/, /VALUE/],
    ['=XLOOKUP("1",shop!customers[id],shop!customers[name])', /never found/, /VALUE/],
    ['=COUNT(shop!orders[status])', /always 0/, /COUNTA/],
    ['=SUMIFS(shop!orders[total],shop!orders[quantity],"many")', /no value of int column/, undefined],
  ])('%s runs, with a warning', (formula, message, fix) => {
    const { diagnostics } = calculate(formula, SHOP)
    expect(diagnostics).toHaveLength(1)
    expect(diagnostics[0]).toMatchObject({ severity: 'warning', message: expect.stringMatching(message) as string })
    expect(diagnostics[0]?.fix ?? '').toMatch(fix ?? /^/)
  })

  it.each([
    '=[@quantity]=""',
    '=[@placed_at]>"2026-01-01"',
    '=[@due]="2026-01-01"',
    '=EXACT([@id],"7")',
    '=XLOOKUP("2026-01-01",shop!orders[due],shop!orders[total])',
  ])('%s is fine', (formula) => {
    expect(calculate(formula, SHOP).diagnostics).toEqual([])
  })

  it('says everything that is wrong at once', () => {
    expect(calculate('=[@totl]+SUMM([@quantty])', SHOP).diagnostics.map((one) => one.code)).toEqual([
      'formula/unknown-name',
      'formula/unknown-function',
    ])
    expect(calculate('=[@a]+[@b]*ROUND([@c])', SHOP).diagnostics).toHaveLength(3)
  })
})

describe('what calls mean', () => {
  it('names are found in any letter case', () => {
    expect(typeOf('=sum(SHOP!Orders[Total])')).toBe('decimal')
    expect(typeOf('=[@TOTAL]')).toBe('decimal?')
  })

  it('moments in UTC are seen in the zone of the workbook', () => {
    const row = {
      ...ORDERS,
      rows: [ORDERS.columns.map((column) => (column.name === 'placed_at' ? { days: 20_780, micros: 23.5 * 3_600_000_000 } : null))],
    }
    const at = (formula: string): unknown => calculate(formula, { ...SHOP, tables: [row, CUSTOMERS], row }).value
    expect(at('=TEXT([@placed_at], "yyyy-mm-dd hh:mm")')).toBe('2026-11-24 00:30')
    expect(at('=DAY([@placed_at])')).toBe(24)
    expect(at('=[@placed_at]>=DATE(2026,11,24)')).toBe(true)
    expect(at('=[@placed_at]>="2026-11-24"')).toBe(true)
    expect(at('=[@placed_at]&""')).toBe('2026-11-24 00:30:00')
  })

  it('LET computes a value once, and its names hide others', () => {
    expect(calculate('=LET(x,1,LET(x,x+1,x*10))', SHOP).value).toBe(20)
    expect(calculate('=LET(x,2,f,LAMBDA(y,x*y),LET(x,100,f(3)))', SHOP).value).toBe(6)
    expect(calculate('=LET(c,shop!orders[total],SUM(c)+COUNT(c))', SHOP).diagnostics).toEqual([])
  })
})
