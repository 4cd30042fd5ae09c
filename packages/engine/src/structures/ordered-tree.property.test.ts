import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { OrderedTree } from './ordered-tree.ts'
import type { NodeSums } from './ordered-tree.ts'

/** Slots are ordered by their last two digits, those by themselves: many slots of one number. */
const numberOf = (slot: number): number => slot % 100
const compare = (a: number, b: number): number => numberOf(a) - numberOf(b) || a - b

/** The sum of the slots below each node. */
class SlotSums implements NodeSums {
  readonly sums = new Map<number, number>()

  enter(node: number, slot: number): void {
    this.sums.set(node, this.of(node) + slot)
  }
  leave(node: number, slot: number): void {
    this.sums.set(node, this.of(node) - slot)
  }
  move(slot: number, from: number, to: number): void {
    this.leave(from, slot)
    this.enter(to, slot)
  }
  join(node: number, other: number, sign: 1 | -1): void {
    this.sums.set(node, this.of(node) + sign * this.of(other))
  }
  forget(node: number): void {
    this.sums.delete(node)
  }
  of(node: number): number {
    return this.sums.get(node) ?? 0
  }
}

function prefixSum(tree: OrderedTree, sums: SlotSums, entry: number, position: number): number {
  let sum = 0
  tree.prefix(
    entry,
    position,
    (node) => {
      sum += sums.of(node)
    },
    (slot) => {
      sum += slot
    },
  )
  return sum
}

describe('an ordered tree', () => {
  it('is a sorted list per entry: positions, ranks, walks and sums of ranges', () => {
    const toggles = fc.array(fc.tuple(fc.nat(2), fc.nat(1_500)), { minLength: 1, maxLength: 3_000, size: 'max' })
    const property = fc.property(
      toggles,
      fc.constantFrom(0, 7, 50),
      fc.nat(1_000),
      fc.nat(1_000),
      fc.boolean(),
      (steps, number, a, b, equal) => {
        const tree = new OrderedTree()
        const sums = new SlotSums()
        tree.keep(sums)
        const models = [new Set<number>(), new Set<number>(), new Set<number>()]
        for (const [entry, slot] of steps) {
          const model = models[entry] ?? new Set()
          const beside = (other: number): number => other - slot
          const removed = tree.remove(entry, slot, numberOf(slot), beside)
          expect(removed).toBe(model.delete(slot))
          if (removed) continue
          model.add(slot)
          tree.add(entry, slot, numberOf(slot), beside)
        }
        for (const [entry, model] of models.entries()) {
          const sorted = [...model].sort(compare)
          const walked: number[] = []
          const [from, to] = [Math.min(a, b), Math.max(a, b)]
          tree.walk(entry, from, to, (slot) => walked.push(slot))
          expect(walked).toEqual(sorted.slice(from, to))
          expect(sorted.map((_, i) => tree.at(entry, i))).toEqual(sorted)
          const isFirst = (slot: number, i: number): boolean => i === 0 || numberOf(sorted[i - 1] ?? 0) < numberOf(slot)
          expect(sorted.map((_, i) => tree.beginsNumber(entry, i))).toEqual(sorted.map(isFirst))
          expect([tree.size(entry), tree.at(entry, from), tree.at(entry, -1)]).toEqual([sorted.length, sorted[from] ?? -1, -1])
          expect(tree.rank(entry, number, (slot) => slot - 500, equal)).toBe(
            sorted.filter((slot) => numberOf(slot) < number || (numberOf(slot) === number && (equal ? slot <= 500 : slot < 500))).length,
          )
          expect(prefixSum(tree, sums, entry, from)).toBe(sorted.slice(0, from).reduce((sum, slot) => sum + slot, 0))
        }
      },
    )
    expect(() => fc.assert(property, { numRuns: 30 })).not.toThrow()
  })

  it('leaves nothing behind when all slots are gone', () => {
    const tree = new OrderedTree()
    const sums = new SlotSums()
    tree.keep(sums)
    const slots = Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 5_000)
    for (const slot of slots) tree.add(0, slot, slot, () => 0)
    expect(tree.numberAt(0, 4_999)).toBe(4_999)
    for (const slot of slots) tree.remove(0, slot, slot, (other) => other - slot)
    expect([tree.size(0), tree.numberAt(0, 0), tree.numberAt(0, -1)]).toEqual([0, Infinity, -Infinity])
    expect([...sums.sums.values()].filter((sum) => sum !== 0)).toEqual([])
  })
})
