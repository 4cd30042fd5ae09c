import { describe, expect, it } from 'vitest'
import { compileGraph } from '../compile/compile-graph.ts'
import type { WorkbookDiagnostic } from '../diagnostic.ts'
import { TABLES } from '../testing/shop.ts'

function lintSheet(text: string): readonly WorkbookDiagnostic[] {
  return compileGraph({ files: { 'w/s.sheet.yaml': text }, tables: TABLES }).diagnostics
}

describe("YAML's traps are closed, and the fix is named (rule 2)", () => {
  it.each([
    ['rows: =shop!orders\ncolumns:\n  x: ="Order #"&[@id]\n', 3, 6, /" #" begins a comment/],
    ['rows: =shop!orders # all of them\n', 1, 7, /" #" begins a comment/],
    ['rows: =shop!orders\ncolumns:\n  x: =[@id]&": "&[@status]\n', 3, 6, /": " begins a new entry/],
    ['rows: =shop!orders\ncolumns: {x: =IF([@id]=1, 2, 3)}\n', 2, 14, /comma or bracket ends the formula|some characters/],
    ['rows: =shop!orders\ncolumns:\n  x: =1+\n    2\n', 3, 6, /several lines/],
  ])('%j', (text, line, column, why) => {
    const [first, ...rest] = lintSheet(text)
    expect(first).toMatchObject({
      code: 'workbook/yaml',
      line,
      column,
      why: expect.stringMatching(why) as string,
      fix: expect.stringContaining('|-') as string,
    })
    expect(rest.filter((one) => one.code === 'workbook/yaml')).toEqual([])
  })

  it.each([
    'rows: =shop!orders\ncolumns:\n  x: |-\n    ="Order #"&[@id]&": "&[@status]\n',
    'rows: =shop!orders\ncolumns:\n  x: \'="Order #"&[@id]&": "&[@status]\'\n',
    'rows: =shop!orders\ncolumns:\n  x: "=[@id]&\\": \\"&[@status]"\n',
    'rows: =shop!orders\n# a comment of its own\ncolumns: {x: =1+2, y: "=IF([@id]=1, 2, 3)"}\n',
  ])('%j is fine', (text) => {
    expect(lintSheet(text)).toEqual([])
  })

  it('points into quoted and block formulas', () => {
    expect(lintSheet('rows: =shop!orders\ncolumns:\n  x: |-\n    =1+\n    [@nope]\n')).toMatchObject([
      { line: 5, column: 7, width: 4, source: '    [@nope]' },
    ])
    expect(lintSheet('rows: =shop!orders\ncolumns:\n  x: "=\\"a\\"&[@nope]"\n')).toMatchObject([{ line: 3, column: 16, width: 4 }])
    expect(lintSheet("rows: =shop!orders\ncolumns:\n  x: '=[@nope]'\n")).toMatchObject([{ line: 3, column: 10, width: 4 }])
  })

  it('anchors, aliases and tags are refused: a sheet says what it means, and nothing grows by itself', () => {
    expect(lintSheet('rows: &a =shop!orders\nabout: *a\n')[0]).toMatchObject({
      code: 'workbook/yaml',
      message: expect.stringContaining('anchors') as string,
    })
    expect(lintSheet('about: !!int 5\nrows: =shop!orders\n')[0]).toMatchObject({ code: 'workbook/yaml' })
  })

  it('what is no YAML at all is said at its place', () => {
    expect(lintSheet('rows: [a\n')[0]).toMatchObject({ code: 'workbook/yaml' })
    expect(lintSheet('\trows: =shop!orders\n')[0]).toMatchObject({ code: 'workbook/yaml', fix: expect.stringContaining('tabs') as string })
    expect(lintSheet('rows: =shop!orders\nrows: =shop!customers\n')[0]).toMatchObject({ code: 'workbook/yaml', line: 2 })
  })
})

describe('keys', () => {
  it.each([
    ['rows: =shop!orders\ncolums:\n  x: =1\n', 'error', '"colums" is not known here', 'did you mean columns?'],
    [
      'columns:\n  x: =1\nrows: =shop!orders\n',
      'warning',
      '"rows" stands before "columns" in every sheet',
      '`sheetflow fmt` brings the keys in order',
    ],
    ['rows: shop!orders\n', 'error', '"rows" takes a formula, and a formula begins with "="', 'write =shop!orders'],
    ['rows: =shop!orders\nkeep: {a: b}\n', 'error', '"keep" takes a text or a list', undefined],
    ['rows: =shop!orders\ncolumns: [a]\n', 'error', '"columns" takes entries "name: …"', undefined],
    ['rows: =shop!orders\npublish: {index: total}\n', 'error', '"index" takes a list', 'write [total] or one item a line with "- "'],
    ['rows: =shop!orders\ncost: {accept: all}\n', 'error', '"accept" is "whole-table"', undefined],
    ['rows: =shop!orders\ncost: {accept: whole-table, every: often}\n', 'error', '"often" does not fit "every"', undefined],
    [
      "rows: =shop!orders\nread: {clerk: '[@id]=1'}\n",
      'error',
      '"clerk" takes "all" or a formula, and a formula begins with "="',
      "write clerk: '=[@id]=1'",
    ],
    [
      "rows: =shop!orders\nread: {clerk: {rows: '[@id]=1'}}\n",
      'error',
      '"rows" takes "all" or a formula, and a formula begins with "="',
      undefined,
    ],
    [
      'rows: =shop!orders\nread:\n  clerk:\n',
      'error',
      '"clerk" takes "all" or a formula, and a formula begins with "="',
      'write clerk: all',
    ],
    ['about: x\n', 'error', 'the sheet says nothing about its rows', 'begin with "rows: =source!table", or give key, types and data'],
    [
      'rows: =shop!orders\nkeep: [total]\nformat: {total: "0 xyz"}\n',
      'error',
      '"0 xyz" is no number format',
      'write one as in Excel: "#,##0.00", "yyyy-mm-dd"',
    ],
    [
      'rows: =shop!orders\nkeep: [total]\npublish: {search: [total]}\n',
      'error',
      'only text columns can be searched, and "total" is decimal',
      'search a text column',
    ],
  ])('%j', (text, severity, message, fix) => {
    expect(lintSheet(text)[0]).toMatchObject({ severity, message, ...(fix === undefined ? {} : { fix }) })
  })
})
