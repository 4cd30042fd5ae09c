import { Decimal } from '@sheetflow/core/decimal'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { makeLane } from '../state/make-lane.ts'
import { Pool } from '../state/pool.ts'
import { ExactSums } from './exact-sums.ts'

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(9))
  .map(([units, scale]): JsonValue => Decimal.of(units, scale).toString())
const doubles = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n): JsonValue => n + 0)
const CASES: readonly (readonly [ColumnType, fc.Arbitrary<JsonValue>])[] = [
  [{ type: 'int' }, fc.maxSafeInteger()],
  [{ type: 'bigint' }, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  [{ type: 'decimal', p: 12, s: 2 }, fc.integer().map((n) => (n / 100).toFixed(2))],
  [{ type: 'decimal' }, decimals],
  [{ type: 'double' }, doubles],
]

describe('exact sums', () => {
  it.each(CASES)('of $type: what was added and removed again leaves nothing, in any order', (type, values) => {
    const property = fc.property(fc.array(values, { minLength: 1, maxLength: 40 }), fc.nat(40), (cells, kept) => {
      const lane = makeLane(type, new Pool())
      lane.grow(cells.length)
      for (const [i, cell] of cells.entries()) lane.setJson(i, cell)
      const sums = new ExactSums(type)
      for (const i of cells.keys()) sums.add(3, lane, i, 1)
      const half = new ExactSums(type)
      for (const i of cells.keys()) if (i < kept) half.add(0, lane, i, 1)
      for (const i of cells.keys()) if (i >= kept) sums.add(3, lane, i, -1)
      expect(sums.total(3).toString()).toBe(half.total(0).toString())
      for (const i of cells.keys()) if (i < kept) sums.add(3, lane, i, -1)
      expect(sums.total(3).toString()).toBe('0')
    })
    expect(() => fc.assert(property)).not.toThrow()
  })

  it('adds doubles as the decimals that they print as', () => {
    const lane = makeLane({ type: 'double' }, new Pool())
    lane.grow(3)
    for (const [i, value] of [0.1, 0.2, 1e-7].entries()) lane.set(i, value)
    const sums = new ExactSums({ type: 'double' })
    for (const i of [0, 1, 2]) sums.add(0, lane, i, 1)
    expect(sums.total(0).toString()).toBe('0.3000001')
  })
})
