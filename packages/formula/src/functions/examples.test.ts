import { describe, expect, it } from 'vitest'
import { valueKey } from '@sheetflow/core/key'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import { calculate } from '../calculator/calculate.ts'
import { shown } from '../testing/shown.ts'
import { Grid, gridOf, type FormulaValue } from '../value/grid.ts'
import { FUNCTIONS } from './catalogue.ts'
import { EXAMPLE_SHEET } from './example-sheet.ts'
import { OPERATORS } from './operators.ts'

describe('examples of the function reference', () => {
  for (const definition of [...FUNCTIONS, ...OPERATORS]) {
    it.each(definition.examples)(`${definition.name}: $formula is $result`, ({ formula, result }) => {
      const got = calculate(formula, EXAMPLE_SHEET)
      const wanted = result === '' ? { value: null } : calculate(`=${result}`, EXAMPLE_SHEET)
      expect(got.diagnostics.filter((one) => one.severity === 'error')).toEqual([])
      expect(shown(got.value)).toEqual(shown(wanted.value))
    })
  }
})

describe('examples by the rules of a sheet, where it allows them', () => {
  const { dynamic: _, ...sheet } = EXAMPLE_SHEET
  for (const definition of [...FUNCTIONS, ...OPERATORS]) {
    it.each(definition.examples)(`${definition.name}: $formula`, ({ formula }) => {
      const { value, diagnostics } = calculate(formula, sheet)
      const allowed = !diagnostics.some((one) => one.severity === 'error')
      expect(allowed ? rounded(value) : null).toEqual(allowed ? rounded(calculate(formula, EXAMPLE_SHEET).value) : null)
    })
  }
})

/** Decimals of 15 digits and doubles alike. */
function rounded(value: FormulaValue): unknown {
  const cells = gridOf(value).cells.map((cell) => (isNumber(cell) ? Number(toDecimal(cell).toNumber().toPrecision(12)) : valueKey(cell)))
  return value instanceof Grid && cells.length > 1 ? [value.rows, cells] : cells
}

describe('the catalogue', () => {
  it.each(FUNCTIONS)('$name has three examples, one with an error and one with Blank', ({ examples }) => {
    expect(examples.length).toBeGreaterThanOrEqual(3)
    expect(examples.some((one) => /\[@blank\]|""|IFERROR|items\[note\]/.test(one.formula))).toBe(true)
    expect(examples.some((one) => one.result.includes('#') || /#N\/A|1\/0/.test(one.formula))).toBe(true)
  })

  it.each([...FUNCTIONS, ...OPERATORS])('$name has a line of help and names for its parameters', ({ help, params }) => {
    expect(help).toMatch(/^[A-Z].*\.$/)
    expect(params.every((one) => /^[a-z_]+$/.test(one.name))).toBe(true)
  })

  it('names every function once', () => {
    const names = FUNCTIONS.map((one) => one.name)
    expect(new Set(names).size).toBe(names.length)
  })
})
