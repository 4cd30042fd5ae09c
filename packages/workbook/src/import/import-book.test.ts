import { writeXlsx } from 'hucre'
import { describe, expect, it } from 'vitest'
import { readBook } from '../excel/read-book.ts'
import { formatFile } from '../fmt/format-file.ts'
import { lint } from '../lint.ts'
import { runTests } from '../test-runner/run-tests.ts'
import { plainEvaluate } from '../testing/plain-evaluate.ts'
import { excelBook, type TestCell, type TestSheet } from '../testing/excel-book.ts'
import { importBook, type ImportedBook } from './import-book.ts'

/** Imports a book, and holds what every import must: the files have no error, and their tests, which expect what Excel had, pass. */
async function imported(sheets: Readonly<Record<string, TestSheet>>, names: Readonly<Record<string, string>> = {}): Promise<ImportedBook> {
  const book = importBook(await excelBook(sheets, names), { name: 'Prices 2026', source: 'main', today: 20_000 })
  expect(lint(book.files, book.tables).filter((one) => one.severity === 'error')).toEqual([])
  for (const [path, text] of Object.entries(book.files)) expect(formatFile(path, text).changed).toBe(false)
  const { results, diagnostics } = runTests(book.files, book.tables, plainEvaluate)
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  expect(results.flatMap((one) => one.failures)).toEqual([])
  return book
}

/** The `columns:` or `values:` of a file, as name → formula or value. */
function part(book: ImportedBook, file: string, name: 'columns' | 'values'): Readonly<Record<string, string>> {
  const lines = (book.files[`prices_2026/${file}`] ?? '').split('\n')
  const at = lines.indexOf(`${name}:`)
  const end = lines.findIndex((line, index) => index > at && !line.startsWith('  '))
  const entries = at < 0 ? [] : lines.slice(at + 1, end < 0 ? undefined : end).map((line) => line.trim().split(/: (.*)/s))
  return Object.fromEntries(entries.map(([key = '', value = '']) => [key, value]))
}

const ORDERS: readonly (readonly TestCell[])[] = [
  ['Id', 'Item', 'Unit price', 'Qty', 'Total', 'Gross', 'Share'],
  [1, 'pen', 1.5, 10, ['=C2*D2', 15], ['=E2*(1+$J$1)', 18.45], ['=E2/SUM($E$2:$E$4)', 0.3]],
  [2, 'ink', 9.5, 2, ['=C3*D3', 19], ['=E3*(1+$J$1)', 23.37], ['=E3/SUM($E$2:$E$4)', 0.38]],
  [3, 'pad', 4, 4, ['=C4*D4', 16], ['=E4*(1+$J$1)', 19.68], ['=E4/SUM($E$2:$E$4)', 0.32]],
]
const withTax = (rows: readonly (readonly TestCell[])[]): readonly (readonly TestCell[])[] =>
  rows.map((row, index) => (index === 0 ? [...row, null, 'VAT rate', 0.23] : row))

