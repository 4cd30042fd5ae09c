import { must } from '@sheetflow/core/assert'
import type { BoundGraph } from '@sheetflow/formula/bound'
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
  const COLUMNS = { country: { type: 'text' }, region: { type: 'text' } } as const
  const typed = (...views: readonly string[]): BoundGraph =>
    boundGraph({ tables: {}, sheets: Object.fromEntries(views.map((view) => [view, { rows: { columns: COLUMNS, data: [] } }])) })

  /** Of these versions, the first of which answers. */
  function benchOf(versions: Readonly<Record<string, BoundGraph>>): GraphBench {
    const bench = new GraphBench(versions)
    bench.start('a', must(versions['a']))
    return bench
  }

  function type(bench: GraphBench, view: string, country: string, region: string): void {
    bench.inbox({ v: 1, kind: 'edit', sheet: view, changes: [['c', [country], [country, region], null]] })
  }

  function deploy(bench: GraphBench, version: string, sheetNames?: Readonly<Record<string, string>>): void {
    bench.inbox({ v: 1, kind: 'deploy', ...deployment(version), ...(sheetNames === undefined ? {} : { sheetNames }) })
    bench.wanted()
  }

  const renamed = { 's.countries': 's.lands' }
  /** The sheet under its new name, with a formula more: it is filled anew. */
  const widened = boundGraph({
    tables: {},
    sheets: { 's.lands': { rows: { columns: COLUMNS, data: [] }, columns: { both: '=[@country]&" "&[@region]' } } },
  })

  it('keeps what was typed into it under its old name', () => {
    const bench = benchOf({ a: typed('s.countries'), b: typed('s.lands') })
    type(bench, 's.countries', 'PL', 'north')
    deploy(bench, 'b', renamed)
    expect(bench.reader.rows('s.lands')).toEqual([['PL', 'north']])
    type(bench, 's.countries', 'DE', 'north')
    expect(bench.reader.rows('s.lands')).toHaveLength(2)
  })

  it('shows what was typed last, by whatever name, also after the next deployment and a restart', async () => {
    const versions = { a: typed('s.countries'), b: typed('s.lands'), c: widened }
    const bench = benchOf(versions)
    type(bench, 's.countries', 'PL', 'north')
    deploy(bench, 'b', renamed)
    type(bench, 's.lands', 'PL', 'east')
    // A page that was opened before the rename.
    type(bench, 's.countries', 'PL', 'south')
    expect(bench.reader.rows('s.lands')).toEqual([['PL', 'south']])
    const store = memoryStateStore()
    await store.save(must(new Checkpoints(bench.graph).take({}, { epoch: 1, offset: 1 }, NOW)))
    const next = new GraphBench(versions, bench.reader)
    await new Checkpoints(next.graph).restore(must(await store.load()))
    deploy(next, 'c', renamed)
    expect(next.reader.rows('s.lands')).toEqual([['PL', 'south', 'PL south']])
  })

  it('keeps it when another sheet gets the old name, which begins without it', () => {
    const bench = benchOf({ a: typed('s.countries'), b: typed('s.lands'), c: typed('s.lands', 's.countries') })
    type(bench, 's.countries', 'PL', 'north')
    deploy(bench, 'b', renamed)
    deploy(bench, 'c')
    expect(bench.reader.rows('s.lands')).toEqual([['PL', 'north']])
    expect(bench.reader.rows('s.countries')).toEqual([])
    type(bench, 's.countries', 'DE', 'west')
    expect(bench.reader.rows('s.lands')).toEqual([['PL', 'north']])
    expect(bench.reader.rows('s.countries')).toEqual([['DE', 'west']])
  })

  it('has it again when the deployment after gives its name back: what no sheet has is kept', () => {
    const bench = benchOf({ a: typed('s.countries'), b: typed('s.lands'), c: typed('s.countries') })
    type(bench, 's.countries', 'PL', 'north')
    // Changed so much that nobody knows it again.
    deploy(bench, 'b')
    expect(bench.reader.rows('s.lands')).toEqual([])
    deploy(bench, 'c')
    expect(bench.reader.rows('s.countries')).toEqual([['PL', 'north']])
  })

  it('goes by what is typed while the renamed one is prepared, in the order in which it was typed', () => {
    const bench = benchOf({ a: typed('s.countries'), b: typed('s.lands'), c: widened })
    type(bench, 's.countries', 'PL', 'north')
    bench.inbox({ v: 1, kind: 'deploy', ...deployment('b'), sheetNames: renamed })
    type(bench, 's.lands', 'PL', 'east')
    type(bench, 's.countries', 'PL', 'west')
    bench.wanted()
    expect(bench.reader.rows('s.lands')).toEqual([['PL', 'west']])
    deploy(bench, 'c', renamed)
    expect(bench.reader.rows('s.lands')).toEqual([['PL', 'west', 'PL west']])
  })
})
