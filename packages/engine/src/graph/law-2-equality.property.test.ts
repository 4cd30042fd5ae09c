import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { recompute } from '@sheetflow/testkit/oracle/oracle'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayOf } from '../program/clock.ts'
import { GraphBench, NOW } from '../testing/graph-bench.ts'
import { SHOP } from '../testing/sketches.ts'
import { TableModel } from '../testing/table-model.ts'

const RUNS = process.env['SHEETFLOW_FULL'] === '1' ? 2_000 : 60

const error = fc.constantFrom<JsonValue>({ e: '#N/A' }, { e: '#DIV/0!', of: 'x' })
const rare = <T>(common: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: common }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })))
const cell = (values: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
  rare(values, fc.constant(null), error, fc.constant({ '~': 1 } as const))

const money = fc.integer({ min: -300, max: 2_000 }).map((n) => (n / 100).toFixed(2))
const ids = fc.integer({ min: 1, max: 6 })
const statuses = fc.constantFrom<JsonValue>('open', 'OPEN', 'paid', 'Paid', '', '>5', 'p*', '7')
const names = fc.constantFrom<JsonValue>('Anna', 'ANNA', 'Bob', 'ß', '')
const regions = fc.constantFrom<JsonValue>('pl', 'PL', 'de', 'open', '>3', '<>paid', 'p*', '')

/** Cells behind the key, per table. */
const CELLS: Readonly<Record<string, readonly fc.Arbitrary<JsonValue>[]>> = {
  'shop!public.orders': [
    cell(ids.map(String)),
    cell(money),
    cell(statuses),
    cell(fc.constantFrom(0.1, 0.2, 0.3, 1e300, -1e300, 5e-324, 7)),
    cell(fc.constantFrom('2026-11-22', '2026-11-23', '2026-11-24', '0001-01-01')),
    cell(ids),
  ],
  'shop!public.customers': [cell(names), cell(regions), cell(fc.constantFrom('1', '5.5', '99999999999999999999999'))],
  'crm!public.regions': [cell(money)],
}

const KEYS: Readonly<Record<string, fc.Arbitrary<RowJson>>> = {
  'shop!public.orders': fc.tuple(fc.integer({ min: 1, max: 12 })),
  'shop!public.customers': fc.tuple(fc.constantFrom('1', '2', '3', '4', '5', '9007199254740993')),
  'crm!public.regions': fc.tuple(fc.constantFrom('Poland', 'Germany'), fc.constantFrom('PL', 'pl', 'DE')),
}

type TableChange = readonly [table: string, ...rows: readonly RowChange[]]

function changesOf(table: string): fc.Arbitrary<TableChange> {
  const keys = must(KEYS[table])
  const row = (key: RowJson): fc.Arbitrary<RowJson> => fc.tuple(...must(CELLS[table])).map((cells) => [...key, ...cells])
  const put = keys.chain((key) =>
    fc
      .tuple(fc.constantFrom('c' as const, 'u' as const, 'u' as const, 'r' as const), row(key))
      .map(([op, after]): RowChange[] => [[op, key, after, null]]),
  )
  const remove = keys.map((key): RowChange[] => [['d', key, null, null]])
  const move = fc.tuple(keys, keys).chain(([from, to]) =>
    row(to).map((after): RowChange[] => [
      ['d', from, null, null],
      ['c', to, after, null],
    ]),
  )
  const one = fc.oneof(
    { weight: 20, arbitrary: put },
    { weight: 6, arbitrary: remove },
    { weight: 4, arbitrary: move },
    { weight: 1, arbitrary: fc.constant<RowChange[]>([['t', null, null, null]]) },
  )
  return fc.array(one, { minLength: 1, maxLength: 6 }).map((all): TableChange => [table, ...all.flat()])
}

const transaction = fc.array(fc.oneof(...Object.keys(CELLS).map(changesOf)), { minLength: 1, maxLength: 3 })
const transactions = fc.array(transaction, { minLength: 1, maxLength: 25 })

const GRAPH = boundGraph(SHOP)

class World {
  readonly models: ReadonlyMap<string, TableModel>
  readonly graph: BoundGraph

  constructor(graph: BoundGraph) {
    this.graph = graph
    this.models = new Map(graph.tables.map(({ id, schema }) => [id, new TableModel(schema)]))
  }

  apply(changes: readonly TableChange[]): void {
    for (const [table, ...rows] of changes) must(this.models.get(table)).apply(rows)
  }

  sheets(): ReturnType<typeof recompute> {
    const tables = Object.fromEntries([...this.models].map(([id, model]) => [id, model.rows()]))
    return recompute(this.graph, tables, must(dayOf(NOW, 'Europe/Warsaw')))
  }
}

/** What readers hold, against what everything computed anew says. */
function expectEqual(bench: GraphBench, world: World): void {
  const sheets = world.sheets()
  for (const { view, published, columns } of world.graph.sheets) {
    const wanted = must(sheets[view]).map((row) => published.map((i) => row[i]))
    const held = [...bench.reader.rows(view)].map((row) => [...row])
    const byKey = (rows: readonly (readonly unknown[])[]): string[] => rows.map((row) => JSON.stringify(row)).sort()
    expect({ view, columns: published.map((i) => columns[i]?.name), rows: byKey(held) }).toEqual({
      view,
      columns: published.map((i) => columns[i]?.name),
      rows: byKey(wanted),
    })
  }
}

describe('law 2: incremental is recomputed', () => {
  it('after every step of a random history', () => {
    const property = () =>
      fc.assert(
        fc.property(transactions, (history) => {
          const bench = new GraphBench({ a: GRAPH })
          const world = new World(GRAPH)
          bench.start('a', GRAPH)
          expectEqual(bench, world)
          for (const changes of history) {
            bench.rows(...changes)
            world.apply(changes)
            expectEqual(bench, world)
          }
        }),
        { numRuns: RUNS },
      )
    expect(property).not.toThrow()
  })

  it('law 3: whatever the cuts between steps, the end is the same', () => {
    const property = () =>
      fc.assert(
        fc.property(transactions, fc.array(fc.boolean(), { minLength: 25, maxLength: 25 }), (history, cuts) => {
          const bench = new GraphBench({ a: GRAPH })
          const world = new World(GRAPH)
          bench.start('a', GRAPH)
          for (const [i, changes] of history.entries()) {
            bench.enter(...changes)
            world.apply(changes)
            if (cuts[i] === true) bench.commit()
          }
          bench.commit()
          expectEqual(bench, world)
        }),
        { numRuns: RUNS },
      )
    expect(property).not.toThrow()
  })

  it('a deployment that is filled from rows that are there says the same', () => {
    const property = () =>
      fc.assert(
        fc.property(transactions, (history) => {
          const bench = new GraphBench({ a: GRAPH, b: boundGraph({ ...SHOP, timeZone: 'Europe/Vienna' }) })
          const world = new World(GRAPH)
          bench.start('a', GRAPH)
          for (const [i, changes] of history.entries()) {
            bench.rows(...changes)
            world.apply(changes)
            if (i === Math.floor(history.length / 2)) bench.deploy('b')
          }
          expectEqual(bench, world)
        }),
        { numRuns: Math.ceil(RUNS / 3) },
      )
    expect(property).not.toThrow()
  })
})
