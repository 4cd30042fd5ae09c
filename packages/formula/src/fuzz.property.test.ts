import { isNumber } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { calculate, type CalculatorInput } from './calculator/calculate.ts'
import { FUNCTIONS } from './functions/catalogue.ts'
import { EXAMPLE_SHEET } from './functions/example-sheet.ts'
import { OPERATORS } from './functions/operators.ts'
import { parseFormula } from './syntax/parse.ts'
import { FORMULA, withoutRanges } from './testing/arbitrary-formula.ts'
import { gridOf } from './value/grid.ts'
import { printFormula } from './syntax/print.ts'

const RUNS = runs(3_000, 100_000)

const CORPUS = [...FUNCTIONS, ...OPERATORS].flatMap((one) => one.examples.map((example) => example.formula))
const PIECES = [
  ...'=+-*/^&%<>(){}[],;:!@#"\'.0123456789 eE\n\t\u0000\ud800é'.split(''),
  '[@price]',
  '[@blank]',
  '[@name]',
  '[@date]',
  '[@at]',
  '[price]',
  'items[amount]',
  'items',
  '#N/A',
  'TRUE',
  '"a*"',
  '1e308',
  '99999999999999999999',
  '1e-30',
  '-1',
  'LAMBDA(x,x)',
  'LET(x,',
  '{1,2;3,4}',
  'SEQUENCE(1000)',
  'SEQUENCE(1000,1000)',
  'REPT("a",32767)',
  'REDUCE(0,',
  'MAP(',
  'LAMBDA(a,b,',
  '"(a+)+$"',
  'constructor',
  '__proto__',
  'toString',
]

/** A formula of the corpus with some parts cut out, doubled, or put in. */
const MUTATED: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...CORPUS),
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.nat(8),
        fc.oneof(
          fc.constantFrom(...PIECES),
          fc.constantFrom(...CORPUS).map((one) => one.slice(1)),
        ),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([formula, edits]) =>
    edits.reduce(
      (text, [at, cut, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + cut),
      formula,
    ),
  )

const EXCEL_PARTS =
  `A1~$B$2~C:C~2:3~Sheet1!~'My sheet'!~[1]~Jan:Mar!~t[a]~[@b]~x~SUM(~(~)~,~ ~:~#~#REF!~_xlfn.~_xlpm.~-~%~1~"a"~{1,2}~@~&~TRUE~!~'~SINGLE(`.split(
    '~',
  )

/** Parts of Excel formulas, put together at random. */
const EXCEL_TEXT: fc.Arbitrary<string> = fc.array(fc.constantFrom(...EXCEL_PARTS), { maxLength: 10 }).map((parts) => `=${parts.join('')}`)

const CODES = /^formula\/(syntax|unknown-name|unknown-function|arguments|type|not-allowed|cycle|cost)$/

function check(text: string, input: CalculatorInput = EXAMPLE_SHEET): void {
  const { value, type, diagnostics } = calculate(text, input)
  for (const { code, range, message } of diagnostics) {
    expect(code).toMatch(CODES)
    expect(message).not.toBe('')
    expect(range.start).toBeGreaterThanOrEqual(0)
    expect(range.end).toBeGreaterThanOrEqual(range.start)
    expect(range.end).toBeLessThanOrEqual(text.length)
  }
  if (!diagnostics.some((one) => one.severity === 'error')) for (const cell of gridOf(value).cells) checkForm(cell, type.type?.type)
}

/** A value has the form that its static type says. */
function checkForm(value: Value, type: string | undefined): void {
  if (value === null || (typeof value === 'object' && value !== null && 'kind' in value)) return
  switch (type) {
    case undefined:
      throw new Error('always Blank, and is a value')
    case 'int':
    case 'date':
      expect(Number.isSafeInteger(value)).toBe(true)
      return
    case 'bigint':
      expect(typeof value).toBe('bigint')
      return
    case 'decimal':
      expect(value).toMatchObject({ scale: expect.any(Number) as number })
      return
    case 'any':
      expect(isNumber(value) || typeof value === 'string' || typeof value === 'boolean').toBe(true)
      return
    case 'text':
      expect(typeof value).toBe('string')
      return
    case 'bool':
      expect(typeof value).toBe('boolean')
      return
    case 'timestamp':
    case 'timestamptz':
      expect(value).toMatchObject({ days: expect.any(Number) as number, micros: expect.any(Number) as number })
  }
}

describe('no input breaks the language', () => {
  it('formulas with pieces cut out and put in', () => {
    fc.assert(
      fc.property(MUTATED, (text) => {
        expect(() => check(text)).not.toThrow()
      }),
      { numRuns: RUNS },
    )
  })

  it('the same where values may be of any kind and results arrays', () => {
    fc.assert(
      fc.property(MUTATED, (text) => {
        expect(() => check(text, { ...EXAMPLE_SHEET, dynamic: true })).not.toThrow()
      }),
      { numRuns: RUNS },
    )
  })

  it('any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(() => check(`=${text}`)).not.toThrow()
      }),
      { numRuns: RUNS },
    )
  })

  it('formulas of Excel files: every range is in the text, and what has no error prints to itself', () => {
    fc.assert(
      fc.property(fc.oneof(MUTATED, EXCEL_TEXT), (text) => {
        const { node, diagnostics } = parseFormula(text, { dialect: 'excel' })
        for (const { range } of diagnostics) {
          expect(range.start).toBeGreaterThanOrEqual(0)
          expect(range.end).toBeGreaterThanOrEqual(range.start)
          expect(range.end).toBeLessThanOrEqual(text.length)
        }
        if (diagnostics.length > 0) return
        const printed = printFormula(node)
        expect(withoutRanges(parseFormula(printed, { dialect: 'excel' }).node)).toEqual(withoutRanges(node))
      }),
      { numRuns: RUNS },
    )
  })

  it('any tree', () => {
    fc.assert(
      fc.property(FORMULA, (node) => {
        expect(() => check(`=${printFormula(node)}`)).not.toThrow()
      }),
      { numRuns: RUNS },
    )
  })

  it('named functions that call each other do not grow without bound', () => {
    const doubled = Array.from({ length: 30 }, (_, i) => `f${i}, LAMBDA(x, ${i === 0 ? 'x' : `f${i - 1}(x)+f${i - 1}(x)`})`).join(', ')
    const { diagnostics } = calculate(`=LET(${doubled}, f29(1))`, EXAMPLE_SHEET)
    expect(diagnostics.map((one) => one.message)).toContain('the formula grows too large')
  })

  it('long chains neither run out of stack nor are refused', () => {
    const { value, diagnostics } = calculate(`=${'[@quantity]+'.repeat(400)}1`, EXAMPLE_SHEET)
    expect(diagnostics).toEqual([])
    expect(value).toBe(1601)
    expect(calculate(`=${'1+'.repeat(4000)}1`, EXAMPLE_SHEET).diagnostics.map((one) => one.message)).toContain(
      'the formula grows too large',
    )
    expect(() => printFormula(parseFormula(`=${'1+'.repeat(4000)}1`).node)).not.toThrow()
  })
})
