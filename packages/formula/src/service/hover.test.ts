import { describe, expect, it } from 'vitest'
import { cursorIn, SALES } from '../testing/sales-scope.ts'
import { typeText } from './describe.ts'
import { hover, type Hover } from './hover.ts'

function at(marked: string): Hover | null {
  const { text, offset } = cursorIn(marked)
  return hover(text, offset, SALES)
}

/** `title: type, cost` */
function said(marked: string): string | null {
  const found = at(marked)
  if (found === null) return null
  const title = found.kind === 'function' ? found.title.replace(/\(.*/, '') : found.title
  return `${title}: ${found.type === null ? '?' : typeText(found.type)}, ${found.cost?.class ?? '?'}`
}

describe('hovering over a name', () => {
  it.each([
    ['=[@to|tal]*2', 'shop!orders[total]: decimal or Blank, ?'],
    ['=[@STA|TUS]', 'shop!orders[status]: text, ?'],
    ['=SUM(shop!cust|omers[id])', 'shop!customers: ?, ?'],
    ['=SUM(shop!customers[i|d])', 'shop!customers[id]: bigint, ?'],
    ['=RO|UND([@total], 0)', 'ROUND: decimal, constant'],
    ['=1+SU|M(shop!orders[quantity])', 'SUM: int, whole-table'],
    ['=COUNT|IFS(shop!orders[customer_id], [@customer_id])', 'COUNTIFS: int, fan-out'],
    ['=V|AT*2', 'VAT: decimal, constant'],
    ['=TOTAL_SA|LES*2', 'TOTAL_SALES: decimal, whole-table'],
    ['=GRO|SS([@total], VAT)', 'GROSS(net, rate): decimal, constant'],
    ['=LET(x, [@total], y, x*2, y|+1)', 'y: decimal, constant'],
    ['=LET(x, [@total], AB|S(x))', 'ABS: decimal, constant'],
    ['=LET(x, [@quantity], y, AB|S(x), y+1)', 'ABS: int, constant'],
    ['=LET(f, LAMBDA(a, b, a+b), f|(1, 2))', 'f(a, b): ?, ?'],
    ['=LAMBDA(a, a|+1)(1)', 'a: ?, ?'],
    ['=LAMBDA(a, [b], a+b|)(1)', 'b: ?, ?'],
    ['=LET(f, LAMBDA(a, [b], a+b), f|(1))', 'f(a, [b]): ?, ?'],
    ['=LAMBDA(a, AB|S(a))(1)', 'ABS: ?, ?'],
    ['=ROUND([@nothing|], 0)', 'shop!orders[nothing]: ?, ?'],
    ['=ROU|ND(', 'ROUND: int, constant'],
    ['=open_orders[go|ne]', 'open_orders[gone]: ?, ?'],
    ['=1|+2', null],
    ['="to|tal"', null],
    ['=noth|ing', null],
  ])('%s', (marked, wanted) => {
    expect(said(marked)).toBe(wanted)
  })

  it('says what it is', () => {
    expect(at('=ABS(|1)')).toBeNull()
    expect(at('=A|BS(1)')?.help).toMatch(/./)
    expect(at('=open_orders[go|ne]')?.help).toMatch(/#REF!/)
    expect(at('=shop!cust|omers[id]')?.help).toBe('columns: id, name, tenant')
    expect(at('=[@to|tal]')?.help).toBe('the value in this row')
  })
})
