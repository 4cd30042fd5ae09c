import { runs } from '@sheetflow/testkit/runs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FORMULA, withoutRanges } from '../testing/arbitrary-formula.ts'
import { parseFormula } from './parse.ts'
import { printFormula } from './print.ts'

const RUNS = runs(3_000, 100_000)

describe('printing', () => {
  it('a printed tree parses to the same tree', () => {
    fc.assert(
      fc.property(FORMULA, (node) => {
        const text = `=${printFormula(node)}`
        const { node: again, diagnostics } = parseFormula(text)
        expect({ text, diagnostics, tree: withoutRanges(again) }).toEqual({ text, diagnostics: [], tree: withoutRanges(node) })
      }),
      { numRuns: RUNS },
    )
  })
})
