import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { parseFormula } from '../syntax/parse.ts'
import { printFormula } from '../syntax/print.ts'
import { FORMULA } from '../testing/arbitrary-formula.ts'
import { format } from './format.ts'

describe('the canonical text', () => {
  it.each([
    ['=sum( t[x] )+1*(2)', '=SUM(t[x]) + 1 * 2'],
    ['1+1', '=1 + 1'],
    ['=[@[total]]', '=[@total]'],
    ['=if(true,"a""b",)', '=IF(TRUE, "a""b", )'],
    ['=LET(sum,LAMBDA(x,x),sum(1))', '=LET(sum, LAMBDA(x, x), sum(1))'],
    ['=gross(1)', '=gross(1)'],
    ["=t[[#This Row],[it''s]]", "=t[@[it''s]]"],
    ['={1,2;3,4}', '={1, 2; 3, 4}'],
    ['=1+', '=1+'],
  ])('%s is written %s', (text, wanted) => {
    expect(format(text)).toBe(wanted)
  })

  it('of a canonical text is that text', () => {
    fc.assert(
      fc.property(FORMULA, (node) => {
        const once = format(`=${printFormula(node)}`)
        expect(format(once)).toBe(once)
        expect(parseFormula(once).diagnostics).toEqual([])
      }),
      { numRuns: runs(500, 20_000) },
    )
  })
})
