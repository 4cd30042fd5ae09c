import { must } from '@sheetflow/core/assert'
import { DeploymentBench } from '@sheetflow/engine/testing/deployment-bench'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { tableSchema } from '@sheetflow/testkit/bound-graph'
import { compileGraph } from '@sheetflow/workbook/compile/compile-graph'
import { expect, it } from 'vitest'

const ORDERS = tableSchema('public.orders', { columns: { id: { type: 'int' }, total: { type: 'int' } } })

/** `FAR` reads `LIMIT` through another function. */
const VALUES = {
  LIMIT: '=SUM(shop!orders[total])',
  MOST: '=MAX(shop!orders[total])',
  OVER: '=LAMBDA(x, x-LIMIT)',
  FAR: '=LAMBDA(x, OVER(x)*2)',
  VAT: '23',
}

const COLUMNS = { far: '=FAR([@total])', most: '=[@total]-MOST', rate: '=[@total]*VAT', none: '=[@total]+1' }

function compiled(values: Readonly<Record<string, string>>): BoundGraph {
  const lines = Object.entries(values).map(([name, value]) => `  ${name}: ${value}\n`)
  const sheets = Object.entries(COLUMNS).map(([name, formula]): [string, string] => [
    `w/by_${name}.sheet.yaml`,
    `rows: =shop!orders\ncolumns:\n  ${name}: ${formula}\ncost: {accept: whole-table, every: 5s}\nread: {clerk: all}\n`,
  ])
  const files = { 'w/workbook.yaml': `values:\n${lines.join('')}read: {clerk: all}\n`, ...Object.fromEntries(sheets) }
  const { graph, diagnostics } = compileGraph({ files, tables: new Map([['shop!public.orders', ORDERS]]) })
  return must(graph, JSON.stringify(diagnostics))
}

it.each([
  ['a formula', { LIMIT: '=SUM(shop!orders[total])+1' }, ['w.by_far']],
  ['a formula that no function reads', { MOST: '=MIN(shop!orders[total])' }, ['w.by_most']],
  ['a function', { OVER: '=LAMBDA(x, LIMIT-x)' }, ['w.by_far']],
  ['a constant', { VAT: '24' }, ['w.by_rate']],
  ['a formula that nobody reads', { NEW: '=COUNT(shop!orders[id])' }, []],
])('a changed value fills the sheets whose formulas read it, by functions too: %s', (_, change, filled) => {
  const bench = new DeploymentBench('a', compiled(VALUES))
  bench.rows(['shop!public.orders', ['c', [1], [1, 10], null], ['c', [2], [2, 30], null]])
  bench.world.expectRead(bench.reader)
  bench.deploy('b', compiled({ ...VALUES, ...change }))
  const sheets = [...must(bench.bench.graph.active).program.filled.keys()].filter((view) => view.startsWith('w.by_'))
  expect(sheets).toEqual(filled)
  bench.rows(['shop!public.orders', ['u', [1], [1, 50], null], ['c', [3], [3, 7], null]])
  bench.world.expectRead(bench.reader)
})
