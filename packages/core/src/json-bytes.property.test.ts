import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { Decimal } from './decimal.ts'
import { JsonBytes } from './json-bytes.ts'

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

describe('JSON written as bytes', () => {
  it('is the JSON of each value, however many there are and however long', () => {
    const long = fc.tuple(fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(400)).map(([part, times]) => part.repeat(times))
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      long,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.maxSafeInteger(),
    )
    const property = fc.property(fc.array(fc.array(value, { maxLength: 8 })), (pieces) => {
      const to = new JsonBytes()
      const cuts = pieces.map((values) => {
        for (const one of values) {
          if (typeof one === 'number') to.number(one)
          else to.json(one)
        }
        return to.cut()
      })
      // All at the end: what was cut off is never written again.
      expect(cuts.map(text)).toEqual(pieces.map((values) => values.map((one) => JSON.stringify(one)).join('')))
    })
    expect(() => fc.assert(property, { numRuns: 500 })).not.toThrow()
  })

  it('is a decimal as that writes itself, or left to it', () => {
    const units = fc.oneof(fc.nat(), fc.nat(1_000), fc.integer({ min: -5_000, max: 5_000_000_000 }))
    const property = fc.property(units, fc.nat(8), (number, scale) => {
      const to = new JsonBytes()
      const isWritten = number >= 0 && number < 2 ** 31 && scale <= 6
      expect(to.fixed(number, scale)).toBe(isWritten)
      expect(text(to.cut())).toBe(isWritten ? JSON.stringify(Decimal.of(number, scale)) : '')
    })
    expect(() => fc.assert(property, { numRuns: 2_000 })).not.toThrow()
  })

  it('is copied, repeated and taken back', () => {
    const to = new JsonBytes()
    to.text('gone')
    to.cut()
    to.text('one two')
    to.again(4, 7)
    to.copy(new TextEncoder().encode('three'), 1, 3)
    expect([text(to.taken(7)), to.size]).toEqual(['twohr', 12])
    to.keep(3)
    to.again(0, 3)
    for (let i = 0; i < 14; i++) to.again(0, to.size)
    const all = text(to.cut())
    expect([all.length, all.replaceAll('one', '')]).toEqual([6 * 2 ** 14, ''])
    expect(to.size).toBe(0)
    to.text('moved')
    const place = new Uint8Array(8)
    expect([text(to.takeBack(place)), to.size]).toEqual(['moved', 0])
    to.text('over')
    // What was moved is nobody else's.
    expect([text(to.cut()), text(place.subarray(0, 5))]).toEqual(['over', 'moved'])
  })
})
