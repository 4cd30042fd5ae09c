import { FUNCTIONS } from '@sheetflow/formula/functions/catalogue'
import { OPERATORS } from '@sheetflow/formula/functions/operators'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, it } from 'vitest'
import { ExcelSheet, type ExcelBook } from './book.ts'
import { checkBook } from './check-book.ts'

const EXAMPLES = [...FUNCTIONS, ...OPERATORS].flatMap((one) => one.examples.map((example) => example.formula.slice(1)))
const PARTS =
  `A1~$B$2~A1:B3~C:C~2:3~One!A1~Two!A:A~A1#~same~twice~other~CELLS~OFFSET(~INDEX(~INDIRECT(~CHOOSE(~ROWS(~SUM(~LAMBDA(x,~REDUCE(0,~MAP(~LET(x,~x~(~)~)~,~,~ ~:~&~+~"A1"~"same"~{1,2}~1~-1~TRUE~#REF!~SEQUENCE(1000)~SEQUENCE(1000,1000)~constructor(~__proto__`.split(
    '~',
  )

/** Examples of functions with parts cut out and others put in, and parts alone. */
const TEXT: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(fc.constantFrom(...EXAMPLES), fc.constant('')),
    fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...PARTS)), { maxLength: 8 }),
  )
  .map(([formula, edits]) =>
    edits.reduce((text, [at, cut, part]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + part + text.slice(place + cut)
    }, formula),
  )

/** A book whose names may lead to the formula's text again. */
function bookOf(text: string, name: string): ExcelBook {
  const sheet = new ExcelSheet('One')
  for (let row = 1; row <= 9; row++) {
    sheet.set(row, 1, { value: row, formula: null })
    sheet.set(row, 2, { value: row % 2 === 0 ? `x${row}` : row / 7, formula: null })
  }
  sheet.set(2, 5, { value: 1, formula: { text, down: 0, across: 0, rows: 2, columns: 2, array: text.length % 2 === 0 } })
  const names = new Map([
    ['same', name],
    ['twice', '(same,same)'],
    ['other', 'same+other'],
    ['cells', 'One!$A$1:$A$9'],
  ])
  return { sheets: [sheet, new ExcelSheet('Two')], names, spelling: new Map(), tables: [], epoch: 0 }
}

it('no formula of an Excel file breaks the check', () => {
  fc.assert(
    fc.property(TEXT, TEXT, (text, name) => {
      expect(checkBook(bookOf(text, name)).cells).toBe(1)
    }),
    { numRuns: runs(1_500, 50_000) },
  )
})