describe('a table with formulas', () => {
  it('whose columns read each other in a circle, one of them by a lookup, is imported all the same', async () => {
    const rows = [['~'], [0, ['=D2+1', 0], '', ['=VLOOKUP(A2,Two!A:B,2,FALSE)', ''], 0]] as const
    const book = await imported({ One: { rows: [['']] }, Two: { rows } })
    expect(Object.keys(book.files)).toContain('prices_2026/two.sheet.yaml')
  })

  it('becomes a sheet: cells of the row, a cell beside, the whole column', async () => {
    const book = await imported({ Orders: { rows: withTax(ORDERS), tables: { Orders: 'A1:G4' } } })
    expect(part(book, 'orders.sheet.yaml', 'columns')).toEqual({
      total: '=[@unit_price] * [@qty]',
      gross: '=[@total] * (1 + VAT_rate)',
      share: '=[@total] / SUM(orders[total])',
    })
    expect(part(book, 'workbook.yaml', 'values')).toEqual({ VAT_rate: '0.23' })
    expect(book.problems).toEqual([])
    expect(book.leftOut).toEqual([])
    expect(book.sheets).toEqual([{ sheet: 'orders', from: 'Orders!A1:G4', rows: 3, columns: 7, formulas: 3, inline: true }])
    expect(book.files['prices_2026/orders.sheet.yaml']).toContain('cost: {accept: whole-table, every: 5s}')
    expect(book.data['prices_2026/tables/orders.csv']).toBe('id,item,unit_price,qty\n1,pen,1.5,10\n2,ink,9.5,2\n3,pad,4,4\n')
  })

  it('is read whole by a value beside it: the workbook accepts what that costs', async () => {
    const rows = ORDERS.map((row, index) =>
      index === 0 ? [...row.slice(0, 4), null, 'Worth', ['=SUMPRODUCT(C2:C4,D2:D4)', 50] as const] : row.slice(0, 4),
    )
    const book = await imported({ Orders: { rows, tables: { Orders: 'A1:D4' } } })
    expect(part(book, 'workbook.yaml', 'values')).toEqual({ Worth: '=SUMPRODUCT(orders[unit_price], orders[qty])' })
    expect(book.files['prices_2026/workbook.yaml']).toContain('cost: {accept: whole-table, every: 5s}')
    expect(book.problems).toEqual([])
  })

  it('is found without being a table of Excel, below a title and above its totals', async () => {
    const total: readonly TestCell[] = ['all', null, null, ['=SUM(D4:D6)', 16], ['=SUM(E4:E6)', 50]]
    const rows = ORDERS.map((row, index) =>
      index === 0 ? row.slice(0, 5) : [...row.slice(0, 4), [`=C${index + 3}*D${index + 3}`, [15, 19, 16][index - 1] ?? 0] as const],
    )
    const book = await imported({ Orders: { rows: [['Our orders'], [], ...rows, total] } })
    expect(part(book, 'orders.sheet.yaml', 'columns')).toEqual({ total: '=[@unit_price] * [@qty]' })
    expect(part(book, 'workbook.yaml', 'values')).toEqual({
      orders_qty_sum: '=SUM(orders[qty])',
      orders_total_sum: '=SUM(orders[total])',
    })
    expect(book.leftOut.map((one) => one.cell)).toEqual(['A1', 'A7'])
  })

  it('by its own names: structured references and totals', async () => {
    const rows: TestCell[][] = [
      ['Code', 'Net', 'Gross', 'Both'],
      ['a', 100, ['=[@Net]*2', 200], ['=SUM(Sales[@[Net]:[Gross]])', 300]],
      ['b', 50, ['=Sales[[#This Row],[Net]]*2', 100], ['=SUM(Sales[@[Net]:[Gross]])', 150]],
      ['all', ['=SUBTOTAL(109,Sales[Net])', 150], ['=SUM(Sales[Gross])', 300], null],
    ]
    const book = await imported({
      One: {
        rows: rows.map((row, at) => (at === 2 ? [row[0] ?? null, row[1] ?? null, ['=[@Net]*2', 100], row[3] ?? null] : row)),
        tables: { 'Sales+': 'A1:D4' },
      },
    })
    expect(part(book, 'sales.sheet.yaml', 'columns')).toEqual({ gross: '=[@net] * 2', both: '=SUM([@net], [@gross])' })
    expect(part(book, 'workbook.yaml', 'values')['sales_gross_sum']).toBe('=SUM(sales[gross])')
  })

  it('looks into another table: VLOOKUP and INDEX with MATCH become XLOOKUP, SUMIF stays', async () => {
    const book = await imported({
      Customers: {
        rows: [
          ['No', 'Name', 'Country', 'Spent'],
          [7, 'Anna', 'PL', ['=SUMIF(Orders!B:B,A2,Orders!C:C)', 30]],
          [8, 'Bo', 'SE', ['=SUMIF(Orders!B:B,A3,Orders!C:C)', 5]],
        ],
      },
      Orders: {
        rows: [
          ['Id', 'Customer', 'Total', 'Name', 'Country', 'Known'],
          ...[
            [1, 7, 10, 'Anna', 'PL'],
            [2, 8, 5, 'Bo', 'SE'],
            [3, 7, 20, 'Anna', 'PL'],
          ].map(([id = 0, customer = 0, total = 0, name = '', country = ''], at): TestCell[] => [
            id,
            customer,
            total,
            [`=VLOOKUP(B${at + 2},Customers!$A$2:$C$3,2,FALSE)`, name],
            [`=INDEX(Customers!$C$2:$C$3,MATCH(B${at + 2},Customers!$A$2:$A$3,0))`, country],
            [`=IFERROR(VLOOKUP(B${at + 2},Customers!A:B,2,0),"?")`, name],
          ]),
        ],
      },
    })
    expect(part(book, 'orders.sheet.yaml', 'columns')).toEqual({
      name: '=XLOOKUP([@customer], customers[no], customers[name])',
      country: '=XLOOKUP([@customer], customers[no], customers[country])',
      known: '=IFERROR(XLOOKUP([@customer], customers[no], customers[name]), "?")',
    })
    // Customers read orders, which read customers: one side of the circle stays data, and is listed.
    expect(book.problems.map(({ cell, formula, reason }) => [cell, formula, reason.slice(0, 29)])).toEqual([
      ['D2:D3', '=SUMIF(Orders!B:B,A2,Orders!C:C)', 'these sheets read each other:'],
    ])
  })

  it('sums up another table', async () => {
    const book = await imported({
      Countries: {
        rows: [
          ['Code', 'Spent', 'Orders'],
          ['PL', ['=SUMIFS(Orders!$C$2:$C$4,Orders!$B$2:$B$4,A2)', 30], ['=COUNTIF(Orders!B:B,A2)', 2]],
          ['SE', ['=SUMIFS(Orders!$C$2:$C$4,Orders!$B$2:$B$4,A3)', 5], ['=COUNTIF(Orders!B:B,A3)', 1]],
        ],
      },
      Orders: {
        rows: [
          ['Id', 'Country', 'Total'],
          [1, 'PL', 10],
          [2, 'SE', 5],
          [3, 'PL', 20],
        ],
      },
    })
    expect(part(book, 'countries.sheet.yaml', 'columns')).toEqual({
      spent: '=SUMIFS(orders[total], orders[country], [@code])',
      orders: '=COUNTIF(orders[country], [@code])',
    })
  })

  it('with defined names: of a cell, of a column, a constant, a function', async () => {
    const book = await imported(
      {
        Orders: {
          rows: [
            ['Id', 'Net', 'Gross', 'Half', 'Part', null, 'Tax rate', 0.2],
            [1, 10, ['=B2*(1+TAX)', 12], ['=HALF(B2)', 5], ['=B2/SUM(Nets)*FACTOR', 50]],
            [2, 30, ['=B3*(1+TAX)', 36], ['=HALF(B3)', 15], ['=B3/SUM(Nets)*FACTOR', 150]],
          ],
        },
      },
      { TAX: 'Orders!$H$1', Nets: 'Orders!$B$2:$B$3', FACTOR: '200', HALF: '_xlfn.LAMBDA(_xlpm.x,_xlpm.x/2)' },
    )
    expect(part(book, 'orders.sheet.yaml', 'columns')).toEqual({
      gross: '=[@net] * (1 + TAX)',
      half: '=HALF([@net])',
      part: '=[@net] / SUM(orders[net]) * FACTOR',
    })
    expect(part(book, 'workbook.yaml', 'values')).toEqual({ FACTOR: '=200', HALF: '=LAMBDA(x, x / 2)', TAX: '0.2' })
  })

  it('keeps dates, texts that look like numbers, and Blank', async () => {
    const day = (date: number): Date => new Date(Date.UTC(2026, 10, date))
    const book = await imported({
      Plan: {
        rows: [
          ['Code', 'Start', 'Days', 'End', 'Note', 'Done'],
          ['007', day(23), 2, ['=B2+C2', 46_351], null, true],
          ['12', day(24), 3, ['=B3+C3', 46_353], 'a: #b', false],
        ],
      },
    })
    const file = book.files['prices_2026/plan.sheet.yaml']
    expect(file).toContain('- [007, 2026-11-23, 2, ~, true]')
    expect(file).toContain('- [12, 2026-11-24, 3, "a: #b", false]')
    expect(file).toContain('start: date')
    expect(part(book, 'plan.sheet.yaml', 'columns')).toEqual({ end: '=[@start] + [@days]' })
  })
})

