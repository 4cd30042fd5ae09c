import type { FunctionSignature, FunctionSignatures } from '@sheetflow/core/function-signature'
import { describe, expect, it } from 'vitest'
import { complete } from '../service/complete.ts'
import { hover } from '../service/hover.ts'
import { signatureAt } from '../service/signature-at.ts'
import { parseFormula } from '../syntax/parse.ts'
import { cursorIn, SALES } from '../testing/sales-scope.ts'
import { bindFormula } from './bind-formula.ts'
import type { Scope } from './scope.ts'

function signature(params: Readonly<Record<string, FunctionSignature['result']>>): FunctionSignature {
  return {
    version: '1',
    params: Object.entries(params).map(([name, type]) => ({ name, ...type })),
    result: { type: { type: 'int' }, nullable: true },
    onPending: 'hold',
    help: 'How friendly a text is.',
  }
}

const TEXT = { type: { type: 'text' }, nullable: false } as const
const FUNCTIONS: FunctionSignatures = {
  score: signature({ text: TEXT }),
  weigh: signature({ amount: { type: { type: 'decimal' }, nullable: false }, on: { type: { type: 'date' }, nullable: true } }),
  count_of: signature({ n: { type: { type: 'int' }, nullable: false } }),
}
const SCOPE: Scope = { ...SALES, functions: FUNCTIONS }

/** The first problem, and what to do about it. */
function problem(formula: string, scope: Scope = SCOPE): readonly unknown[] | null {
  const [first] = bindFormula(parseFormula(formula), scope).diagnostics
  return first === undefined ? null : [first.code, first.message, first.fix]
}

describe('the call of an asynchronous function', () => {
  it('is a node of its own with what is asked for, and its result type', () => {
    expect(bindFormula(parseFormula('=Score([@status])'), SCOPE).expr).toMatchObject({
      kind: 'async',
      fn: 'score',
      version: '1',
      args: [{ kind: 'column' }],
      params: [TEXT],
      onPending: 'hold',
      type: { type: 'int' },
      nullable: true,
    })
  })

  it.each([
    '=SCORE([@status]&"!")+1',
    '=IF([@paid], SCORE([@status]), 0)',
    '=WEIGH([@quantity], DATE(2026, 1, 1))',
    '=WEIGH(1, "2026-11-23")',
    '=WEIGH(1, )',
    '=XLOOKUP(SCORE([@status]), shop!customers[id], shop!customers[name], "?")',
    '=SUMIFS(shop!orders[total], shop!orders[quantity], SCORE([@status]))',
    '=MAP(shop!orders[total], LAMBDA(x, x*COUNT_OF(1)))&""',
  ])('may stand in %s', (formula) => {
    const found = problem(formula)
    // Of the last one only the array is wrong.
    expect(found === null || String(found[1]).includes('not an array')).toBe(true)
  })

  it.each([
    ['=SCOER([@status])', 'formula/unknown-function', /no function SCOER/, /SCORE/],
    ['=SCORE', 'formula/unknown-name', /no value named "SCORE"/, /call it: SCORE\(\)/],
    ['=SCORE()', 'formula/arguments', /SCORE takes 1 argument and has none/, /SCORE\(text\)/],
    ['=SCORE(1, 2)', 'formula/arguments', /takes at most 1 argument|takes 1 argument/, /SCORE\(text\)/],
    ['=SCORE([@quantity])', 'formula/type', /"text" is text, and this is int/, /TEXT/],
    ['=COUNT_OF([@status])', 'formula/type', /"n" is int, and this is text/, /VALUE/],
    ['=COUNT_OF([@total])', 'formula/type', /"n" is int, and this is decimal/, /declare the parameter as decimal/],
    ['=WEIGH(1, TRUE)', 'formula/type', /"on" is date, and this is boolean/, /give it a date/],
    ['=SUM(MAP(shop!orders[quantity], LAMBDA(n, COUNT_OF(n))))', 'formula/not-allowed', /cannot ask tables or functions/, /add a column/],
  ] as const)('%s is refused', (formula, code, message, fix) => {
    expect(problem(formula)).toEqual([code, expect.stringMatching(message), expect.stringMatching(fix)])
  })

  it('a function of Excel, or of the workbook, hides one of the same name', () => {
    const functions = { round: signature({ text: TEXT }), gross: signature({ text: TEXT }) }
    const kinds = ['=ROUND(1.5, 0)', '=GROSS(1, 2)'].map((formula) => bindFormula(parseFormula(formula), { ...SCOPE, functions }).expr.kind)
    expect(kinds).not.toContain('async')
  })
})

describe('an editor knows it', () => {
  const at = (marked: string) => cursorIn(marked)

  it('completion', () => {
    const { text, offset } = at('=SCO|')
    expect(complete(text, offset, SCOPE)?.items[0]).toEqual({
      kind: 'function',
      label: 'SCORE',
      insert: 'SCORE(',
      detail: 'SCORE(text)',
      help: 'How friendly a text is.',
    })
  })

  it('signature', () => {
    const { text, offset } = at('=weigh(1, |')
    expect(signatureAt(text, offset, SCOPE)).toMatchObject({ label: 'WEIGH(amount, on)', argument: 1, parameter: 1 })
  })

  it('hover, with the type and cost of the call', () => {
    const { text, offset } = at('=SC|ORE([@status])')
    expect(hover(text, offset, SCOPE)).toMatchObject({
      kind: 'function',
      title: 'SCORE(text)',
      type: { type: { type: 'int' }, nullable: true },
      cost: { class: 'constant' },
      help: 'How friendly a text is.',
    })
  })
})
