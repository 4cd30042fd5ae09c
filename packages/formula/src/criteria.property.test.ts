import { describe, expect, it } from 'vitest'
import { isCellError } from '@sheetflow/core/cell-error'
import { compareValues } from '@sheetflow/core/compare'
import { fold } from '@sheetflow/core/fold'
import { fromJson } from '@sheetflow/core/json-codec'
import type { Value } from '@sheetflow/core/value'
import { NASTY, nastyOrder } from '@sheetflow/testkit/nasty'
import { fc } from '@sheetflow/testkit/fast-check'
import { compareToKey, criteriaMatch, criterionKey, lookupKey, matcherOf, prefixBounds } from './criteria.ts'
import { excelCompare, excelEqual } from './value/excel-compare.ts'

/** The corpus that store, router and client are tried on too (law 14). */
describe.each(NASTY)('nasty values of $name', (nasty) => {
  const { type } = nasty
  const values = nastyOrder(nasty)
    .flat()
    .map((json) => fromJson(type, json))
  const pairs = values.flatMap((a) => values.map((b) => [a, b] as const))

  /** Equal as formulas see it: texts fold case. */
  const equal = (a: Value, b: Value): boolean =>
    compareValues(typeof a === 'string' ? fold(a) : a, typeof b === 'string' ? fold(b) : b) === 0

  it('have one lookup key exactly if they are equal, and none if nothing can meet them', () => {
    for (const [a, b] of pairs) {
      const [x, y] = [lookupKey(a), lookupKey(b)]
      expect(x === null).toBe(a === null || isCellError(a))
      expect(x !== null && x === y).toBe(x !== null && equal(a, b))
    }
  })

  it('meet criteria that are equal to them by key as by test', () => {
    for (const [a, b] of pairs) {
      const matcher = matcherOf('=', a, type)
      const byKey = matcher.kind === 'equals' ? criterionKey(b) === matcher.key : matcher.test(b)
      expect(criteriaMatch('=', a, type)(b)).toBe(byKey)
      expect(criteriaMatch('<>', a, type)(b) || byKey || b === null || b === '').toBe(true)
    }
  })

  it('are equal in formulas exactly if their order says so', () => {
    const plain = pairs.filter(([a, b]) => !isCellError(a) && !isCellError(b))
    const [compare, same] = [excelCompare(type, type), excelEqual(type, type)]
    for (const [a, b] of plain) {
      expect(same(a, b)).toBe(compare(a, b) === 0)
      expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0)
    }
  })
})

describe('a pattern that says how texts begin', () => {
  const letter = fc.constantFrom('a', 'A', 'b', '*', '?', '~', '=', '>', '\u{d7ff}', '\u{e000}', '\u{10ffff}', 'ß')
  const text = fc.array(letter, { maxLength: 4 }).map((letters) => letters.join(''))

  it('is a range in the order of texts', () => {
    const property = fc.property(text, text, (pattern, cell) => {
      const bounds = prefixBounds(pattern)
      const within = bounds?.every(({ op, key }) => (op === '<' ? compareToKey(cell, key) < 0 : compareToKey(cell, key) >= 0))
      return bounds === null || within === criteriaMatch('criterion', pattern)(cell)
    })
    expect(() => fc.assert(property, { numRuns: 5_000 })).not.toThrow()
  })

  it.each<readonly [string, number | null]>([
    ['ap*', 2],
    ['=ap*', 2],
    ['*', 1],
    ['a~**', 2],
    ['*\u{10ffff}', null],
    ['\u{10ffff}*', 1],
    ['a?*', null],
    ['a*b', null],
    ['ap', null],
    ['<>ap*', null],
    ['', null],
  ])('%j has %j bounds', (pattern, bounds) => {
    expect(prefixBounds(pattern)?.length ?? null).toBe(bounds)
  })
})
