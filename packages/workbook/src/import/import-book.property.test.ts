import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { lint } from '../lint.ts'
import { runTests } from '../test-runner/run-tests.ts'
import { plainEvaluate } from '../testing/plain-evaluate.ts'
import { excelBook, type TestCell } from '../testing/excel-book.ts'
import { importBook } from './import-book.ts'

const NASTY = [
  '',
  ' ',
  'a: b',
  '=x',
  'x #y',
  'no',
  '~',
  'null',
  '"',
  "'",
  '007',
  '1e3',
  '- a',
  '{',
  'a\nb',
  '\u2028',
  '#N/A',
  'TRUE',
  'Sum',
  'A1',
  'R1C1',
  'é',
  '1 2',
  'row',
]

const header = fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 8 }))

const formula = fc
  .tuple(
    fc.constantFrom(
      'B2*2',
      'SUM(B:B)',
      'B1',
      'SUM($B$2:$B$4)',
      'VLOOKUP(A2,Two!A:B,2,FALSE)',
      '$H$1+B2',
      'Two!$B$2',
      'B2&"x"',
      'IF(B2>1,1,"a")',
      'C2',
      'D2+1',
      'TODAY()-B2',
      '1/0',
      'NAME_X+1',
      'B2:B3',
      'SUM(B2:C2)',
      '"',
    ),
    fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.boolean()),
  )
  .map(([text, result]): TestCell => [`=${text}`, result])

const cell: fc.Arbitrary<TestCell> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -5, max: 5 }) },
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(...NASTY),
  fc.string({ maxLength: 5 }),
  fc.boolean(),
  fc.constant(null),
  fc.date({ min: new Date('1900-03-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  { weight: 3, arbitrary: formula },
)

const sheet = fc
  .tuple(fc.array(header, { minLength: 1, maxLength: 5 }), fc.array(fc.array(cell, { minLength: 1, maxLength: 9 }), { maxLength: 5 }))
  .map(([names, rows]) => ({ rows: [names, ...rows] }))

describe('any book', () => {
  it('becomes a workbook that compiles, whose tests pass, and that says what is not as it was', async () => {
    await fc.assert(
      fc.asyncProperty(sheet, sheet, async (one, two) => {
        const book = await excelBook({ One: one, Two: two }, { NAME_X: 'One!$B$2', FACTOR: '2' })
        const { files, tables, problems } = importBook(book, { name: 'b', source: 'main', today: 20_000 })
        expect(lint(files, tables).filter((found) => found.severity === 'error')).toEqual([])
        expect(runTests(files, tables, plainEvaluate).results.flatMap((result) => result.failures)).toEqual([])
        for (const { reason } of problems) expect(reason).not.toBe('')
      }),
      { numRuns: 100 },
    )
  }, 60_000)
})
