import { describe, expect, it } from 'vitest'
import { cursorIn, SALES, SALES_ROWS } from '../testing/sales-scope.ts'
import { complete, type Completions } from './complete.ts'
import { diagnose } from './diagnose.ts'

function at(marked: string, scope = SALES): Completions | null {
  const { text, offset } = cursorIn(marked)
  return complete(text, offset, scope)
}

function labels(marked: string, scope = SALES): string[] {
  return at(marked, scope)?.items.map((one) => one.label) ?? []
}

/** The text after taking the first completion. */
function taken(marked: string, scope = SALES): string {
  const { text } = cursorIn(marked)
  const found = at(marked, scope)
  const [first] = found?.items ?? []
  return found === null || first === undefined ? text : text.slice(0, found.range.start) + first.insert + text.slice(found.range.end)
}

describe('where a value can stand', () => {
  it('functions come with signature and help, tables, values and names of LET beside them', () => {
    expect(at('=ROUN|')?.items[0]).toMatchObject({ kind: 'function', label: 'ROUND', insert: 'ROUND(', detail: 'ROUND(number, [digits])' })
    expect(at('=ROUN|')?.items[0]?.help).toMatch(/./)
    expect(labels('=|')).toEqual(expect.arrayContaining(['SUM', 'VAT', 'GROSS', 'shop!orders', 'open_orders']))
    expect(at('=GRO|')?.items[0]).toMatchObject({ label: 'GROSS', insert: 'GROSS(', detail: 'GROSS(net, rate)' })
    expect(at('=VA|')?.items[0]).toMatchObject({ kind: 'value', label: 'VAT', detail: 'decimal' })
  })

  it.each([
    ['=rou|', '=ROUND('],
    ['=1+sum|(', '=1+SUM(('],
    ['=1+subt|otl(', '=1+SUBTOTAL(('],
    ['=open_|', '=open_orders'],
    ['=shop!|', '=shop!orders'],
    ['=shop!cu|st', '=shop!customers'],
    ['=SUM(Shop!o|[total])', '=SUM(shop!orders[total])'],
    ['=LET(rate_x, 1, rate|)', '=LET(rate_x, 1, rate_x)'],
    ['=LAMBDA(amount, amo|)(1)', '=LAMBDA(amount, amount)(1)'],
  ])('%s becomes %s', (marked, wanted) => {
    expect(taken(marked)).toBe(wanted)
  })

  it('a name of LET is known behind its value, and outside of LET no more', () => {
    const locals = (marked: string): string[] => at(marked)?.items.flatMap((one) => (one.kind === 'local' ? [one.label] : [])) ?? []
    expect(locals('=LET(x1, |')).toEqual([])
    expect(locals('=LET(x1, 1, x2, 2, |')).toEqual(['x2', 'x1'])
    expect(locals('=LET(x1, 1, x1)+|')).toEqual([])
    expect(locals('=LET(x1, 1, f, LAMBDA(x1, y1, |')).toEqual(['x1', 'y1'])
    expect(locals('=LAMBDA(x1, [y1], |')).toEqual(['x1', 'y1'])
  })

  it.each(['="te|xt', '="a"|', '=1|', '=[@total]|', '=SUM(1)|', '=#N/A|', '=5%|', '=1 |'])('nothing at %s', (marked) => {
    expect(at(marked)).toBeNull()
  })
})

describe('inside of brackets', () => {
  it('columns come with their types', () => {
    expect(at('=[@tot|')?.items).toMatchObject([{ kind: 'column', label: 'total', insert: 'total]', detail: 'decimal or Blank' }])
    expect(labels('=shop!customers[|]')).toEqual(['id', 'name', 'tenant'])
    expect(labels('=user[|')).toEqual([])
  })

  it.each([
    ['=[@tot|', '=[@total]'],
    ['=[@tot|]', '=[@total]'],
    ['=[@to|tal]*2', '=[@total]*2'],
    ['=[@unit|', '=[@[unit price]]'],
    ['=[@[unit|', '=[@[unit price]]'],
    ['=[@[unit|]]', '=[@[unit price]]'],
    ['=[tot|', '=[@total]'],
    ['=[|]', '=[@id]'],
    ['=SUM(shop!orders[tot|', '=SUM(shop!orders[total]'],
    ['=SUM(shop!orders[tot|)', '=SUM(shop!orders[total])'],
    ['=shop!orders[unit|]', '=shop!orders[unit price]'],
    ['=SUM(shop!orders[|) + [@total]', '=SUM(shop!orders[id]) + [@total]'],
    ['=shop!orders[[#Data],[tot|', '=shop!orders[[#Data],[total]]'],
    ['=[[#This Row],[tot|]]', '=[[#This Row],[total]]'],
    ['=shop!customers[na|me]', '=shop!customers[name]'],
  ])('%s becomes %s', (marked, wanted) => {
    expect(taken(marked)).toBe(wanted)
  })

  it('without a row the condition of FILTER offers the columns of what is filtered', () => {
    expect(taken('=FILTER(shop!customers, [ten|', SALES_ROWS)).toBe('=FILTER(shop!customers, [tenant]')
    expect(labels('=FILTER(shop!customers, shop!customers[|', SALES_ROWS)).toEqual(['id', 'name', 'tenant'])
  })

  it('a dropped column is not offered', () => {
    expect(labels('=open_orders[gone|')).toEqual([])
  })
})

describe('did you mean', () => {
  it.each([
    ['=SUMM|', 'SUM'],
    ['=VTA|', 'VAT'],
    ['=[@totl|]', 'total'],
    ['=shop!customers[nmae|]', 'name'],
    ['=opn_orders|', 'open_orders'],
    ['=shop!ordrs|', 'shop!orders'],
    ['=LET(quota, 1, qouta|', 'quota'],
  ])('%s: %s', (marked, wanted) => {
    expect(at(marked)).toMatchObject({ guessed: true })
    expect(labels(marked)).toContain(wanted)
  })

  it.each([
    ['=LET(quota, 1, qouta)', /quota/],
    ['=LET(twice, LAMBDA(x, x*2), twcie(1))', /twice/],
    ['=GROS(1, 2)', /GROSS/],
    ['=VTA', /VAT/],
    ['=ROWS(open_ordrs)', /open_orders/],
    ['=[@totl]', /\[total\]/],
    ['=SUMM(1)', /SUM/],
    ['=LET(c, shop!orders[total], colum, 1, SUM(cc))', /./],
    ['=LET(totals, shop!orders[total], COUNTIFS(totls, 1))', /totals/],
    ['=TODAY', /TODAY\(\)/],
    ['=opn_orders', /open_orders/],
  ])('%s is told in the diagnostic too', (text, fix) => {
    expect(diagnose(text, SALES).diagnostics[0]?.fix).toMatch(fix)
  })
})
