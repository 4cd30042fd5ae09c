import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { formatFile } from './fmt/format-file.ts'
import { formatDiagnostics } from './format-diagnostic.ts'
import { lint } from './lint.ts'
import { ROW_SHEETS, ROW_TABLES } from './testing/row-sheets.ts'

const RUNS = runs(1_500, 100_000)

const PIECES = [
  ...'\n\t #:-[]{},"\'&*!|>%@`=~\u0000\ud800é'.split(''),
  '\n  ',
  ': ',
  ' #',
  '|-\n',
  '---\n',
  '<<: *a',
  '&a ',
  '*a',
  '!!int ',
  'null',
  '=FILTER(',
  'TAKE(SORTBY(',
  'UNIQUE(',
  'GROUPBY(',
  'PIVOTBY(',
  'VSTACK(',
  'MERGE(',
  'map',
  'shop!orders',
  'rows',
  'columns',
  'read',
  'user[id]',
  '[@id]',
  '__proto__',
  'constructor',
  '[@total]',
  'all',
  '{id: 1}',
]
const PATHS = Object.keys(ROW_SHEETS)

/** The files of FORMATS 7 and one for each form of `rows:`, one of them with parts cut out and put in. */
const MUTATED = fc
  .tuple(fc.constantFrom(...PATHS), fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...PIECES)), { minLength: 1, maxLength: 5 }))
  .map(([path, edits]) => {
    const text = edits.reduce((kept, [at, cut, piece]) => {
      const place = at % (kept.length + 1)
      return kept.slice(0, place) + piece + kept.slice(place + cut)
    }, ROW_SHEETS[path] ?? '')
    // With what it reads, so that references have something to find.
    const around: Readonly<Record<string, string>> = {
      'sales/workbook.yaml': ROW_SHEETS['sales/workbook.yaml'] ?? '',
      'sales/open_orders.sheet.yaml': ROW_SHEETS['sales/open_orders.sheet.yaml'] ?? '',
      'sales/paid_orders.sheet.yaml': ROW_SHEETS['sales/paid_orders.sheet.yaml'] ?? '',
      'sales/customers.sheet.yaml': ROW_SHEETS['sales/customers.sheet.yaml'] ?? '',
    }
    return { path, files: { ...around, [path]: text } }
  })

describe('no file breaks the loader', () => {
  it('mutated sheets: coded diagnostics at real places', () => {
    fc.assert(
      fc.property(MUTATED, ({ files }) => {
        const found = lint(files, ROW_TABLES)
        for (const one of found) {
          expect(one.code).toMatch(/^(formula|workbook)\/[a-z-]+$/)
          expect(one.line).toBeGreaterThan(0)
          expect(one.column).toBeGreaterThan(0)
        }
        expect(formatDiagnostics(found)).not.toBe('')
      }),
      { numRuns: RUNS },
    )
  })

  it('mutated sheets: fmt keeps on its feet', () => {
    fc.assert(
      fc.property(MUTATED, ({ path, files }) => {
        const once = formatFile(path, files[path] ?? '')
        expect(formatFile(path, once.text).text).toBe(once.text)
      }),
      { numRuns: RUNS },
    )
  })

  it('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(lint({ 'w/s.sheet.yaml': text, 'w/workbook.yaml': text }, ROW_TABLES)).toBeInstanceOf(Array)
      }),
      { numRuns: RUNS },
    )
  })
})
