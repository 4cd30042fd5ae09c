import type { ColumnType } from '@sheetflow/core/type'
import { fc } from '@sheetflow/testkit/fast-check'
import { expect, it } from 'vitest'
import { KeyedSlots } from './keyed-slots.ts'
import { Pool } from './pool.ts'
import { RowStore } from './row-store.ts'

const KEYS: readonly (readonly [ColumnType, fc.Arbitrary<number | string>])[] = [
  [{ type: 'int' }, fc.maxSafeInteger()],
  // Some are wider than a number.
  [{ type: 'bigint' }, fc.oneof(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), fc.integer()).map(String)],
  [{ type: 'text' }, fc.string()],
]

const MANY = (1 << 18) + 1_000

it.each(KEYS)('slots come in the order of their keys of $type, list after list', (type, key) => {
  // Some lists begin in order, or are.
  const list = fc.tuple(fc.uniqueArray(key, { maxLength: 100 }), fc.nat(200)).map(([keys, ordered]) => {
    const first = keys.slice(0, ordered).sort((a, b) => (type.type === 'text' ? (a < b ? -1 : 1) : Number(BigInt(a) > BigInt(b)) - 0.5))
    return [...first, ...keys.slice(ordered)]
  })
  const property = fc.property(fc.array(list, { maxLength: 3 }), (lists) => {
    const store = new RowStore([type], new Pool())
    const column = store.addColumn(type)
    store.setKeyColumns([column])
    const slots = new KeyedSlots(store)
    for (const keys of lists) {
      slots.begin(keys.length)
      for (const one of keys) {
        const slot = store.enter([one], 0)
        column.now.setJson(slot, one)
        slots.add(slot)
      }
      slots.sort()
      const got = Array.from({ length: slots.size }, (_, i) => slots.at(i))
      expect([got.length, new Set(got.map((slot) => column.json(slot)))]).toEqual([keys.length, new Set(keys)])
      expect(got).toEqual(got.toSorted((a, b) => store.compareKeys(a, b)))
    }
  })
  expect(() => fc.assert(property, { numRuns: 200 })).not.toThrow()
})

it.each([
  ['in order', (i: number) => i],
  ['in order but for the last ones', (i: number) => (i < MANY - 3 ? 2 * i : 2 * (i - MANY) + 1)],
  ['the other way round', (i: number) => -i],
  ['in order but for the first two', (i: number) => (i < 2 ? 1 - i : i)],
])('a list of hundreds of thousands %s', (_, keyOf) => {
  const store = new RowStore([{ type: 'int' }], new Pool())
  const column = store.addColumn({ type: 'int' })
  store.setKeyColumns([column])
  const slots = new KeyedSlots(store)
  slots.begin(MANY)
  for (let i = 0; i < MANY; i++) {
    const slot = store.enter([keyOf(i)], 0)
    column.now.setUnits(slot, keyOf(i), 0)
    slots.add(slot)
  }
  slots.sort()
  const wrong = Array.from({ length: MANY - 1 }, (__, i) => i).filter((i) => store.compareKeys(slots.at(i), slots.at(i + 1)) >= 0)
  expect([slots.size, wrong]).toEqual([MANY, []])
})
