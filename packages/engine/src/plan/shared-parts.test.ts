import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { expect, it } from 'vitest'
import { describeProgram, evaluateSheets } from '../evaluate-sheets.ts'
import { oncePerRow } from './shared-parts.ts'

const DECIMAL = { type: 'decimal' } as const

/** The common parts of formulas over one table, each with the columns that have it. */
function common(columns: Readonly<Record<string, string>>, types = {}): readonly string[] {
  const graph = boundGraph({
    tables: { 'shop!public.orders': { columns: { id: { type: 'int' }, total: DECIMAL, rate: DECIMAL } } },
    sheets: { 's.orders': { rows: '=shop!orders', columns, types } },
  })
  return describeProgram(graph).flatMap(({ kind, on, askedBy = [] }) =>
    kind === 'common part' ? [`${on}: ${askedBy.map((one) => one.slice(one.indexOf('['))).join(' ')}`] : [],
  )
}

it('a part that stands in several formulas is one, whatever stands around it', () => {
  expect(common({ a: '=ROUND([@total]*[@rate], 2)', b: '=IF([@id]>3, 0, -([@total]*[@rate]))', c: '="x"&[@id]' })).toEqual([
    '[@total]*[@rate]: [a] [b]',
  ])
})

it('a formula that stands in another one as a whole is a part of both, and what is in it is not named again', () => {
  expect(common({ a: '=ROUND([@total]*[@rate], 2)', b: '=ROUND([@total]*[@rate], 2)+1' })).toEqual(['ROUND([@total]*[@rate], 2): [a] [b]'])
})

it('two places of one formula are enough', () => {
  expect(common({ a: '=IF([@total]/[@rate]>1, [@total]/[@rate], 1)' })).toEqual(['[@total]/[@rate]: [a]'])
})

it('a quotient that stands by itself is another number than one inside of a chain of arithmetic, which is not rounded there', () => {
  const columns = { a: '=[@total]/[@rate]', b: '=[@total]/[@rate]*[@rate]', c: '=1-[@total]/[@rate]', d: '=[@total]/[@rate]>1' }
  expect(common(columns)).toEqual(['[@total]/[@rate]: [a] [d]', '[@total]/[@rate]: [b] [c]'])
  const graph = boundGraph({
    tables: { 'shop!public.orders': { columns: { id: { type: 'int' }, total: DECIMAL, rate: DECIMAL } } },
    sheets: { 's.orders': { rows: '=shop!orders', columns } },
  })
  const given = { 'shop!public.orders': [[1, '2', '3']] }
  const change = { changes: [{ table: 'shop!public.orders', rows: [['u', [1], [1, '1', '3'], null] as const] }] }
  const steps = evaluateSheets(graph, given, [change], '2026-11-26T10:00:00.000000Z')
  const shown = steps.map((sheets) => sheets['s.orders']?.map(({ a, b, c, d }) => [a, b, c, d]))
  expect(shown).toEqual([
    [['0.666666666666667', '2', '0.333333333333333', false]],
    [['0.333333333333333', '1', '0.666666666666667', false]],
  ])
})

it('what differs in form, reads a name given around it, goes through arrays or reads itself is none', () => {
  expect(
    common({
      a: '=LET(x, [@total], x+1)*LET(x, [@rate], x+1)',
      b: '=SUM([total]*[@rate])+SUM([total]*[@rate])',
      c: '=[@total]*2',
      d: '=[@total]*2.0&""',
    }),
  ).toEqual([])
  expect(common({ a: '=[@total]*[@rate]+XLOOKUP([@id]-1, [id], [a], 0)', b: '=[@total]*[@rate]' }, { a: DECIMAL })).toEqual([])
})

it('a part is computed once for a row, when it is asked for, and again for the next row or the same row in another pass', () => {
  const computed: number[] = []
  const pass = { slot: -1, number: 0, held: false }
  const part = oncePerRow((slot) => computed.push(slot) && slot * 10, pass)
  const row = (slot: number, asks: number): readonly unknown[] => {
    pass.slot = slot
    pass.number += 1
    const values = Array.from({ length: asks }, () => part(slot))
    pass.slot = -1
    return values
  }
  expect(row(4, 3)).toEqual([40, 40, 40])
  expect(row(5, 0)).toEqual([])
  expect(computed).toEqual([4])
  expect(row(4, 2)).toEqual([40, 40])
  expect(computed).toEqual([4, 4])
  expect(part(4)).toBe(40)
  expect(computed).toEqual([4, 4, 4])
})
