import { describe, expect, it } from 'vitest'
import { cursorIn, SALES } from '../testing/sales-scope.ts'
import { signatureAt } from './signature-at.ts'

/** `NAME(params) argument/parameter` */
function at(marked: string): string | null {
  const { text, offset } = cursorIn(marked)
  const found = signatureAt(text, offset, SALES)
  if (found === null) return null
  const parameter = found.parameter === null ? '-' : found.parameters[found.parameter]?.name
  return `${found.label} ${found.argument} ${parameter}`
}

describe('the call around the cursor', () => {
  it.each([
    ['=ROUND(|', 'ROUND(number, [digits]) 0 number'],
    ['=ROUND([@total]|, 2)', 'ROUND(number, [digits]) 0 number'],
    ['=ROUND([@total],|', 'ROUND(number, [digits]) 1 digits'],
    ['=ROUND([@total], 2, |)', 'ROUND(number, [digits]) 2 -'],
    ['=ROUND(ABS(|1), 2)', 'ABS(number) 0 number'],
    ['=ROUND(ABS(1)|, 2)', 'ROUND(number, [digits]) 0 number'],
    ['=ROUND((1+(2|', 'ROUND(number, [digits]) 0 number'],
    ['=ROUND("a,b(", |', 'ROUND(number, [digits]) 1 digits'],
    ['=ROUND(t[a,b], |', 'ROUND(number, [digits]) 1 digits'],
    ['=ROUND(1;|', 'ROUND(number, [digits]) 1 digits'],
    ['=GROSS(1, |', 'GROSS(net, rate) 1 rate'],
    ['=GROSS(1, 2, |', 'GROSS(net, rate) 2 -'],
    ['=LET(f, LAMBDA(a, b, a+b), f(1, |', 'f(a, b) 1 b'],
    ['=LET(round, LAMBDA(x, x), round(|', 'round(x) 0 x'],
    ['=nothing(|', null],
    ['=ROUND|(1)', null],
    ['=1+|', null],
    ['=ROUND(1)|', null],
  ])('%s', (marked, wanted) => {
    expect(at(marked)).toBe(wanted)
  })

  it('the last parameters come again', () => {
    expect(at('=SUMIFS(shop!orders[total], shop!orders[id], 1, shop!orders[status], |')).toMatch(/ 4 criterion/)
    expect(at('=SUMIFS(shop!orders[total], shop!orders[id], 1, |')).toMatch(/ 3 /)
  })
})
