import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { SlotLists } from './slot-lists.ts'

const SLOTS = 200
const ENTRIES = 5

describe('lists of slots by entry', () => {
  const moves = fc.array(fc.record({ slot: fc.nat(SLOTS - 1), entry: fc.integer({ min: -1, max: ENTRIES - 1 }) }), {
    maxLength: 1_000,
    size: 'max',
  })

  it('hold each slot once, in the list of the entry that it was moved to last', () => {
    const property = fc.property(moves, (all) => {
      const lists = new SlotLists()
      const model = new Map<number, number>()
      for (const { slot, entry } of all) {
        lists.move(slot, entry)
        model.set(slot, entry)
      }
      for (let slot = 0; slot < SLOTS; slot++) expect(lists.entry(slot)).toBe(model.get(slot) ?? -1)
      for (let entry = 0; entry < ENTRIES; entry++) {
        const expected = [...model].filter(([, of]) => of === entry).map(([slot]) => slot)
        const walked: number[] = []
        for (let slot = lists.first(entry); slot >= 0; slot = lists.next(slot)) walked.push(slot)
        const called: number[] = []
        lists.forEach(entry, (slot) => called.push(slot))
        expect(called).toEqual(walked)
        expect(walked.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b))
      }
    })
    expect(() => fc.assert(property, { numRuns: 100 })).not.toThrow()
  })

  it('use blocks again that lists have given back', () => {
    const lists = new SlotLists()
    for (let round = 1; round < 4; round++) {
      for (let slot = 0; slot < SLOTS; slot++) lists.move(slot, round)
      expect(lists.first(round - 1)).toBe(-1)
      const called = new Set<number>()
      lists.forEach(round, (slot) => called.add(slot))
      expect(called.size).toBe(SLOTS)
    }
  })
})
