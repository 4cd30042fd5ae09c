import type { RowJson } from '@sheetflow/core/message'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { expect } from 'vitest'
import { ask, created, deleted, filled, one, plan, rows, sheet, transaction, updated, STREAM, VIEW } from './view-store-lab.ts'
import type { ViewStoreCase } from './view-store-lab.ts'

/** A store takes every value that has a JSON form, whatever its size: one row must not end the writing of all others. */

/** Characters that no database presses together; the same for the same `seed`. */
function noise(letters: number, seed: number): string {
  return Array.from({ length: letters }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919 + seed * 104_729) % 20_000))).join('')
}

function digits(count: number, seed: number): string {
  let text = '7'
  for (let i = 1; i < count; i++) text += String((i * i * 7 + i * seed + (i >> 3)) % 10)
  return text
}

/** Longer than any index holds, equal in their first 12,000 bytes. */
const COMMON = noise(4_000, 1)
const [FIRST, SECOND, THIRD] = [`${COMMON}a`, `${COMMON}b`, `${COMMON}b `] as const

const OTHER = 'kit.other'

const ASC = [{ column: 'note', direction: 'asc' as const }]

async function keysOf(store: ViewStore, generation: number, more: Parameters<typeof plan>[2] = {}): Promise<unknown> {
  return (await ask(store, plan(generation, [], { key: true, ...more }))).map((row) => row['_key'])
}

