import fc from 'fast-check'
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

  it('are a map, however keys come and go and slots are used again', () => {
    const property = fc.property(fc.array(key, { minLength: 1, maxLength: 2_000, size: 'max' }), (toggles) => {
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
