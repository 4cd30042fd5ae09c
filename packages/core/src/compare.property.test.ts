import { arbitraryCell, arbitraryNasty } from '@sheetflow/testkit/arbitrary'
import { NASTY, nastyOrder, nastyValues } from '@sheetflow/testkit/nasty'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, test } from 'vitest'
import { compareJson, compareValues } from './compare.ts'
import { Decimal } from './decimal.ts'
import { fromJson, toJson } from './json-codec.ts'
import { jsonKey, keyText, valueKey, valuesKey } from './key.ts'
import { compareNumbers, normalNumber } from './number.ts'
import type { AnyNumber } from './number.ts'
import type { JsonValue, Value } from './value.ts'

describe('law 14: one order', () => {
  test.each(NASTY)('the corpus of $name stands in its order, in JSON and in memory', ({ type, ...nasty }) => {
    const places = nastyOrder({ type, ...nasty }).flatMap((group, place) =>
      group.map((json) => ({ json, value: fromJson(type, json), place })),
    )
    const wrong: unknown[] = []
    for (const a of places) {
      for (const b of places) {
        const expected = Math.sign(a.place - b.place)
        if (compareJson(type, a.json, b.json) !== expected) wrong.push(['JSON', a.json, b.json, expected])
        if (compareValues(a.value, b.value) !== expected) wrong.push(['memory', a.json, b.json, expected])
        if ((jsonKey(type, a.json) === jsonKey(type, b.json)) !== (expected === 0)) wrong.push(['key', a.json, b.json, expected])
        if (valueKey(a.value) !== jsonKey(type, a.json)) wrong.push(['two keys', a.json])
      }
    }
    expect(wrong).toEqual([])
  })

  test('JSON and memory agree on random values, and so do keys', () => {
    const three = arbitraryNasty().chain((nasty) =>
      fc.tuple(fc.constant(nasty), arbitraryCell(nasty), arbitraryCell(nasty), arbitraryCell(nasty)),
    )
    fc.assert(
      fc.property(three, ([{ type }, ...cells]) => {
        const values = cells.map((json) => fromJson(type, json))
        for (const [i, a] of cells.entries()) {
          for (const [j, b] of cells.entries()) {
            const order = compareJson(type, a, b)
            expect(order).toBe(compareValues(values[i] as Value, values[j] as Value))
            expect(order).toBe(-compareJson(type, b, a) + 0)
            expect(jsonKey(type, a) === jsonKey(type, b)).toBe(order === 0)
          }
        }
        const [x, y, z] = cells.toSorted((a, b) => compareJson(type, a, b)) as [JsonValue, JsonValue, JsonValue]
        expect(compareJson(type, x, z)).toBeLessThanOrEqual(Math.max(compareJson(type, x, y), compareJson(type, y, z)))
      }),
      { numRuns: runs(1_000, 10_000) },
    )
  })
})

describe('numbers', () => {
  const numbers = NASTY.filter(({ type }) => ['int', 'bigint', 'decimal', 'double'].includes(type.type)).flatMap((nasty) =>
    nastyValues(nasty).map((json) => fromJson(nasty.type, json) as AnyNumber),
  )

  test('compare by value across all kinds', () => {
    const wrong: unknown[] = []
    for (const a of numbers) {
      for (const b of numbers) {
        const [x, y] = [exact(a), exact(b)]
        const expected = x < y ? -1 : x > y ? 1 : 0
        if (compareNumbers(a, b) !== expected || compareValues(a, b) !== expected) wrong.push([String(a), String(b)])
        if ((valueKey(a) === valueKey(b)) !== (expected === 0)) wrong.push(['key', String(a), String(b)])
      }
    }
    expect(wrong).toEqual([])
  })

  test('have one smallest form', () => {
    for (const number of numbers) {
      const normal = normalNumber(number)
      expect(compareNumbers(normal, number)).toBe(0)
      expect(typeof normal === 'bigint' && Number.isSafeInteger(Number(normal))).toBe(false)
      expect(normal instanceof Decimal && !/\.\d*[1-9]$/.test(normal.toString())).toBe(false)
    }
    expect(normalNumber(7n)).toBe(7)
    expect(normalNumber(Decimal.parse('1.00'))).toBe(1)
    expect(normalNumber(-0)).toBe(0)
    expect(normalNumber(1e21)).toBe(10n ** 21n)
  })
})

test('across kinds: numbers < text < bool', () => {
  const ascending: Value[] = [null, -1, 10n, Decimal.parse('10.5'), '', '9', false, true]
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) expect(compareValues(a, b)).toBe(Math.sign(i - j))
  }
})

test('keys of several parts are injective', () => {
  const parts = fc.array(fc.string({ unit: fc.constantFrom('a', ':', '1', 't', '\0') }), { minLength: 2, maxLength: 2 })
  const types = [{ type: 'text' }, { type: 'text' }] as const
  fc.assert(
    fc.property(parts, parts, (a, b) => {
      expect(keyText(types, a) === keyText(types, b)).toBe(a[0] === b[0] && a[1] === b[1])
      expect(valuesKey(a)).toBe(keyText(types, a))
    }),
  )
})

test('a value and its JSON are one to one', () => {
  for (const nasty of NASTY) {
    for (const json of nastyOrder(nasty).flat()) {
      expect(toJson(nasty.type, fromJson(nasty.type, json))).toStrictEqual(json)
    }
  }
})

/** The number times 10^400, by nothing but its text. */
function exact(value: AnyNumber): bigint {
  const [mantissa = '', exponent = '0'] = String(value).split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const magnitude = BigInt(whole + fraction) * 10n ** BigInt(400 - fraction.length + Number(exponent))
  return mantissa.startsWith('-') ? -magnitude : magnitude
}
