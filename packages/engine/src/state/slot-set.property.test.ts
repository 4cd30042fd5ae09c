import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { SlotSet } from './slot-set.ts'

describe('a slot set', () => {
  /** Steps of very different sizes one after the other: few members, a hash, bits for all slots, few again. */
  const step = fc.record({
    count: fc.oneof(fc.nat(8), fc.nat(300), fc.constantFrom(8_191, 8_192, 8_193, 12_000)),
    stride: fc.constantFrom(1, 2, 3, 64, 4_096, 65_536),
    from: fc.nat(1_000),
    again: fc.boolean(),
    puts: fc.boolean(),
    backwards: fc.boolean(),
  })

  it('gives each member the number of its turn, in steps of any size', () => {
    const property = fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      const set = new SlotSet()
      for (const { count, stride, from, again, puts, backwards } of steps) {
        const model = new Map<number, number>()
        for (let i = 0; i < count; i++) {
          const slot = (from + i * stride) % 3_000_000
          const isNew = !model.has(slot)
          const ordinal = model.get(slot) ?? model.size
          if (puts ? set.put(slot) !== ordinal : set.add(slot) !== isNew) throw new Error(`slot ${slot} is new: ${isNew}`)
          if (isNew) model.set(slot, ordinal)
          if (again && set.add(slot)) throw new Error(`slot ${slot} twice`)
        }
        expect(set.size).toBe(model.size)
        for (const [slot, ordinal] of backwards ? [...model].reverse() : model) {
          if (set.ordinal(slot) !== ordinal || set.at(ordinal) !== slot) throw new Error(`slot ${slot} is not number ${ordinal}`)
          const other = slot + 1
          if (set.has(other) !== model.has(other)) throw new Error(`slot ${other} is a member: ${!model.has(other)}`)
        }
        set.clear()
        expect([set.size, set.has(from), set.ordinal(from)]).toEqual([0, false, -1])
      }
    })
    expect(() => fc.assert(property, { numRuns: 40 })).not.toThrow()
  })
})
