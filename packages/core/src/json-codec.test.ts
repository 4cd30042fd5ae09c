import { NASTY, nastyType } from '@sheetflow/testkit/nasty'
import { describe, expect, test } from 'vitest'
import { CellError } from './cell-error.ts'
import { Decimal } from './decimal.ts'
import { fromJson, isJsonOf, toJson } from './json-codec.ts'
import { UNCHANGED_JSON, isBlobRef, isJsonError, isUnchanged } from './json-special.ts'
import type { ColumnType } from './type.ts'
import type { JsonValue, Value } from './value.ts'

const HASH = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

/** JSON that is not the form of the type, though some of it is close. */
const REFUSED: Readonly<Record<string, readonly unknown[]>> = {
  bool: [0, 1, 'true', []],
  int: [1.5, 9007199254740992, '1', true, []],
  bigint: [1, '01', '+1', '-0', '1.0', '1e3', '', ' 1'],
  decimal: [1, '01', '.5', '5.', '+1', '1e3', '', 'NaN', '1.0 '],
  double: ['1', true],
  text: [1, true, ['a']],
  bytes: ['A', 'AB==', 'AA', 1],
  date: ['2026-1-1', '2026-02-29', '0000-01-01', 1],
  time: ['10:00', '10:00:00', '10:00:00.5', '24:00:00.000001'],
  interval: ['P12M', 'P1W', 'PT60M', 'P0D', 'PT1.50S', '1 day'],
  timestamp: ['2026-11-23T10:00:00', '2026-11-23 10:00:00.000000', '2026-11-23T10:00:00.000000Z', '2026-11-23T24:00:00.000000'],
  timestamptz: ['2026-11-23T10:00:00.000000', '2026-11-23T10:00:00.000000+00', '2026-11-23T10:00:00Z'],
  uuid: ['A0000000-0000-4000-8000-000000000000', 'a0000000000040008000000000000000', ''],
  json: [{}, 1],
  list_int: ['[]', [1.5], [['1']], [{ '~': 1 }]],
}

const OBJECTS: readonly unknown[] = [
  {},
  { '~': 1 },
  { '~': 2 },
  { e: '#NOPE!' },
  { e: '#N/A', of: 1 },
  { e: '#N/A', x: 1 },
  { b: 'x', n: 1 },
  { b: HASH, n: -1 },
  { b: HASH },
]

describe('fromJson', () => {
  test.each(Object.entries(REFUSED))('%s refuses what is not its form', (name, refused) => {
    const { type } = nastyType(name)
    for (const json of [...refused, ...OBJECTS, NaN, Infinity, undefined] as JsonValue[]) {
      expect(() => fromJson(type, json)).toThrow(expect.objectContaining({ code: 'core/bad-value' }))
    }
  })

  test('an error does not print the value', () => {
    expect(() => fromJson({ type: 'int' }, 'secret')).toThrow(expect.not.stringContaining('secret'))
  })

  test('special forms stand in any column', () => {
    for (const { type } of NASTY) {
      expect(fromJson(type, null)).toBeNull()
      expect(fromJson(type, { e: '#N/A', of: 'x' })).toEqual(new CellError('#N/A', 'x'))
      expect(fromJson(type, { b: HASH, n: 300_000 })).toEqual({ b: HASH, n: 300_000 })
      expect(toJson(type, new CellError('#REF!'))).toEqual({ e: '#REF!' })
      expect(toJson(type, { b: HASH, n: 300_000 })).toEqual({ b: HASH, n: 300_000 })
      expect(isJsonOf(type, { e: '#N/A' })).toBe(true)
    }
    expect([
      isUnchanged(UNCHANGED_JSON),
      isUnchanged(null),
      isUnchanged([]),
      isJsonError({ e: '#N/A' }),
      isBlobRef({ b: HASH, n: 1 }),
    ]).toEqual([true, false, false, true, true])
  })

  test('minus zero is zero', () => {
    expect(Object.is(fromJson({ type: 'double' }, -0), 0)).toBe(true)
    expect(Object.is(fromJson({ type: 'int' }, -0), 0)).toBe(true)
    expect(Object.is(toJson({ type: 'double' }, -0), 0)).toBe(true)
  })
})

describe('toJson', () => {
  test('what is no number is an error of the cell', () => {
    for (const value of [NaN, Infinity, -Infinity]) expect(toJson({ type: 'double' }, value)).toEqual({ e: '#NUM!' })
  })

  test('a decimal takes narrower numbers', () => {
    expect([1, 10n ** 20n, 0.1].map((value) => toJson({ type: 'decimal' }, value))).toEqual(['1', '100000000000000000000', '0.1'])
  })

  test.each<[ColumnType['type'], Value]>([
    ['int', 1.5],
    ['int', 2 ** 53],
    ['int', '1'],
    ['bigint', 1],
    ['decimal', '1'],
    ['text', 1],
    ['bool', 1],
    ['date', '2026-11-23'],
    ['interval', { days: 1, micros: 1 }],
    ['timestamp', { months: 1, days: 1, micros: 1 }],
    ['bytes', 'AA=='],
    ['double', Decimal.ZERO],
  ])('%s refuses %s', (type, value) => {
    expect(() => toJson({ type } as ColumnType, value)).toThrow(expect.objectContaining({ code: 'core/bad-value' }))
  })
})
