import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { sortSlots } from './sort-slots.ts'

describe('sorting slots by numbers', () => {
  it('is sorting pairs, whatever the count and the order in which they come', () => {
    const numbers = fc.oneof(
      fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 40 }),
      fc.array(fc.double({ noNaN: true }), { maxLength: 3_000, size: 'max' }),
      fc.nat(3_000).map((count) => Array.from({ length: count }, (_, i) => i)),
      fc.nat(3_000).map((count) => Array.from({ length: count }, (_, i) => -i)),
    )
    const property = fc.property(numbers, fc.nat(5), (values, spare) => {
      const slots = Int32Array.from({ length: values.length + spare }, (_, i) => i)
      const keys = Float64Array.from([...values, ...Array.from({ length: spare }, () => -1e9)])
      sortSlots(slots, keys, values.length)
      const sorted = values.map((value, i) => [value, i] as const).sort(([a, i], [b, j]) => a - b || i - j)
      expect([...slots.subarray(0, values.length)]).toEqual(sorted.map(([, i]) => i))
      expect([...slots.subarray(values.length)]).toEqual(Array.from({ length: spare }, (_, i) => values.length + i))
    })
    expect(() => fc.assert(property, { numRuns: 200 })).not.toThrow()
  })
})
