import { fromJson } from '@sheetflow/core/json-codec'
import { compareToKey, nearKey } from '@sheetflow/formula/criteria'
import { arbitraryCell, arbitraryNasty } from '@sheetflow/testkit/arbitrary'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { makeLane } from '../state/make-lane.ts'
import { Pool } from '../state/pool.ts'
import { cellNumber, orderNumber } from './order-number.ts'

describe('the number that stands for a value in an order', () => {
  const pair = arbitraryNasty().chain((nasty) => fc.tuple(fc.constant(nasty.type), arbitraryCell(nasty), arbitraryCell(nasty)))

  it('never contradicts the order of the values, and is that of the cell', () => {
    const property = fc.property(pair, ([type, first, second]) => {
      const lane = makeLane(type, new Pool())
      lane.grow(2)
      lane.setJson(0, first)
      lane.setJson(1, second)
      const [a, b] = [orderNumber(lane.value(0)), orderNumber(lane.value(1))]
      expect([cellNumber(lane, 0), cellNumber(lane, 1)]).toEqual([a, b])
      const key = nearKey(lane.value(1), null, -1)
      // What has no place has no number.
      expect(Number.isNaN(b)).toBe(key === null)
      if (key === null || Number.isNaN(a)) return
      const order = compareToKey(lane.value(0), key)
      expect(order < 0 ? a <= b : order > 0 ? a >= b : a === b).toBe(true)
    })
    expect(() => fc.assert(property, { numRuns: 2_000 })).not.toThrow()
  })

  it('tells short texts apart, whatever their alphabet and case', () => {
    const words = ['', 'a', 'ab', 'abc', 'b', 'é', 'ж', '字', '😀', '😁']
    const numbers = words.map((word) => orderNumber(word))
    expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers)
    expect(new Set(numbers).size).toBe(words.length)
    expect(orderNumber('ABC')).toBe(orderNumber('abc'))
  })

  it('tells microseconds apart as far as a double does', () => {
    const at = (text: string): number => orderNumber(fromJson({ type: 'timestamptz' }, text))
    expect(at('2026-11-23T10:00:00.000001Z') - at('2026-11-23T10:00:00.000000Z')).toBe(1)
    expect(at('9999-12-31T23:59:59.999999Z')).toBeLessThanOrEqual(at('9999-12-31T23:59:59.999999Z') + 1)
  })
})