describe('what has no counterpart is listed with the reason, and keeps its values', () => {
  it.each<[string, readonly TestCell[], string]>([
    [
      'the row above',
      [
        ['=B1', 'Net'],
        ['=B2', 10],
        ['=B3', 20],
      ],
      'another row of its table',
    ],
    [
      'a running total',
      [
        ['=SUM(B$2:B2)', 10],
        ['=SUM(B$2:B3)', 30],
        ['=SUM(B$2:B4)', 60],
      ],
      'a running total',
    ],
    [
      'cells beside, row by row',
      [
        ['=H2', 0],
        ['=H3', 0],
        ['=H4', 0],
      ],
      'cells beside the table',
    ],
    [
      'another file',
      [
        ['=B2*[1]Sheet1!$A$1', 1],
        ['=B3*[1]Sheet1!$A$1', 2],
        ['=B4*[1]Sheet1!$A$1', 3],
      ],
      'it reads another file',
    ],
    [
      'OFFSET',
      [
        ['=OFFSET(B2,0,0)', 10],
        ['=OFFSET(B3,0,0)', 20],
        ['=OFFSET(B4,0,0)', 30],
      ],
      'OFFSET',
    ],
    [
      'a function that is not there',
      [
        ['=NOSUCH(B2)', 1],
        ['=NOSUCH(B3)', 2],
        ['=NOSUCH(B4)', 3],
      ],
      'NOSUCH',
    ],
    [
      'a result that Excel does not have',
      [
        ['=B2*2', 20],
        ['=B3*2', 40],
        ['=B4*2', 61],
      ],
      'it gives 60 in C4, where Excel has 61',
    ],
    [
      'part of a column',
      [
        ['=SUM($B$2:$B$3)', 30],
        ['=SUM($B$2:$B$3)', 30],
        ['=SUM($B$2:$B$3)', 30],
      ],
      'rows 2 to 3 of the table',
    ],
  ])('%s', async (_, cells, why) => {
    const rows = [['Id', 'Net', 'X'], ...cells.map((cell, at): TestCell[] => [at + 1, (at + 1) * 10, cell])]
    const book = await imported({ T: { rows } })
    expect(book.problems.length).toBeGreaterThan(0)
    for (const problem of book.problems) expect(problem).toMatchObject({ code: 'workbook/shape', sheet: 'T' })
    expect(book.problems[0]?.reason).toContain(why)
    expect(book.problems[0]?.fix).not.toBe('')
    expect(part(book, 't.sheet.yaml', 'columns')).toEqual({})
    expect(book.files['prices_2026/t.sheet.yaml']).toContain('- [id, net, x]')
  })

  it('cell by cell where a column has several formulas', async () => {
    const rows: TestCell[][] = [
      ['Id', 'Net', 'X'],
      [1, 10, ['=B2*2', 20]],
      [2, 20, ['=B3*2', 40]],
      [3, 30, 7],
      [4, 40, ['=B5*3', 120]],
    ]
    const { problems } = await imported({ T: { rows } })
    expect(problems.map(({ cell, formula }) => [cell, formula])).toEqual([
      ['C2:C3', '=B2*2'],
      ['C5', '=B5*3'],
    ])
  })

  it('a column of several kinds, and errors in data', async () => {
    const { problems } = await imported({
      T: {
        rows: [
          ['Id', 'X', 'Y'],
          [1, 'a', ['=1/0', '#DIV/0!']],
          [2, 5, 3],
        ],
      },
    })
    expect(problems.map(({ cell, reason }) => `${cell} ${reason}`)).toContainEqual(expect.stringMatching(/^B2:B3 .*several kinds/))
  })
})

