import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import type { Range } from '../diagnostic.ts'
import { parseFormula } from '../syntax/parse.ts'
import { printFormula } from '../syntax/print.ts'
import { FORMULA } from '../testing/arbitrary-formula.ts'
import { SALES, SALES_ROWS } from '../testing/sales-scope.ts'
import { complete } from './complete.ts'
import { diagnose } from './diagnose.ts'
import { format } from './format.ts'
import { hover } from './hover.ts'
import { references } from './references.ts'
import { rename } from './rename.ts'
import { signatureAt } from './signature-at.ts'

const PIECES = [
  ...'=+-*^&%<>(){}[],;:!@#"\'. \n\ud800é'.split(''),
  ...'[@total]~[@~[unit price]~shop!orders[~shop!~open_orders~LET(x,~LAMBDA(y,~x~y~SUM(~SUMIFS(~VAT~GROSS(~TOTAL_SALES~1~"a"~#N/A'.split(
    '~',
  ),
  ..."FILTER(shop!customers,~constructor~__proto__~[[#Data],[~'my shop'!".split('~'),
]

const TEXT: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => `=${parts.join('')}`),
  FORMULA.map((node) => `=${printFormula(node)}`),
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const NEW_NAME = fc.oneof(fc.constantFrom('x', 'net amount', "it's [a]", '', 'SUM', 'A1'), fc.string({ maxLength: 5 }))

function isInside({ start, end }: Range, text: string): void {
  expect(start).toBeGreaterThanOrEqual(0)
  expect(end).toBeGreaterThanOrEqual(start)
  expect(end).toBeLessThanOrEqual(text.length)
}

describe('the language service', () => {
  it('never fails, and every range is inside of the text', () => {
    fc.assert(
      fc.property(TEXT, fc.nat(60), fc.constantFrom(SALES, SALES_ROWS), (text, at, scope) => {
        const offset = at % (text.length + 1)
        for (const { range } of diagnose(text, scope).diagnostics) isInside(range, text)
        for (const { range } of diagnose(text, scope, 'rows').diagnostics) isInside(range, text)
        for (const { range } of references(text, scope)) isInside(range, text)
        const completions = complete(text, offset, scope)
        if (completions !== null) {
          isInside({ start: completions.range.start, end: offset }, text)
          isInside({ start: offset, end: completions.range.end }, text)
        }
        for (const found of [signatureAt(text, offset, scope), hover(text, offset, scope)]) if (found !== null) isInside(found.range, text)
        expect(typeof format(text)).toBe('string')
        for (const outside of [-1, text.length + 5, Number.NaN]) {
          complete(text, outside, scope)
          signatureAt(text, outside, scope)
          hover(text, outside, scope)
        }
      }),
      { numRuns: runs(1_000, 20_000) },
    )
  })

  it('a renamed column is read in the same places under its new name, and nothing else changes', () => {
    fc.assert(
      fc.property(TEXT, NEW_NAME, (text, to) => {
        const target = { kind: 'column', relation: 'shop!orders', name: 'total' } as const
        const before = references(text, SALES)
        const { text: after, problems, edits } = rename(text, target, to, SALES)
        const meant = before.filter((one) => one.kind === 'column' && one.relation === 'shop!orders' && one.name.toLowerCase() === 'total')
        expect(edits).toHaveLength(problems.length > 0 ? 0 : meant.length)
        if (parseFormula(text).diagnostics.length > 0 || problems.length > 0) return
        expect(parseFormula(after).diagnostics).toEqual([])
        expect(references(after, SALES).map((one) => one.name)).toEqual(before.map((one) => (meant.includes(one) ? to : one.name)))
      }),
      { numRuns: runs(500, 10_000) },
    )
  })
})

describe('long formulas', () => {
  it.each([
    `=${'1+'.repeat(4_000)}1`,
    `=1${'%'.repeat(8_000)}`,
    `=x${'#'.repeat(8_000)}`,
    `=x${'()'.repeat(4_000)}`,
    `=${'a:'.repeat(4_000)}a`,
    `=LET(${'x,1,'.repeat(2_000)}x)`,
  ])('a chain does not run out of stack: %.10s…', (text) => {
    const middle = Math.floor(text.length / 2)
    expect(() => {
      diagnose(text, SALES)
      references(text, SALES)
      complete(text, text.length, SALES)
      signatureAt(text, middle, SALES)
      hover(text, middle, SALES)
      rename(text, { kind: 'value', name: 'x' }, 'y', SALES)
      format(text)
    }).not.toThrow()
  })

  it.each([`=${'A1+'.repeat(10_000)}A1`, `=A1${'%'.repeat(30_000)}`, `=(A1${',A1'.repeat(10_000)})`, `=A1${' A1'.repeat(10_000)}`])(
    'of a file: %.10s…',
    (text) => {
      expect(() => printFormula(parseFormula(text, { dialect: 'excel' }).node)).not.toThrow()
    },
  )
})
