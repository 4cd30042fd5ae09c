import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { IntervalForest } from './interval-forest.ts'

const end = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -20, max: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(-Infinity, Infinity) },
)
const move = fc.record({ slot: fc.nat(200), entry: fc.integer({ min: -1, max: 2 }), low: end, high: end })

describe('an interval forest', () => {
  it('finds exactly the intervals that a place touches, however they were moved', () => {
    const property = fc.property(
      fc.array(move, { maxLength: 600, size: 'max' }),
      fc.array(fc.tuple(end, end), { maxLength: 20 }),
      (moves, asked) => {
        const forest = new IntervalForest()
        const model = new Map<number, { entry: number; low: number; high: number }>()
        for (const { slot, entry, low, high } of moves) {
          forest.set(slot, entry, low, high)
          if (entry < 0) model.delete(slot)
          else model.set(slot, { entry, low, high })
        }
        expect(forest.size).toBe(model.size)
        for (const entry of [0, 1, 2]) {
          const held = [...model].filter(([, one]) => one.entry === entry)
          expect(forest.sizeOf(entry)).toBe(held.length)
          for (const [one, other] of asked) {
            const [low, high] = [Math.min(one, other), Math.max(one, other)]
            const found: number[] = []
            forest.touching(entry, low, high, (slot) => found.push(slot))
            const wanted = held.filter(([, one]) => one.low <= high && one.high >= low && one.low <= one.high).map(([slot]) => slot)
            expect(found.sort((a, b) => a - b)).toEqual(wanted.sort((a, b) => a - b))
          }
        }
      },
    )
    expect(() => fc.assert(property, { numRuns: 100 })).not.toThrow()
  })

  it('an interval without numbers is touched by nothing', () => {
    const forest = new IntervalForest()
    forest.set(3, 0, Infinity, -Infinity)
    const found: number[] = []
    forest.touching(0, -Infinity, Infinity, (slot) => found.push(slot))
    expect([forest.entry(3), found]).toEqual([0, []])
  })
})
