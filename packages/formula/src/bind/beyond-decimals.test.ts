import { describe, expect, it } from 'vitest'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import { calculate } from '../calculator/calculate.ts'
import { EXAMPLE_SHEET } from '../functions/example-sheet.ts'

function numberOf(formula: string): number | null {
  const { value } = calculate(formula, EXAMPLE_SHEET)
  return isNumber(value) ? toDecimal(value).toNumber() : null
}

describe('the calculator has doubles for numbers that decimals do not hold', () => {
  it.each([
    ['=2^200', 2 ** 200],
    ['=10^40', 1e40],
    ['="1E50"*1', 1e50],
    ['=1E100', 1e100],
    ['=-9.99E+307', -9.99e307],
    ['=SUM(9E37, 9E37)', 1.8e38],
    ['=1E30*1E30*1E-59', 10],
    ['=LOOKUP(9.99E+307, items[amount])', 30.5],
    ['=MATCH(9.99E+307, {1,5,3})', 3],
  ])('%s is %d', (formula, wanted) => {
    expect(numberOf(formula)).toBeCloseTo(wanted, -Math.log10(Math.abs(wanted)) + 12)
  })

  it.each(['=2^2000', '=1E308*10', '=(-8)^0.5'])('%s is #NUM!', (formula) => {
    expect(calculate(formula, EXAMPLE_SHEET).value).toMatchObject({ kind: '#NUM!' })
  })

  it('a sheet has none: its numbers are exact', () => {
    const { dynamic: _, ...sheet } = EXAMPLE_SHEET
    expect(calculate('=10^40', sheet).value).toMatchObject({ kind: '#NUM!' })
    expect(calculate('=1E100', sheet).diagnostics.map((one) => one.message)).toEqual(['a number has at most 38 digits'])
  })
})
