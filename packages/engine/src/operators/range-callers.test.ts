import { describe, expect, it } from 'vitest'
import { Pool } from '../state/pool.ts'
import { RowStore } from '../state/row-store.ts'
import { AggregateIndex, ALL_ROWS } from './aggregate-index.ts'
import { RangeCallers } from './range-callers.ts'
import type { Reach } from './range-callers.ts'
import { StoreRelation } from './store-relation.ts'

/** Rows with one number each, and callers 0, 1, 2 … that ask for the numbers from ten times their own to nine above. */
class Bench {
  readonly #store = new RowStore([{ type: 'int' }], new Pool())
  readonly #key = this.#store.addColumn({ type: 'int' })
  readonly #number = this.#store.addColumn({ type: 'int' })
  readonly #index: AggregateIndex
  readonly #callers: RangeCallers

  constructor(callers: number, reach: Reach, width = 9) {
    this.#store.setKeyColumns([this.#key])
    const relation = new StoreRelation(this.#store, [this.#key, this.#number])
    this.#index = new AggregateIndex({ on: '', relation, filters: [], keys: [], keyOf: [], tested: [] })
    this.#callers = new RangeCallers(this.#index, this.#index.ordered(this.#number), {
      group: () => ({ kind: 'group', key: ALL_ROWS }),
      span: (slot) => ({ low: 10 * slot, high: 10 * slot + width }),
      reach,
      errors: false,
    })
    for (let slot = 0; slot < callers; slot++) this.#callers.run(slot)
  }

  /** One step: numbers by key, null takes the row away. The answer is who was called, in order. */
  step(rows: Readonly<Record<number, number | null>>): number[] {
    for (const [key, number] of Object.entries(rows)) {
      const slot = this.#store.enter([Number(key)], 1)
      this.#key.now.set(slot, Number(key))
      if (number === null) this.#store.kill(slot)
      else this.#number.now.set(slot, number)
    }
    this.#index.run()
    const called = new Set<number>()
    this.#callers.collect((slot) => called.add(slot))
    this.#index.finish()
    this.#store.finishStep()
    return [...called].sort((a, b) => a - b)
  }
}

describe('callers by what they ask for', () => {
  it('a row calls those alone whose bounds it lies in: of a thousand, one', () => {
    const bench = new Bench(1_000, 'here')
    expect(bench.step({ 1: 5_005 })).toEqual([500])
    // It moves: where it was and where it is.
    expect(bench.step({ 1: 25 })).toEqual([2, 500])
    expect(bench.step({ 1: null })).toEqual([2])
    // Nobody asks for this one.
    expect(bench.step({ 2: 99_999 })).toEqual([])
  })

  it('a key calls those in the gap that it falls into', () => {
    // Everybody searches one number (10, 20, 30 …) for the next smaller key.
    const bench = new Bench(10, 'above', 0)
    expect(bench.step({ 1: 15, 2: 55 })).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    // A key between two others: only who searches from it to the next one finds another row.
    expect(bench.step({ 3: 32 })).toEqual([4, 5])
    expect(bench.step({ 3: null })).toEqual([4, 5])
  })

  it('for the next larger key the gap is the one before it', () => {
    const bench = new Bench(10, 'below', 0)
    expect(bench.step({ 1: 15, 2: 55 })).toEqual([0, 1, 2, 3, 4, 5])
    expect(bench.step({ 3: 32 })).toEqual([2, 3])
  })

  it('many changes at once call nobody twice, and stop when all are called', () => {
    const bench = new Bench(5, 'here', 1_000)
    const rows = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, i]))
    expect(bench.step(rows)).toEqual([0, 1, 2, 3, 4])
  })
})
