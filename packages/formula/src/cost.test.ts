import { describe, expect, it } from 'vitest'
import { bindFormula } from './bind/bind-formula.ts'
import type { Scope } from './bind/scope.ts'
import { plainRelation } from './calculator/plain-table.ts'
import { costOf } from './cost.ts'
import { parseFormula } from './syntax/parse.ts'
import { CUSTOMERS, ORDERS } from './testing/shop.ts'

const SCOPE: Scope = {
  workbook: 'sales',
  timeZone: 'UTC',
  row: plainRelation(CUSTOMERS),
  relation: (_, name) => ({ kind: 'relation', relation: plainRelation(name === 'orders' ? ORDERS : CUSTOMERS) }),
  relationNames: () => [],
  named: (name) =>
    name === 'TOTAL'
      ? {
          kind: 'formula',
          view: 'sales.sales_values',
          column: { kind: 'column', index: 0, name, type: { type: 'decimal' }, nullable: false },
          live: true,
        }
      : null,
  names: () => ['TOTAL'],
}

function cost(formula: string, single = false): string {
  const { expr, diagnostics } = bindFormula(parseFormula(formula), SCOPE)
  expect(diagnostics).toEqual([])
  return costOf(expr, { view: 'sales.customers', key: single ? [] : [0], single, isLive: () => true }).class
}

describe('cost class', () => {
  it.each([
    ['=[@name]&"!"', 'constant'],
    ['=TODAY()', 'constant'],
    ['=SUMIFS(shop!orders[total],shop!orders[customer_id],[@id])', 'constant'],
    ['=MAXIFS(shop!orders[total],shop!orders[customer_id],[@id])', 'log'],
    ['=SUMIFS(shop!orders[total],shop!orders[quantity],[@tenant])', 'fan-out'],
    ['=SUMIFS(shop!orders[total],shop!orders[customer_id],">"&[@id])', 'fan-out'],
    ['=XLOOKUP([@tenant],shop!customers[id],shop!customers[name])', 'fan-out'],
    ['=XLOOKUP([@id],shop!customers[id],shop!customers[name])', 'constant'],
    ['=IF(TRUE,SUM(shop!orders[total]),0)', 'whole-table'],
    ['=[@tenant]/TOTAL', 'whole-table'],
    ['=LET(x,[@id],SUMIFS(shop!orders[total],shop!orders[customer_id],x))', 'constant'],
    ['=COUNTIFS(shop!orders[customer_id],[@id],shop!orders[total],">"&[@tenant])', 'log'],
    ['=COUNTIFS(shop!orders[customer_id],[@id],shop!orders[total],">"&[@tenant],shop!orders[quantity],"<"&[@tenant])', 'fan-out'],
    ['=MAXIFS(shop!orders[total],shop!orders[customer_id],[@id],shop!orders[total],"<"&[@tenant])', 'fan-out'],
    ['=COUNTIFS(shop!orders[customer_id],[@id],shop!orders[quantity],"<>"&[@tenant])', 'fan-out'],
    ['=XLOOKUP([@id],shop!orders[customer_id],shop!orders[total],,-1)', 'fan-out'],
    ['=RANK([@id],shop!customers[id])', 'fan-out'],
    ['=MEDIAN(shop!orders[total])', 'whole-table'],
    ['=SUM(shop!orders[total]*2)', 'whole-table'],
    ['=LET(x,shop!orders[total],SUMPRODUCT(x,shop!orders[quantity]))', 'whole-table'],
    ['=LET(x,[@id]+1,SUMIFS(shop!orders[total],shop!orders[customer_id],x))', 'fan-out'],
  ])('%s is %s', (formula, wanted) => {
    expect(cost(formula)).toBe(wanted)
  })

  it('whole columns as arrays are a whole table for one row too', () => {
    expect(cost('=TEXTJOIN(", ",TRUE,shop!customers[name])', true)).toBe('whole-table')
    expect(cost('=REDUCE(0,shop!orders[total],LAMBDA(a,x,a+x))', true)).toBe('whole-table')
  })

  it('of one row nothing else is a whole table', () => {
    expect(cost('=SUM(shop!orders[total])', true)).toBe('constant')
    expect(cost('=MAX(shop!orders[total])', true)).toBe('log')
    expect(cost('=MEDIAN(shop!orders[total])', true)).toBe('log')
    expect(cost('=STDEV.S(shop!orders[total])', true)).toBe('constant')
    expect(cost('=XLOOKUP(5,shop!orders[quantity],shop!orders[total],,1)', true)).toBe('log')
  })
})
