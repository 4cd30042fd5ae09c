import { describe, expect, it } from 'vitest'
import { ROW_TABLES } from '../testing/row-sheets.ts'
import { compileGraph } from './compile-graph.ts'

/** What is wrong, as `file:line:column severity message (fix)`. */
function problems(files: Readonly<Record<string, string>>): string[] {
  return compileGraph({ files, tables: ROW_TABLES }).diagnostics.map(
    ({ file, line, column, severity, message, fix }) => `${file}:${line}:${column} ${severity} ${message} (${fix ?? 'no fix'})`,
  )
}

const ORDERS = 'rows: =shop!orders\nkeep: [status]\n'

describe('names of sheets', () => {
  it('a sheet does not take the name of the sheet of the values', () => {
    const files = { 'w/workbook.yaml': 'values: {V: "=SUM(shop!orders[total])"}\n', 'w/w_values.sheet.yaml': ORDERS }
    expect(problems(files)).toEqual([
      `w/w_values.sheet.yaml:1:1 error "w_values" is the name of the sheet of this workbook's values (rename this sheet)`,
    ])
    expect(problems({ ...files, 'w/workbook.yaml': 'values: {V: 1}\n' })).toEqual([])
  })

  it('a published sheet does not take the name of a field that comes with another one', () => {
    const published = `${ORDERS}publish: {index: [status], search: [status]}\nread: {r: all}\n`
    const files = {
      'w/o.sheet.yaml': published,
      'v/o_by_pk.sheet.yaml': `${ORDERS}read: {r: all}\n`,
      'w/o_search.sheet.yaml': `${ORDERS}read: {r: all}\n`,
    }
    expect(problems(files)).toEqual([
      'v/o_by_pk.sheet.yaml:1:1 error "o_by_pk" is a field that comes with w.o (rename one of the sheets)',
      'w/o_search.sheet.yaml:1:1 error "o_search" is a field that comes with w.o (rename one of the sheets)',
    ])
    expect(problems({ ...files, 'w/o.sheet.yaml': ORDERS })).toEqual([])
  })

  it('a sheet that hides a table of a source is told of', () => {
    expect(problems({ 'shop/orders.sheet.yaml': 'rows: =crm!contacts\n', 'shop/other.sheet.yaml': 'rows: =shop!orders\n' })).toEqual([
      'shop/orders.sheet.yaml:1:1 warning shop!orders is this sheet, and not the table of the source shop (write shop!public.orders for the table, or rename the sheet or the workbook)',
    ])
  })

  it('a file in .yml is told how to be called', () => {
    expect(problems({ 'w/s.sheet.yaml': ORDERS, 'w/t.sheet.yml': ORDERS, 'w/workbook.yml': '' })).toEqual([
      'w/t.sheet.yml:1:1 warning this file is no sheet and is not read (name it w/t.sheet.yaml)',
      'w/workbook.yml:1:1 warning this file is no sheet and is not read (name it w/workbook.yaml)',
    ])
  })
})

describe('a sheet with data', () => {
  it.each([
    ['key: a\ntypes: {a: int, x: int}\ndata: [[a, x, x], [1, 2, 3]]\n', '3:15 error the column "x" is there twice'],
    ['key: [a, a]\ntypes: {a: int, x: int}\ndata: [[a, x], [1, 2]]\n', '1:10 error the key column "a" is there twice'],
    ['key: a\ntypes: {a: int, x: int, X: text}\ndata: [[a, x, X], [1, 2, b]]\n', '2:25 error the column "X" is there twice'],
  ])('%j is refused', (text, problem) => {
    const [only, ...others] = problems({ 'w/s.sheet.yaml': text })
    expect(only).toContain(`w/s.sheet.yaml:${problem}`)
    expect(others).toEqual([])
  })
})