it('what is large is loaded into a source: CSV, a script, and a sheet over the table', async () => {
  const rows: TestCell[][] = [
    ['Id', 'Net', 'Twice'],
    ...Array.from({ length: 300 }, (_, at): TestCell[] => [at + 1, at / 4, [`=B${at + 2}*2`, at / 2]]),
  ]
  const book = await imported({ Sales: { rows } })
  expect(book.sheets).toMatchObject([{ rows: 300, formulas: 1, inline: false }])
  expect(book.files['prices_2026/sales.sheet.yaml']).toBe(
    'about: Sales from Excel\nrows: =main!sales\nkeep: [net]\ncolumns:\n  twice: =[@net] * 2\n',
  )
  expect(book.data['prices_2026/tables/sales.csv']?.split('\n').slice(0, 3)).toEqual(['id,net', '1,0', '2,0.25'])
  expect(book.data['prices_2026/tables/load.sql']).toContain('"net" numeric')
  expect([...book.tables.keys()]).toEqual(['main!public.sales'])
})

it('what reads the day is not compared, and neither is what reads that', async () => {
  const rows: TestCell[][] = [
    ['Id', 'Due', 'Left', 'Late'],
    [1, 46_000, ['=B2-TODAY()', 5], ['=C2<0', false]],
  ]
  const book = await imported({ T: { rows } })
  expect(part(book, 't.sheet.yaml', 'columns')).toEqual({ left: '=[@due] - TODAY()', late: '=[@left] < 0' })
  expect(book.problems).toEqual([])
})

