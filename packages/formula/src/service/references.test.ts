import { describe, expect, it } from 'vitest'
import { SALES, SALES_ROWS } from '../testing/sales-scope.ts'
import { references } from './references.ts'

/** Each reference as `kind text → table`. */
function read(text: string, scope = SALES): string[] {
  return references(text, scope).map((one) => {
    const at = one.kind === 'value' ? '' : ` → ${one.relation}`
    return `${one.kind}${one.kind === 'column' && one.row ? '@' : ''} ${text.slice(one.range.start, one.range.end)}${at}`
  })
}

describe('what a formula reads', () => {
  it.each([
    ['=[@total]*(1+VAT)', ['column@ total → shop!orders', 'value VAT']],
    ['=[@[unit price]]', ['column@ unit price → shop!orders']],
    ['=SUM(shop!orders[total])', ['table orders → shop!orders', 'column total → shop!orders']],
    ['=SUM([total])', ['column total → shop!orders']],
    ['=ROWS(open_orders)', ['table open_orders → sales.open_orders']],
    ['=GROSS([@total], 0.23)', ['value GROSS', 'column@ total → shop!orders']],
    ['=((VAT))', ['value VAT']],
    ['=shop!customers[[id]:[name]]', ['table customers → shop!customers', 'column id → shop!customers', 'column name → shop!customers']],
    ['=[@totl]+shop!nothing[x]', ['column@ totl → shop!orders', 'table nothing → null', 'column x → null']],
    ['=SUM(1,', []],
  ])('%s reads %j', (text, wanted) => {
    expect(read(text)).toEqual(wanted)
  })

  it('a name that LET or LAMBDA gives hides a value, from where it is given', () => {
    expect(read('=VAT+LET(vat,VAT*2,vat+1)')).toEqual(['value VAT', 'value VAT'])
    expect(read('=LAMBDA(vat,vat)(VAT)')).toEqual(['value VAT'])
    expect(read('=LET(x,1,LET(x,2,x)+VAT)')).toEqual(['value VAT'])
  })

  it('without a row a column in the condition of FILTER belongs to what is filtered', () => {
    expect(read('=FILTER(FILTER(shop!customers, [tenant]=1), [name]="a")', SALES_ROWS)).toEqual([
      'table customers → shop!customers',
      'column tenant → shop!customers',
      'column name → shop!customers',
    ])
  })
})
