import { must } from '@sheetflow/core/assert'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { describe, expect, it } from 'vitest'
import { deployment, GraphBench, NOW } from '../testing/graph-bench.ts'
import { Checkpoints } from './checkpoint.ts'

const ORDERS = 'shop!public.orders'
const PURCHASES = 'shop!public.purchases'

const BOUND = boundGraph({
  tables: { [ORDERS]: { columns: { id: { type: 'int' }, total: { type: 'int' } } } },
  sheets: { 's.orders': { rows: '=shop!orders', columns: { double: '=[@total]*2' } } },
})

/** The same graph over a table with an id of its source's own, if it has one. */
function over(id: string | null, table = 'public.orders') {
  return { ...BOUND, tables: BOUND.tables.map((one) => ({ ...one, schema: { ...one.schema, table, ...(id === null ? {} : { id }) } })) }
}

function started(id: string | null, name = 'a'): GraphBench {
  const graph = over(id)
  const bench = new GraphBench({ [name]: graph })
  bench.start(name, graph)
  bench.rows([ORDERS, ['c', [1], [1, 5], null]])
  return bench
}

function rename(bench: GraphBench, id: string | null): void {
  bench.control('shop', { kind: 'rename', table: 'public.orders', to: 'public.purchases' })
  bench.schema('shop', { ...must(over(id, 'public.purchases').tables[0]).schema })
}

describe('a table that is renamed at the source', () => {
  it.each([['16402'], [null]])('goes on in the deployment that runs (id %s)', (id) => {
    const bench = started(id)
    rename(bench, id)
    expect(bench.rows([PURCHASES, ['c', [2], [2, 7], null]]).views[0]?.rows).toEqual([['c', [2], [2, 7, 14], null]])
    expect(bench.rows([PURCHASES, ['u', [1], [1, 6], null]]).views[0]?.rows).toEqual([['u', [1], [1, 6, 12], [1, 5, 10]]])
  })

  it('is known again after a restart, by its id, with rows of before and after', async () => {
    const bench = started('16402')
    const checkpoints = new Checkpoints(bench.graph)
    const store = memoryStateStore()
    await store.save(must(checkpoints.take({}, { epoch: 1, offset: 1 }, NOW)))
    rename(bench, '16402')
    bench.rows([PURCHASES, ['c', [2], [2, 7], null]])
    await store.save(must(checkpoints.take({}, { epoch: 1, offset: 2 }, NOW)))
    const next = new GraphBench({ a: over('16402') }, bench.reader)
    await new Checkpoints(next.graph).restore(must(await store.load()))
    expect(next.rows([PURCHASES, ['u', [1], [1, 9], null], ['d', [2], null, null]]).views[0]?.rows).toEqual([
      ['u', [1], [1, 9, 18], [1, 5, 10]],
      ['d', [2], null, [2, 7, 14]],
    ])
  })

  it('is built anew from the streams where nothing but its old name is known', async () => {
    const bench = started(null)
    const checkpoints = new Checkpoints(bench.graph)
    const store = memoryStateStore()
    rename(bench, null)
    await store.save(must(checkpoints.take({}, { epoch: 1, offset: 1 }, NOW)))
    const next = new GraphBench({ a: over(null) }, bench.reader)
    const restoring = new Checkpoints(next.graph).restore(must(await store.load()))
    await expect(restoring).rejects.toMatchObject({ code: 'engine/checkpoint' })
  })

  it('keeps its rows while another deployment is prepared under the new name', () => {
    const bench = new GraphBench({ a: over('16402'), b: over('16402', 'public.purchases') })
    bench.start('a', over('16402'))
    bench.rows([ORDERS, ['c', [1], [1, 5], null]])
    rename(bench, '16402')
    bench.deploy('b')
    expect(bench.rows([PURCHASES, ['u', [1], [1, 6], null]]).views[0]?.rows).toEqual([['u', [1], [1, 6, 12], [1, 5, 10]]])
  })
})

describe('a sheet whose file is renamed', () => {
  it('keeps what was typed into it under its old name', () => {
    const typed = (view: string) =>
      boundGraph({
        tables: {},
        sheets: { [view]: { rows: { columns: { country: { type: 'text' }, region: { type: 'text' } }, data: [] } } },
      })
    const bench = new GraphBench({ a: typed('s.countries'), b: typed('s.lands') })
    bench.start('a', typed('s.countries'))
    bench.inbox({ v: 1, kind: 'edit', sheet: 's.countries', changes: [['c', ['PL'], ['PL', 'north'], null]] })
    bench.inbox({ v: 1, kind: 'deploy', ...deployment('b'), sheetNames: { 's.countries': 's.lands' } })
    bench.wanted()
    expect(bench.reader.rows('s.lands')).toEqual([['PL', 'north']])
    bench.inbox({ v: 1, kind: 'edit', sheet: 's.countries', changes: [['c', ['DE'], ['DE', 'north'], null]] })
    expect(bench.reader.rows('s.lands')).toHaveLength(2)
  })
})
