import { NASTY, nastyOrder } from '@sheetflow/testkit/nasty'
import { describe, expect, test } from 'vitest'
import { keyComparator } from './key.ts'
import { compareRows } from './order.ts'
import type { JsonValue } from './value.ts'

describe('the order of lists', () => {
  const columns = [
    { name: 'id', type: 'bigint' },
    { name: 'at', type: 'int' },
    { name: 'name', type: 'text' },
  ] as const
  const rows: JsonValue[][] = [
    ['10', 1, 'b'],
    ['9', 1, 'a'],
    ['8', null, 'c'],
    ['7', { e: '#N/A' }, 'a'],
    ['6', 2, null],
  ]
  const ids = (sorted: readonly (readonly JsonValue[])[]): JsonValue[] => sorted.map((row) => row[0] ?? null)

  test('ascending has Blank first, descending last; ties go to the smaller key', () => {
    expect(ids(rows.toSorted(compareRows([{ column: 'at', direction: 'asc' }], ['id'], columns)))).toEqual(['8', '9', '10', '6', '7'])
    expect(ids(rows.toSorted(compareRows([{ column: 'at', direction: 'desc' }], ['id'], columns)))).toEqual(['7', '6', '9', '10', '8'])
    expect(ids(rows.toSorted(compareRows([], ['id'], columns)))).toEqual(['6', '7', '8', '9', '10'])
  })

  test('goes term by term', () => {
    const order = [
      { column: 'name', direction: 'desc' },
      { column: 'at', direction: 'asc' },
    ] as const
    expect(ids(rows.toSorted(compareRows(order, ['id'], columns)))).toEqual(['8', '10', '9', '7', '6'])
  })

  test.each(NASTY)('$name, descending, is the reverse', ({ type, ...nasty }) => {
    const groups = nastyOrder({ type, ...nasty })
    const all = groups.flatMap((group, place) => group.map((json) => ({ json, place })))
    const compare = compareRows([{ column: 'x', direction: 'desc' }], [], [{ ...type, name: 'x' }])
    const places = all.toSorted((a, b) => compare([a.json], [b.json])).map(({ place }) => place)
    expect(places).toEqual(all.map(({ place }) => place).reverse())
  })

  test('composite keys compare part by part', () => {
    const compare = keyComparator([{ type: 'bigint' }, { type: 'text' }])
    expect(compare(['9', 'b'], ['10', 'a'])).toBe(-1)
    expect(compare(['9', 'b'], ['9', 'a'])).toBe(1)
    expect(compare(['9', 'a'], ['9', 'a'])).toBe(0)
  })
})
