import { describe, expect, it } from 'vitest'
import { bindRows } from './bind/bind-rows.ts'
import { calculate } from './calculator/calculate.ts'
import { EXAMPLE_SHEET } from './functions/example-sheet.ts'
import { parseFormula } from './syntax/parse.ts'
import { inCalculator } from './testing/result-text.ts'
import { SALES_ROWS } from './testing/sales-scope.ts'

const NAMES = ['constructor', '__proto__', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'isPrototypeOf']

describe('names of JavaScript objects mean nothing in formulas', () => {
  it.each(
    NAMES.flatMap((name) => [
      `=${name}`,
      `=${name}(1)`,
      `=[@${name}]`,
      `=SUM([${name}])`,
      `=SUM(items[${name}])`,
      `=SUM(${name}[amount])`,
      `=${name}!items[amount]`,
      `=SUM(items[[#${name}],[amount]])`,
      `=BYROW({1,2}, ${name})`,
      `=REDUCE(0, {1}, ${name})`,
    ]),
  )('%s is unknown', (formula) => {
    const { diagnostics } = calculate(formula, { ...EXAMPLE_SHEET, dynamic: true })
    expect(diagnostics.filter((one) => one.severity === 'error')).not.toEqual([])
  })

  it.each(
    NAMES.flatMap((name): [string, string][] => [
      [`=LET(${name}, 2, ${name}+1)`, '3'],
      [`=LAMBDA(${name}, ${name}*2)(4)`, '8'],
      [`=LET(${name}, LAMBDA(x, x+1), ${name}(1))`, '2'],
      [`=CONVERT(1, "${name}", "m")`, '#N/A'],
      [`=CONVERT(1, "k${name}", "m")`, '#N/A'],
      [`=DATEDIF(1, 2, "${name}")`, '#NUM!'],
      [`=REGEXTEST("a", "[[:${name.replaceAll('_', '').toLowerCase()}:]]")`, '#VALUE!'],
      [`=REGEXTEST("a", "\\p{${name}}")`, '#VALUE!'],
      [`=COUNTIF({"a","${name}"}, "${name}")`, '1'],
      [`=XLOOKUP("${name}", {"a","b"}, {1,2}, "none")`, '"none"'],
      [`=COLUMNS(UNIQUE({"${name}","a","${name}"}, TRUE))`, '2'],
      [`=DSUM({"${name}";1;2}, "${name}", {"${name}";">1"})`, '2'],
    ]),
  )('%s is %s', (formula, result) => {
    expect(inCalculator(formula)).toBe(result)
  })

  it.each(NAMES)('MERGE(…, "%s") is refused', (name) => {
    const formula = `=MERGE(shop!customers, shop!orders, shop!customers[id]=shop!orders[customer_id], "${name}")`
    expect(bindRows(parseFormula(formula), SALES_ROWS).diagnostics.map((one) => one.message)).toContain(
      'MERGE keeps the pairs ("inner"), or also rows of the first table alone ("left")',
    )
  })
})
