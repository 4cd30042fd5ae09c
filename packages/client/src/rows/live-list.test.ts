import { describe, expect, test } from 'vitest'
import { LiveList } from './live-list.ts'
import { OrderedRows } from './ordered-rows.ts'
import { RowTable } from './row-table.ts'

function listOf(): { readonly table: RowTable; readonly list: LiveList } {
  const table = new RowTable()
  return { table, list: new LiveList(table, 'sales.orders@1.1') }
}

describe('LiveList', () => {
  test('a reset without rows asks, a reset with rows replaces', () => {
    const { list } = listOf()
    list.replace([{ key: ['1'], cells: { id: '1' } }], 5)
    expect(list.apply({ o: 6, reset: true })).toBe('reset')
    expect(list.apply({ o: 7, reset: true, rows: [['c', ['2'], { id: '2' }]] })).toBe('changed')
    expect([...list.members.keys()]).toEqual(['["2"]'])
    expect(list.at).toBe(7)
  })

  test('whole content of an earlier moment than the list changes nothing', () => {
    const { list } = listOf()
    list.replace([{ key: ['1'], cells: { id: '1' } }], 9)
    list.apply({ o: 8, reset: true, rows: [] })
    expect(list.members.size).toBe(1)
  })

  test('an update of a row that is not in the list is of no concern', () => {
    const { list, table } = listOf()
    list.replace([], 1)
    list.apply({ o: 2, rows: [['u', ['1'], { total: '1.00' }]] })
    expect(table.size).toBe(0)
  })

  test('keys of an answer are texts, keys of publications have their type', () => {
    const { list } = listOf()
    list.replace([{ key: [42], cells: { id: 42 } }], 1)
    list.apply({ o: 2, rows: [['d', ['42'], null]] })
    expect(list.members.size).toBe(0)
  })

  test('a wide value that was not sent is missing until it is asked for, even if an old one is known', () => {
    const { list, table } = listOf()
    const other = new LiveList(table, 'sales.orders@1.1')
    for (const one of [list, other]) one.replace([{ key: ['1'], cells: { id: '1', note: 'old' } }], 1)
    list.apply({ o: 2, rows: [['d', ['1'], null]] })
    list.apply({ o: 9, rows: [['c', ['1'], { id: '1', note: { '~': 1 } }]] })
    const [row] = [...list.incomplete]
    expect(row?.id).toBe('["1"]')
    if (row !== undefined) list.complete(row, { id: 'of a later moment', note: 'new' }, 12)
    expect([...list.incomplete]).toEqual([])
    expect(row?.cells.get('note')?.value).toBe('new')
    expect(row?.cells.get('id')?.value).toBe('1')
  })

  test('an answer of before a value was missed does not count: its store was behind, or it was under way for another reason', () => {
    const { list } = listOf()
    list.replace([], 1)
    list.apply({ o: 9, rows: [['c', ['1'], { id: '1', note: { '~': 1 } }]] })
    const [row] = [...list.incomplete]
    expect(row === undefined ? null : list.complete(row, { note: 'old' }, 8)).toBe(false)
    expect(row === undefined ? null : list.complete(row, { note: 'right' }, 9)).toBe(true)
    expect(row?.cells.get('note')?.value).toBe('right')
  })

  test('the reference to a big value is asked for', () => {
    const { list } = listOf()
    list.replace([{ key: ['1'], cells: { id: '1', photo: 'https://…' } }], 1)
    list.apply({ o: 2, rows: [['u', ['1'], { photo: { b: 'a'.repeat(64), n: 300_000 } }]] })
    expect([...list.incomplete]).toHaveLength(1)
  })
})

describe('OrderedRows', () => {
  const order = {
    order: [{ column: 'total', direction: 'desc', type: 'decimal' }],
    key: [{ column: 'id', type: 'bigint' }],
  } as const

  test('rows stand as the server orders them: by value, Blank last in desc, ties by key', () => {
    const { list } = listOf()
    list.replace(
      [
        { key: ['10'], cells: { total: '9.50' } },
        { key: ['9'], cells: { total: '9.5' } },
        { key: ['3'], cells: { total: null } },
        { key: ['4'], cells: { total: '10.00' } },
      ],
      1,
    )
    const rows = new OrderedRows(list, order)
    expect(rows.rows().map((row) => row.key[0])).toEqual(['4', '9', '10', '3'])
  })

  test('only what changed is moved, and nothing is made anew where nothing changed', () => {
    const { list } = listOf()
    list.replace(
      Array.from({ length: 100 }, (_, i) => ({ key: [String(i)], cells: { total: String(i) } })),
      1,
    )
    const rows = new OrderedRows(list, order)
    list.watch(rows)
    const before = rows.rows()
    expect(rows.rows()).toBe(before)
    list.apply({
      o: 2,
      rows: [
        ['u', ['7'], { total: '1000' }],
        ['d', ['50'], null],
        ['c', ['200'], { total: '42.5' }],
      ],
    })
    const keys = rows.rows().map((row) => row.key[0])
    expect(keys.slice(0, 2)).toEqual(['7', '99'])
    expect(keys).not.toContain('50')
    expect(keys.indexOf('200')).toBe(keys.indexOf('43') + 1)
    expect(keys).toHaveLength(100)
  })
})
