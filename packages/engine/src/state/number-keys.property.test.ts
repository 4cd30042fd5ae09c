import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { NumberKeys } from './number-keys.ts'

describe('number keys', () => {
  /** Keys that a careless hash would put into one place: multiples of powers of two, numbers that differ above 2^32 alone, fractions. */
  const key = fc.oneof(
    fc.integer({ min: -50, max: 50 }),
    fc.nat(200).map((n) => n * 65_536),
    fc.nat(200).map((n) => n * 2 ** 32 + 7),
    fc.nat(50).map((n) => n * 2 ** 44),
    fc.nat(20).map((n) => n + 0.5),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  )

  /** Runs as a database counts keys up, with gaps, so that slots can be guessed for a while; some of them are gone again, or come twice. */
  const runs = fc.array(fc.record({ from: fc.nat(800), count: fc.integer({ min: 1, max: 400 }), step: fc.constantFrom(1, 1, 1, 2) }), {
    maxLength: 12,
  })
  const counted = runs.map((all) => all.flatMap(({ from, count, step }) => Array.from({ length: count }, (_, i) => from + i * step)))
  const keys = fc.oneof(fc.array(key, { minLength: 1, maxLength: 2_000, size: 'max' }), counted)

  it('are a map, however keys come and go and slots are used again', () => {
    const property = fc.property(keys, (toggles) => {
      const keys = new NumberKeys()
      const model = new Map<number, number>()
      const free: number[] = []
      let slots = 0
      for (const number of toggles) {
        const known = model.get(number)
        if (keys.find(number) !== (known ?? -1)) throw new Error(`${number} is found at ${keys.find(number)}, stands at ${known}`)
        if (known === undefined) {
          const slot = free.pop() ?? slots++
          keys.add(number, slot)
          model.set(number, slot)
        } else {
          keys.remove(known)
          model.delete(number)
          free.push(known)
        }
      }
      expect(keys.size).toBe(model.size)
      for (const [number, slot] of model) if (keys.find(number) !== slot) throw new Error(`${number} is lost`)
      for (const slot of free) keys.remove(slot)
      expect(keys.size).toBe(model.size)
    })
    expect(() => fc.assert(property, { numRuns: 60 })).not.toThrow()
  })

  it('forget all and begin anew', () => {
    const keys = new NumberKeys()
    for (let i = 0; i < 1_000; i++) keys.add(i * 1_024, i)
    keys.clear()
    expect([keys.size, keys.find(1_024)]).toEqual([0, -1])
    keys.add(1_024, 5)
    expect(keys.find(1_024)).toBe(5)
  })
})