export const BOUND_CASES: readonly ViewStoreCase[] = [
  one('keys of any length: written, replaced, deleted, found, in order, a page after them', async (store) => {
    await store.ensure(sheet(VIEW, 1, { name: 'text', note: 'text' }, { index: ['note'] }))
    await store.apply(STREAM, [transaction(1, [filled(1, [['b', 'short']])])])
    await store.apply(STREAM, [transaction(2, [rows(1, [created([SECOND, 'x']), created([FIRST, 'x']), created([THIRD, 'w'])])])])
    const all = [['b'], [FIRST], [SECOND], [THIRD]]
    expect(await keysOf(store, 1)).toEqual(all)
    expect(await keysOf(store, 1, { order: ASC })).toEqual([['b'], [THIRD], [FIRST], [SECOND]])
    expect(await keysOf(store, 1, { where: { op: 'eq', column: 'name', value: SECOND } })).toEqual([[SECOND]])
    expect(await keysOf(store, 1, { where: { op: 'in', column: 'name', values: ['b', THIRD, 'c'] } })).toEqual([['b'], [THIRD]])
    expect(await keysOf(store, 1, { where: { op: 'lt', column: 'name', value: SECOND } })).toEqual([['b'], [FIRST]])
    expect(await keysOf(store, 1, { where: { op: 'prefix', column: 'name', value: `${COMMON}b` } })).toEqual([[SECOND], [THIRD]])
    expect(await keysOf(store, 1, { after: { order: [], key: [FIRST] } })).toEqual([[SECOND], [THIRD]])
    // A second `c` of a key replaces its row; what a `d` names goes, short or long.
    await store.apply(STREAM, [
      transaction(3, [
        rows(1, [
          created([SECOND, 'y']),
          created(['b', 'again']),
          updated([FIRST, 'x'], [FIRST, 'z']),
          deleted([THIRD, 'w']),
          created(['c', '']),
        ]),
      ]),
    ])
    await store.apply(STREAM, [transaction(4, [rows(1, [deleted(['b', 'again'])])])])
    expect(await ask(store, plan(1, ['note'], { key: true }))).toEqual([
      { note: '', _key: ['c'] },
      { note: 'z', _key: [FIRST] },
      { note: 'y', _key: [SECOND] },
    ])
  }),
  one('a sheet with more columns than a table may have is refused by itself; others go on', async (store) => {
    const columns = Object.fromEntries(Array.from({ length: 2_001 }, (_, i) => [`n${i}`, 'int'] as const))
    await expect(store.ensure(sheet(OTHER, 1, columns))).rejects.toMatchObject({
      code: 'store/refused',
      details: { view: OTHER },
      message: expect.stringContaining('columns') as string,
    })
    await store.ensure(sheet(VIEW, 1, { name: 'text' }))
    await store.apply(STREAM, [transaction(1, [filled(1, [['a']])])])
    expect(await keysOf(store, 1)).toEqual([['a']])
    const { n0 = 'int', n1 = 'int' } = columns
    await store.ensure(sheet(OTHER, 2, { n0, n1 }))
    await store.apply(STREAM, [transaction(2, [filled(2, [[1, 2]], OTHER)])])
    expect(await keysOf(store, 2, { view: OTHER })).toEqual([[1]])
  }),
  one('keys of any length from the first row on, and in the next generation', async (store) => {
    for (const generation of [1, 2]) {
      await store.ensure(sheet(VIEW, generation, { name: 'text', note: 'text' }, { index: ['note'], search: ['note'] }))
      await store.apply(STREAM, [
        transaction(generation, [
          filled(generation, [
            [THIRD, 'c'],
            ['a', 'b'],
            [FIRST, 'a'],
          ]),
        ]),
      ])
      expect(await keysOf(store, generation)).toEqual([['a'], [FIRST], [THIRD]])
      expect(await keysOf(store, generation, { order: ASC })).toEqual([[FIRST], ['a'], [THIRD]])
    }
  }),
  one('keys of several columns that are long together, beside an index', async (store) => {
    const columns = { a: 'text', b: 'text', n: 'int', note: 'text' } as const
    const more = { key: ['a', 'b', 'n'], index: ['note'] }
    await store.ensure(sheet(VIEW, 1, columns, more))
    const [a, b, c] = [noise(460, 2), noise(460, 3), noise(399, 4)]
    const row = (n: number, note: string): RowJson => [a, b, n, note]
    const key = (n: number): JsonValue[] => [a, b, n]
    await store.apply(STREAM, [
      transaction(1, [{ view: VIEW, generation: 1, swap: true, status: 'ready', rows: [['c', key(2), row(2, c), null]] }]),
    ])
    await store.apply(STREAM, [
      transaction(2, [
        rows(1, [
          ['c', key(1), row(1, c), null],
          ['u', key(2), row(2, 'b'), row(2, c)],
          ['c', key(1), row(1, 'c'), null],
        ]),
      ]),
    ])
    expect(await keysOf(store, 1)).toEqual([key(1), key(2)])
    expect(await keysOf(store, 1, { order: ASC })).toEqual([key(2), key(1)])
    await store.apply(STREAM, [transaction(3, [rows(1, [['d', key(1), null, row(1, 'c')]])])])
    expect(await keysOf(store, 1)).toEqual([key(2)])
  }),
  one('a key that changes while other cells stay, short to long and back', async (store) => {
    await store.ensure(sheet(VIEW, 1, { name: 'text', note: 'text' }))
    const same = { '~': 1 } as const
    const renamed = (from: string, to: string) =>
      [
        ['d', [from], null, [from, same]],
        ['c', [to], [to, same], null],
      ] as const
    await store.apply(STREAM, [
      transaction(1, [
        filled(1, [
          ['b', 'kept'],
          ['c', 'other'],
        ]),
      ]),
    ])
    await store.apply(STREAM, [transaction(2, [rows(1, renamed('b', FIRST))])])
    await store.apply(STREAM, [transaction(3, [rows(1, [['u', [FIRST], [FIRST, same], [FIRST, same]], ...renamed(FIRST, SECOND)])])])
    expect(await ask(store, plan(1, ['note'], { key: true }))).toEqual([
      { note: 'other', _key: ['c'] },
      { note: 'kept', _key: [SECOND] },
    ])
    await store.apply(STREAM, [transaction(4, [rows(1, renamed(SECOND, 'c'))])])
    expect(await ask(store, plan(1, ['note'], { key: true }))).toEqual([{ note: 'kept', _key: ['c'] }])
  }),
  one('nested lists hang on keys of any length', async (store) => {
    const parents = 'kit.parents'
    await store.ensure(sheet(VIEW, 1, { id: 'int', of: 'text', and: 'text' }))
    await store.ensure(
      sheet(
        parents,
        1,
        { name: 'text' },
        {
          lists: {
            rows: {
              view: VIEW,
              on: [
                ['of', 'name'],
                ['and', 'name'],
              ],
            },
          },
        },
      ),
    )
    await store.apply(STREAM, [
      transaction(1, [
        filled(1, [
          [1, FIRST, FIRST],
          [2, SECOND, SECOND],
          [3, FIRST, FIRST],
        ]),
        filled(1, [[FIRST], [SECOND], ['a']], parents),
      ]),
    ])
    const on = [
      ['of', 'name'],
      ['and', 'name'],
    ] as const
    const asked = plan(1, [], { view: parents, nested: [{ as: 'rows', on, plan: plan(1, ['id']) }] })
    expect(await ask(store, asked)).toEqual([{ rows: [] }, { rows: [{ id: 1 }, { id: 3 }] }, { rows: [{ id: 2 }] }])
  }),
  ...(['decimal', 'bigint'] as const).map((type) =>
    one(`${type}s of any number of digits, as keys and in an index`, async (store) => {
      await store.ensure(sheet(VIEW, 1, { id: { type }, n: { type } }, { index: ['n'] }))
      const big = digits(131_500, 4)
      const negative = [`-${big}`, `-${digits(130_990, 3)}`, `-${digits(6_000, 1)}`]
      // Whole numbers below 64 bits are in order in SQLite, but not told apart (ADR 009).
      const ascending = [
        ...(type === 'bigint' ? [] : negative),
        '-2',
        '0',
        '5',
        digits(6_000, 1),
        digits(6_000, 2),
        digits(130_990, 3),
        big,
        `9${big}`,
      ]
      const all: RowJson[] = ascending.map((n, i) => [ascending[ascending.length - 1 - i] as string, n])
      await store.apply(STREAM, [transaction(1, [filled(1, all)])])
      expect((await ask(store, plan(1, ['id']))).map((row) => row['id'])).toEqual(ascending)
      const order = [{ column: 'n', direction: 'asc' as const }]
      expect((await ask(store, plan(1, ['n'], { order }))).map((row) => row['n'])).toEqual(ascending)
      expect(await ask(store, plan(1, ['id'], { where: { op: 'eq', column: 'id', value: big } }))).toEqual([{ id: big }])
      await store.apply(STREAM, [transaction(2, [rows(1, [deleted([big, null]), created([digits(6_000, 1), '1'])])])])
      expect(await ask(store, plan(1, ['n'], { where: { op: 'gt', column: 'id', value: '5' } }))).toEqual([
        { n: '1' },
        ...all
          .filter(([id]) => [digits(6_000, 2), digits(130_990, 3), `9${big}`].includes(id as string))
          .map(([, n]) => ({ n }))
          .toReversed(),
      ])
    }),
  ),
  one('decimals of any number of places', async (store) => {
    await store.ensure(sheet(VIEW, 1, { id: { type: 'decimal' }, n: { type: 'decimal' } }, { index: ['n'] }))
    const small = (digit: number): string => `0.${'0'.repeat(15_000)}${digit}${digits(20_000, 3)}`
    const ascending = [
      '-1',
      `-${small(2)}`,
      `-${small(1)}`,
      '0',
      small(1),
      small(2),
      '0.5',
      `0.${digits(140_000, 5)}`,
      `0.8${'0'.repeat(20_000)}`,
    ]
    await store.apply(STREAM, [
      transaction(1, [
        filled(
          1,
          ascending.map((n) => [n, n]),
        ),
      ]),
    ])
    expect((await ask(store, plan(1, ['n']))).map((row) => row['n'])).toEqual(ascending)
    // Equal numbers are one key, however they are written; the last writing is shown.
    await store.apply(STREAM, [transaction(2, [rows(1, [created([`0.5${'0'.repeat(20_000)}`, '1'])])])])
    const found = await ask(store, plan(1, ['id', 'n'], { where: { op: 'eq', column: 'id', value: '0.50' } }))
    expect(found).toEqual([{ id: `0.5${'0'.repeat(20_000)}`, n: '1' }])
  }),
  one('lists and bytes of any length in keys and indexes', async (store) => {
    const list = { type: 'list', of: { type: 'text' } } as ColumnType
    await store.ensure(sheet(VIEW, 1, { id: list, n: 'bytes' }, { index: ['n'] }))
    const bytes = Buffer.from(noise(5_000, 6)).toString('base64')
    const all: RowJson[] = [
      [[], 'AA=='],
      [[FIRST], null],
      [[FIRST, 'a'], bytes],
      [[SECOND], '/w=='],
    ]
    await store.apply(STREAM, [transaction(1, [filled(1, all)])])
    expect((await ask(store, plan(1, ['id']))).map((row) => row['id'])).toEqual(all.map(([id]) => id))
    expect((await ask(store, plan(1, ['n'], { order: [{ column: 'n', direction: 'asc' }] }))).map((row) => row['n'])).toEqual([
      null,
      'AA==',
      bytes,
      '/w==',
    ])
  }),
  one('characters that a database may not know', async (store) => {
    const list = { type: 'list', of: { type: 'text' } } as ColumnType
    await store.ensure(sheet(VIEW, 1, { id: 'text', list, json: 'json', error: 'int' }, { search: ['id'] }))
    const odd = 'a\ud800b\udc00'
    await store.apply(STREAM, [
      transaction(1, [
        filled(1, [
          [odd, [odd, '\u0000'], JSON.stringify(odd), { e: '#N/A', of: `c\u0000${odd}` }],
          ['z\u0000', null, null, null],
        ]),
      ]),
    ])
    expect(await ask(store, plan(1, ['id']))).toHaveLength(2)
    expect(await ask(store, plan(1, ['error'], { where: { op: 'lt', column: 'id', value: 'b' } }))).toEqual([
      { error: expect.objectContaining({ e: '#N/A' }) },
    ])
    expect(await ask(store, plan(1, ['id'], { where: { op: 'eq', column: 'id', value: 'z\u0000' } }))).toHaveLength(1)
  }),
  one('a row whose key has no cell in the database is kept or refused with its view, and all else goes on', async (store) => {
    await store.ensure(sheet(VIEW, 1, { id: 'int', note: 'text' }))
    await store.ensure(sheet(OTHER, 1, { id: 'int' }))
    await store.apply(STREAM, [transaction(1, [filled(1, [[1, 'a']]), filled(1, [[7]], OTHER)])])
    const broken: RowJson = [{ e: '#REF!', of: 'id' }, 'a']
    const odd = rows(1, [['u', broken.slice(0, 1), broken, null]])
    const error: unknown = await store.apply(STREAM, [transaction(2, [odd, rows(1, [created([8])], OTHER)])]).then(
      () => null,
      (failed: unknown) => failed,
    )
    if (error !== null) {
      expect(error).toMatchObject({ code: 'store/refused', retry: 'never', details: { view: VIEW } })
      expect(await keysOf(store, 1, { view: OTHER })).toEqual([[7]])
      await store.apply(STREAM, [transaction(2, [rows(1, [created([8])], OTHER)])])
      expect(await keysOf(store, 1)).toEqual([[1]])
    } else expect(await keysOf(store, 1)).toHaveLength(2)
    expect(await keysOf(store, 1, { view: OTHER })).toEqual([[7], [8]])
  }),
  one('a row for which there is no room is refused with its view, and all else goes on', async (store) => {
    const names = Array.from({ length: 600 }, (_, i) => `t${i}`)
    const wide = sheet(VIEW, 1, { id: 'int', ...Object.fromEntries(names.map((name) => [name, 'text' as const])) })
    await store.ensure(wide)
    await store.ensure(sheet(OTHER, 1, { id: 'int' }))
    const row = (id: number): RowJson => [id, ...names.map((_, i) => noise(id === 1 ? 700 : 1, i))]
    const both = transaction(1, [filled(1, [[7]], OTHER), filled(1, [row(1), row(2)])])
    const error: unknown = await store.apply(STREAM, [both]).then(
      () => null,
      (failed: unknown) => failed,
    )
    if (error === null) {
      expect((await ask(store, plan(1, ['t599']))).map((found) => found['t599'])).toEqual([noise(700, 599), noise(1, 599)])
      return
    }
    expect(error).toMatchObject({ code: 'store/refused', retry: 'never', details: { view: VIEW } })
    expect([await store.position(STREAM), await store.views()]).toEqual([null, []])
    await store.stage(STREAM, both.position.tx, 0, both.changes)
    await store.apply(STREAM, [{ ...transaction(1, [filled(1, [row(2)])]), staged: true, without: [VIEW] }])
    expect(await ask(store, plan(1, ['id'], { view: OTHER }))).toEqual([{ id: 7 }])
    expect(await ask(store, plan(1, ['id']))).toEqual([{ id: 2 }])
  }),
]
