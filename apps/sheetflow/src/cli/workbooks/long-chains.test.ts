import { compileGraph } from '@sheetflow/workbook/compile/compile-graph'
import { evaluateSheets } from '@sheetflow/engine'
import { TABLES } from '@sheetflow/workbook/testing/shop'
import { expect, it } from 'vitest'

const LONG = 1_000
const NOW = '2026-11-23T10:00:00.000000Z'
const ORDER = ['1', '2', '3.00', 'open', null]

/** The last row of a sheet of the graph. */
function lastRow(files: Readonly<Record<string, string>>, view: string): unknown {
  const { graph, diagnostics } = compileGraph({ files, tables: TABLES })
  expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  if (graph === null) throw new Error('a graph')
  return evaluateSheets(graph, { 'shop!public.orders': [ORDER] }, [], NOW)[0]?.[view]?.at(-1)
}

const each = (write: (at: number) => string): string => Array.from({ length: LONG }, (_, at) => write(at)).join('')

it('a thousand columns may read each the next', () => {
  const columns = each((at) => `  c${at}: =${at + 1 < LONG ? `[@c${at + 1}]+1` : '[@customer_id]'}\n`)
  expect(lastRow({ 'w/s.sheet.yaml': `rows: =shop!orders\ncolumns:\n${columns}` }, 'w.s')).toMatchObject({ c0: '1001', c999: '2' })
})

it('a thousand values may read each the next', () => {
  const values = each((at) => `  V_${at}_: =${at + 1 < LONG ? `V_${at + 1}_+1` : 'SUM(shop!orders[customer_id])'}\n`)
  const files = { 'w/workbook.yaml': `values:\n${values}`, 'w/s.sheet.yaml': 'rows: =shop!orders\n' }
  expect(lastRow(files, 'w.w_values')).toMatchObject({ V_0_: '1001' })
})

it('a thousand sheets may read each the next', () => {
  const files = Object.fromEntries(
    Array.from({ length: LONG }, (_, at) => [
      `w/s${at}.sheet.yaml`,
      `rows: =${at + 1 < LONG ? `s${at + 1}` : 'shop!orders'}\nkeep: [status]\n`,
    ]),
  )
  expect(lastRow(files, 'w.s0')).toMatchObject({ id: '1', status: 'open' })
})

it('a circle of any length is an error', () => {
  const columns = (length: number): string => Array.from({ length }, (_, at) => `  c${at}: =[@c${(at + 1) % length}]+1\n`).join('')
  for (const length of [10, 5_000]) {
    const { graph, diagnostics } = compileGraph({
      files: { 'w/s.sheet.yaml': `rows: =shop!orders\ncolumns:\n${columns(length)}` },
      tables: TABLES,
    })
    expect(graph).toBeNull()
    expect(diagnostics.map((one) => one.code)).toContain('formula/cycle')
  }
})
