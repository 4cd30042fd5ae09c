import { describe, expect, it } from 'vitest'
import { SALES, SALES_ROWS } from '../testing/sales-scope.ts'
import { diagnose } from './diagnose.ts'
import { typeText } from './describe.ts'

describe('diagnosing a formula', () => {
  it.each([
    ['=[@total]*2', 'decimal', 'constant'],
    ['=[@customer_id]', 'bigint or Blank', 'constant'],
    ['=XLOOKUP([@customer_id], shop!customers[id], shop!customers[name])', 'text or Blank', 'fan-out'],
    ['=SUMIFS(shop!orders[total], shop!orders[id], [@id])', 'decimal', 'constant'],
    ['=[@total]/SUM(shop!orders[total])', 'decimal', 'whole-table'],
    ['=[@total]/TOTAL_SALES', 'decimal', 'whole-table'],
    ['=GROSS([@total], VAT)', 'decimal', 'constant'],
  ])('%s gives %s, at the cost class %s', (text, type, cost) => {
    const found = diagnose(text, SALES)
    expect(found.diagnostics).toEqual([])
    expect(found.type === null ? null : typeText(found.type)).toBe(type)
    expect(found.cost?.class).toBe(cost)
  })

  it('says all that is wrong at once, syntax and names, each at its place', () => {
    const text = '=[@totl]+SUMM(1;2)+VTA'
    const { diagnostics, type, cost } = diagnose(text, SALES)
    expect(diagnostics.map((one) => [text.slice(one.range.start, one.range.end), one.fix])).toEqual([
      [';', 'write ","'],
      ['totl', 'did you mean [total]?'],
      ['SUMM', expect.stringContaining('SUM') as string],
      ['VTA', 'did you mean VAT?'],
    ])
    expect([type, cost]).toEqual([null, null])
  })

  it('reads the formula of rows as rows', () => {
    expect(diagnose('=FILTER(shop!orders, shop!orders[paid])', SALES_ROWS, 'rows').diagnostics).toEqual([])
    expect(diagnose('=PIVOTBY(shop!orders[paid], shop!orders[id], shop!orders[total], SUM, {1})', SALES_ROWS, 'rows').diagnostics).toEqual(
      [],
    )
    expect(diagnose('=SUM(shop!orders[total])', SALES_ROWS, 'rows').diagnostics).toMatchObject([{ code: 'formula/type' }])
  })
})