it('results are taken for what they are worth: a column of which others read is compared first, and gives what Excel had if it differs', async () => {
  const rows: TestCell[][] = [
    ['Id', 'Net', 'Twice', 'More'],
    [1, 10, ['=B2*2', 21], ['=C2+1', 22]],
  ]
  const book = await imported({ T: { rows } })
  expect(part(book, 't.sheet.yaml', 'columns')).toEqual({ more: '=[@twice] + 1' })
  expect(book.problems.map(({ cell }) => cell)).toEqual(['C2'])
})

it('dates count from 1904 where the book does', async () => {
  const sheet = {
    name: 'T',
    rows: [
      ['Id', 'Day', 'Next'],
      [1, new Date(Date.UTC(2026, 0, 2))],
    ],
    cells: new Map([['1,2', { formula: 'B2+1', formulaResult: 44_563, value: 44_563 }]]),
  }
  const book = importBook(await readBook(await writeXlsx({ sheets: [sheet], dateSystem: '1904' })), { name: 'b', source: 'main', today: 0 })
  expect(book.files['b/t.sheet.yaml']).toContain('- [1, 2026-01-02]')
  expect(book.problems).toEqual([])
})

it('a boolean, a text that looks like a formula, and names that YAML reads as Blank', async () => {
  const rows: TestCell[][] = [
    ['Open', true],
    ['null', 1.5],
    ['Mark', '=x', ['=B3&"!"', '=x!']],
  ]
  const book = await imported({ Sheet1: { rows: [...rows, ['Null', 2]] } })
  expect(part(book, 'workbook.yaml', 'values')).toMatchObject({ Open: 'true', null_value: '1.5', Null_value_2: '2', Mark: '="=x"' })
})

it('a sum over a few labelled cells names them', async () => {
  const rows: TestCell[][] = [
    ['Rent', 900],
    ['Power', 80.5],
    ['Water', null],
    ['Sum', ['=SUM(B1:B3)', 980.5]],
    ['Mean', ['=AVERAGE(B1:B3)', 490.25]],
  ]
  const book = await imported({ Budget: { rows } })
  expect(part(book, 'workbook.yaml', 'values')).toMatchObject({ Sum_value: '=SUM(Rent, Power_value)', Mean: '=AVERAGE(Rent, Power_value)' })
  expect(book.problems).toEqual([])
})

it('single cells become named values by the labels beside them', async () => {
  const book = await imported({
    Sheet1: {
      rows: [
        ['Price', 12.5],
        ['Amount', 4],
        ['Total', ['=B1*B2', 50]],
        ['Since', new Date(Date.UTC(2026, 0, 2))],
        [null, ['=B3&"x"', '50x']],
      ],
    },
  })
  expect(part(book, 'workbook.yaml', 'values')).toEqual({
    Price_value: '12.5',
    Amount: '4',
    Total: '=Price_value * Amount',
    Since: '2026-01-02',
    sheet1_b5: '=Total & "x"',
  })
  expect(book.files).not.toHaveProperty(['prices_2026/sheet1.sheet.yaml'])
})
