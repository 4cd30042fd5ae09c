import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { EXCEL_FORMULA, FORMULA, withoutRanges } from '../testing/arbitrary-formula.ts'
import type { Node } from './node.ts'
import { parseFormula, type Dialect } from './parse.ts'
import { printFormula } from './print.ts'

const RUNS = runs(3_000, 100_000)

describe('printing', () => {
  it.each<[Dialect, fc.Arbitrary<Node>]>([
    ['sheet', FORMULA],
    ['excel', EXCEL_FORMULA],
  ])('a printed tree parses to the same tree: dialect %s', (dialect, formula) => {
    fc.assert(
      fc.property(formula, (node) => {
        const text = `=${printFormula(node)}`
        const { node: again, diagnostics } = parseFormula(text, { dialect })
        expect({ text, diagnostics, tree: withoutRanges(again) }).toEqual({ text, diagnostics: [], tree: withoutRanges(node) })
      }),
      { numRuns: RUNS },
    )
  })
})
