import { describe, expect, it } from 'vitest'
import { diagnosticJson, formatDiagnostic, formatDiagnostics } from './format-diagnostic.ts'
import { lint } from './lint.ts'
import { SALES, TABLES } from './testing/shop.ts'

const [broken] = lint({ 'w/s.sheet.yaml': 'rows: =shop!orders\ncolumns:\n  gross: =[@totl]*2\n' }, TABLES)
if (broken === undefined) throw new Error('a diagnostic')

describe('diagnostics', () => {
  it('are shown with place, line, caret, why and fix (rule 9)', () => {
    expect(formatDiagnostic({ ...broken, why: 'because' })).toBe(
      [
        'w/s.sheet.yaml:3:13 error formula/unknown-name: s has no column "totl"',
        '3 |   gross: =[@totl]*2',
        '  |             ^^^^',
        '    why: because',
        '    fix: did you mean [total]?',
      ].join('\n'),
    )
  })

  it('are one object each for programs', () => {
    expect(diagnosticJson(broken)).toEqual({
      code: 'formula/unknown-name',
      severity: 'error',
      file: 'w/s.sheet.yaml',
      line: 3,
      column: 13,
      width: 4,
      source: '  gross: =[@totl]*2',
      message: 's has no column "totl"',
      fix: 'did you mean [total]?',
    })
  })

  it('keep the caret under its character behind tabs, and control characters from the terminal', () => {
    const text = formatDiagnostic({ ...broken, source: '\tx\u001b[31m', column: 3, width: 1 })
    expect(text.split('\n').slice(1, 3)).toEqual(['3 | \tx\uFFFD[31m', '  | \t ^'])
  })

  it('are coloured if asked, and counted at the end', () => {
    expect(formatDiagnostic(broken, { color: true })).toContain('\u001b[31merror\u001b[0m')
    expect(formatDiagnostics([broken])).toMatch(/\n\n1 error, 0 warnings$/)
    expect(formatDiagnostics([])).toBe('0 errors, 0 warnings')
  })
})

describe('lint', () => {
  it('has nothing to say about the examples of FORMATS 7', () => {
    expect(lint(SALES, TABLES)).toEqual([])
  })

  it('reads tests too, and sorts by place', () => {
    const files = {
      'w/s.sheet.yaml':
        'rows: =shop!orders\nkeep: [totl]\ntests:\n  - name: a\n    given: {shop!order: [{id: 1}], shop!orders: [{nope: 1}, {total: x}]}\n    now: soon\n',
    }
    expect(lint(files, TABLES).map((one) => `${one.line}:${one.column} ${one.message}`)).toEqual([
      '2:8 shop!orders has no column "totl"',
      '5:13 there is no table "shop!order"',
      '5:51 shop!orders has no column "nope"',
      '5:69 "x" is no decimal',
      '6:10 "soon" is no time',
    ])
  })

  it('finds its place in a file that begins with an empty line', () => {
    expect(lint({ 'w/s.sheet.yaml': '\nabout: x\n' }, TABLES)).toMatchObject([{ line: 1, column: 1 }])
  })

  it('names every finding with a code and a place inside of its file', () => {
    const files = { ...SALES, 'sales/bad.sheet.yaml': 'rows: =nope\nkeep: [a]\ncolumns:\n  b: =c+\n', 'sales/readme.yaml': 'x: 1\n' }
    for (const one of lint(files, TABLES)) {
      expect(one.code).toMatch(/^(formula|workbook)\//)
      expect((files as Record<string, string>)[one.file]?.split('\n')[one.line - 1]).toBe(one.source)
    }
  })
})
