import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { OrderedSlots } from './ordered-slots.ts'

describe('ordered slots', () => {
  it('are a sorted list, however they are added and removed', () => {
    const property = fc.property(fc.array(fc.nat(3_000), { minLength: 1, maxLength: 3_000, size: 'max' }), (toggles) => {
      const ordered = new OrderedSlots()
      const model = new Set<number>()
      // The order is not that of the numbers: by last digit, then by number.
      const compare = (a: number, b: number): number => (a % 10) - (b % 10) || a - b
      for (const slot of toggles) {
        const removed = ordered.remove(slot, (other) => compare(other, slot))
        expect(removed).toBe(model.delete(slot))
        if (removed) continue
        model.add(slot)
        ordered.add(slot, (other) => compare(other, slot))
      }
      const sorted = [...model].sort(compare)
      expect([...ordered]).toEqual(sorted)
      expect([ordered.size, ordered.first(), ordered.last()]).toEqual([sorted.length, sorted[0] ?? -1, sorted.at(-1) ?? -1])
      expect(ordered.remove(5_000, (other) => compare(other, 5_000))).toBe(false)
    })
    expect(() => fc.assert(property, { numRuns: 30 })).not.toThrow()
  })
})
