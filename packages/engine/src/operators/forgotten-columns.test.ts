import { cellKeyOf, lookupKey } from '@sheetflow/formula/criteria'
import { expect, it } from 'vitest'
import { Pool } from '../state/pool.ts'
import type { Column } from '../state/column.ts'
import { RowStore } from '../state/row-store.ts'
import { AggregateIndex } from './aggregate-index.ts'
import { LookupIndex } from './lookup-index.ts'
import { StoreRelation } from './store-relation.ts'

const INT = { type: 'int' } as const

/** Rows of a key, a group and two numbers: what a formula asked for of `gone`, nobody asks for any more. */
class Bench {
  readonly store = new RowStore([INT], new Pool())
  readonly key: Column = this.store.addColumn(INT)
  readonly group: Column = this.store.addColumn(INT)
  readonly kept: Column = this.store.addColumn(INT)
  readonly gone: Column = this.store.addColumn(INT)
  readonly relation: StoreRelation

  constructor() {
    this.store.setKeyColumns([this.key])
    this.relation = new StoreRelation(this.store, [this.key, this.group, this.kept, this.gone])
  }

  get inUse(): ReadonlySet<Column> {
    return new Set([this.key, this.group, this.kept])
  }

  aggregate(): AggregateIndex {
    return new AggregateIndex({ on: '', relation: this.relation, filters: [], keys: [this.group], keyOf: [cellKeyOf('=')], tested: [] })
  }

  /** One step that sets the row of key 1, all in group 7. Has the index something to tell those who ask it? */
  step(index: AggregateIndex | LookupIndex, kept: number, gone: number): boolean {
    const slot = this.store.enter([1], 1)
    for (const [column, value] of [
      [this.key, 1],
      [this.group, 7],
      [this.kept, kept],
      [this.gone, gone],
    ] as const)
      column.now.set(slot, value)
    index.run()
    const tells = index.entries.dirty.size > 0
    index.finish()
    this.store.finishStep()
    return tells
  }
}

const ASKED: Readonly<Record<string, (index: AggregateIndex, bench: Bench) => void>> = {
  'a sum': (index, { gone }) => index.measure(gone).needSum(),
  'an order': (index, { gone }) => void index.ordered(gone),
  'its cells, row by row': (index, { gone }) => index.watch(gone),
  'a result beside an order': (index, { gone, kept }) => index.ordered(kept).watch(gone),
  'sums of ranges of an order': (index, { gone, kept }) => void index.ordered(kept).measure(gone, index.measure(gone)),
}

it.each(Object.keys(ASKED))('an aggregate index forgets what was asked for of a column that is gone: %s', (what) => {
  const bench = new Bench()
  const index = bench.aggregate()
  index.measure(bench.kept).needSum()
  ASKED[what]?.(index, bench)
  bench.step(index, 1, 1)
  expect(bench.step(index, 1, 2)).toBe(true)
  index.keepOnly(bench.inUse)
  // What it was asked for of others it goes on to tell.
  expect(bench.step(index, 1, 3)).toBe(false)
  expect(bench.step(index, 2, 3)).toBe(true)
})

it('a lookup index forgets that somebody reads a column that is gone', () => {
  const bench = new Bench()
  const index = new LookupIndex(bench.relation, bench.group, lookupKey)
  index.watch(bench.kept)
  index.watch(bench.gone)
  bench.step(index, 1, 1)
  expect(bench.step(index, 1, 2)).toBe(true)
  index.keepOnly(bench.inUse)
  expect(bench.step(index, 1, 3)).toBe(false)
  expect(bench.step(index, 2, 3)).toBe(true)
})

it('what is measured of columns that come and go takes no more room with each of them', () => {
  const bench = new Bench()
  const index = bench.aggregate()
  const round = (): void => {
    const column = bench.store.addColumn(INT)
    index.measure(column).needSpread()
    index.refill()
    bench.step(index, 1, 1)
    index.keepOnly(bench.inUse)
    bench.store.dropColumn(column)
  }
  const places = (): readonly number[] => {
    const { records } = index.entries
    const taken = [records.addInt(), records.addInt()]
    for (const at of taken) records.freeInt(at)
    return taken.sort((a, b) => a - b)
  }
  round()
  const before = places()
  for (let i = 0; i < 20; i++) round()
  expect(places()).toEqual(before)
})
