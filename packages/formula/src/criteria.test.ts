import { describe, expect, it } from 'vitest'
import { CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { Criterion } from './bound.ts'
import { criteriaMatch, criterionKey, lookupKey, matcherOf, splitCriterion } from './criteria.ts'
import { wildcardTest } from './wildcard.ts'

const NA = new CellError('#N/A')
const CELLS: readonly Value[] = [null, '', 'a', 'A', 'ab', '1', 1, 1n, Decimal.parse('1.00'), 1.5, '>1', 'a*', true, 'TRUE', NA]

function met(op: Criterion['op'], value: Value, type: ColumnType | null = null): readonly Value[] {
  const meets = criteriaMatch(op, value, type)
  return CELLS.filter(meets)
}

describe("Excel's criteria", () => {
  it.each<readonly [string, Criterion['op'], Value, readonly Value[]]>([
    ['a number is met by every form of it', '=', 1, ['1', 1, 1n, Decimal.parse('1.00')]],
    ['a text that is a number is one', '=', '1', ['1', 1, 1n, Decimal.parse('1.00')]],
    ['texts fold case', '=', 'A', ['a', 'A']],
    ['a value is no pattern', '=', 'a*', ['a*']],
    ['a criterion is one', 'criterion', 'a*', ['a', 'A', 'ab', 'a*']],
    ['? is one character', 'criterion', 'a?', ['ab', 'a*']],
    ['~ takes the meaning away', 'criterion', 'a~*', ['a*']],
    ['"" is Blank and the empty text', 'criterion', '', [null, '']],
    ['"=" is Blank alone', 'criterion', '=', [null]],
    ['"<>" is all but Blank', 'criterion', '<>', CELLS.slice(1)],
    ['a Blank value is 0', '=', null, []],
    ['"="& Blank is "=": Blank alone', 'is', null, [null]],
    ['"="& the empty text is "=" too', 'is', '', [null]],
    ['"="& anything else is that', 'is', 'A', ['a', 'A']],
    ['"="& a number is that', 'is', 1, ['1', 1, 1n, Decimal.parse('1.00')]],
    ['an order among numbers', 'criterion', '>=1', [1, 1n, Decimal.parse('1.00'), 1.5]],
    ['an order among texts', 'criterion', '>a', ['ab', 'a*', 'TRUE']],
    [
      '"<>a" is all else, Blank too',
      'criterion',
      '<>a',
      [null, '', 'ab', '1', 1, 1n, Decimal.parse('1.00'), 1.5, '>1', 'a*', true, 'TRUE', NA],
    ],
    ['"<>a*" is what does not fit', 'criterion', '<>a*', [null, '', '1', 1, 1n, Decimal.parse('1.00'), 1.5, '>1', true, 'TRUE', NA]],
    [
      '"<>1" is met by the text that reads as 1, though "=1" is too',
      'criterion',
      '<>1',
      [null, '', 'a', 'A', 'ab', '1', 1.5, '>1', 'a*', true, 'TRUE', NA],
    ],
    ['booleans', '=', true, [true]],
    ['booleans by name', 'criterion', 'true', [true]],
    ['errors by name', 'criterion', '#N/A', [NA]],
    ['an order with nothing behind it meets nothing', 'criterion', '>', []],
    ['an order by Blank meets nothing', '>', null, []],
    ['an order by the empty text meets nothing: ">"&"" is ">"', '>', '', []],
    ['nor does "<="&""', '<=', '', []],
  ])('%s', (_, op, value, wanted) => {
    expect(met(op, value)).toEqual(wanted)
  })

  it('reads texts as dates where cells are dates', () => {
    const days = { type: 'date' } as const
    expect(criteriaMatch('criterion', '>=2026-11-23', days)(20_780)).toBe(true)
    expect(criteriaMatch('criterion', '>=2026-11-23', days)(20_779)).toBe(false)
    expect(criteriaMatch('criterion', '2026-11-23', days)(20_780)).toBe(true)
    expect(criteriaMatch('=', '11/23/2026', days)(20_780)).toBe(true)
  })

  it('equalities are keys, so that an index can answer them', () => {
    for (const value of [1, '1', 'a', true, '', null]) {
      expect(matcherOf('=', value).kind).toBe('equals')
      expect(matcherOf('is', value).kind).toBe('equals')
    }
    expect(matcherOf('criterion', 'open').kind).toBe('equals')
    expect(matcherOf('criterion', 'op*').kind).toBe('test')
  })

  it('splits the operator off', () => {
    expect(splitCriterion('>=5')).toEqual({ op: '>=', rest: '5' })
    expect(splitCriterion('<>')).toEqual({ op: '<>', rest: '' })
    expect(splitCriterion('a>b')).toEqual({ op: null, rest: 'a>b' })
  })
})

describe('keys', () => {
  it('lookups are strict about kinds, criteria are not', () => {
    expect(lookupKey('1')).not.toBe(lookupKey(1))
    expect(criterionKey('1')).toBe(criterionKey(1))
    expect(lookupKey(null)).toBeNull()
    expect(lookupKey(NA)).toBeNull()
  })

  it('are the same for equal values and different for others', () => {
    const same: readonly (readonly Value[])[] = [
      [1, 1n, Decimal.parse('1.00')],
      [0.5, Decimal.parse('0.50')],
      ['Ä', 'ä'],
      [10n ** 20n, Decimal.of(10n ** 20n, 0)],
      [true],
      [false],
      [''],
    ]
    const keys = same.map((values) => [...new Set(values.map(lookupKey))])
    expect(keys.every((one) => one.length === 1)).toBe(true)
    expect(new Set(keys.flat()).size).toBe(same.length)
  })
})

describe('wildcards', () => {
  it.each([
    ['*', '', true],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c', 'abc', true],
    ['a*c', 'ab', false],
    ['?', '', false],
    ['??', 'ab', true],
    ['~?', '?', true],
    ['~~', '~', true],
    ['~a', '~a', true],
    ['a**b', 'ab', true],
    ['*ab*ab', 'abxab', true],
  ])('%s and %s: %s', (pattern, text, wanted) => {
    expect(wildcardTest(pattern)(text)).toBe(wanted)
  })

  it('never take exponential time', () => {
    expect(wildcardTest(`${'*a'.repeat(30)}b`)('a'.repeat(5_000))).toBe(false)
  })
})
