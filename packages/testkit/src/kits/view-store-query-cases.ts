import type { RowJson } from '@sheetflow/core/message'
import type { ColumnSchema, SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { expect } from 'vitest'
import {
  ask,
  created,
  deleted,
  filled,
  one,
  orders,
  plan,
  read,
  rows,
  sheet,
  transaction,
  updated,
  STREAM,
  VIEW,
} from './view-store-lab.ts'
import type { Columns, ViewStoreCase } from './view-store-lab.ts'

const PARENT = 'kit.customers'

/** Wide enough for the store to sort something smaller than the rows. */
const NOTES = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`note${i}`, 'text' as const]))

/** Keys that a table may be arranged by, and columns that change how. */
const WIDE_KEYS: Readonly<Record<string, { readonly key: Columns; readonly extra: Columns }>> = {
  'a whole number of 32 bits': { key: { id: 'int' }, extra: {} },
  'one of 64 bits': { key: { id: 'bigint' }, extra: {} },
  'of two columns': { key: { first: 'text', second: 'int' }, extra: {} },
  'a text, beside long values': { key: { id: 'text' }, extra: { long: 'json' } },
}

/** Ranks with ties, Blank and a cell error among them; parents 1 to 3. */
function wideRow(keys: number, i: number, columns: readonly ColumnSchema[]): RowJson {
  const rank = i % 7 === 0 ? null : i % 11 === 0 ? { e: '#N/A' } : `rank ${i % 5}`
  return columns.map(({ name, type }, at): JsonValue => {
    if (at < keys) return type === 'int' ? i % 100 : at === 0 && keys > 1 ? (i % 2 === 0 ? 'even' : null) : String(100 + i)
    if (name === 'parent') return 1 + (i % 3)
    if (name === 'rank') return rank
    return name === 'long' ? JSON.stringify({ i }) : `${name} of ${i}`
  })
}

/** The parent's rows by `rank` (Blank first, errors last), ties by key. */
function inOrder(all: readonly RowJson[], keys: number, parent: number, direction: 'asc' | 'desc'): RowJson[] {
  const place = (value: JsonValue | undefined): string =>
    value === null ? '0' : typeof value === 'object' ? '2' : `1${String(value).padStart(9, '0')}`
  const keyOf = (row: RowJson): string => row.slice(0, keys).map(place).join()
  const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  const sign = direction === 'asc' ? 1 : -1
  return all
    .filter((row) => row[keys] === parent)
    .toSorted((a, b) => sign * compare(place(a[keys + 1]), place(b[keys + 1])) || compare(keyOf(a), keyOf(b)))
}

/** What an answer shows of the row: its own columns, and the key. */
function objectOf({ columns, key }: SheetSchema, row: RowJson): Record<string, JsonValue> {
  const own = columns.map(({ name }, i) => [name, row[i] ?? null] as const).slice(key.length)
  return { ...Object.fromEntries(own), _key: row.slice(0, key.length) }
}

/** What `query` promises. */
export const QUERY_CASES: readonly ViewStoreCase[] = [
  one('rows are objects of the asked columns, with the key as an array', async (store) => {
    await store.ensure(orders(1))
    await store.apply(STREAM, [transaction(1, [filled(1, [['1', 7, '9.50', 'a "quote" \\ \n \u2028']])])])
    const result = await store.query({
      streams: [],
      plans: [plan(1, ['note', 'total'], { key: true }), plan(1, [], { key: true }), plan(1, [])],
    })
    expect(result.rows.map((text): unknown => JSON.parse(text))).toEqual([
      [{ note: 'a "quote" \\ \n \u2028', total: '9.50', _key: ['1'] }],
      [{ _key: ['1'] }],
      [{}],
    ])
    expect(result.positions).toEqual({})
  }),
  one('limit cuts behind the order, after goes on behind a row', async (store) => {
    await store.ensure(orders(1))
    const all: RowJson[] = Array.from({ length: 40 }, (_, i) => [String(i), i % 3 === 0 ? null : i % 3, `${i}.00`, null])
    await store.apply(STREAM, [transaction(1, [filled(1, all)])])
    const order = [{ column: 'customer', direction: 'desc' as const }]
    const seen: JsonValue[] = []
    let after: { order: JsonValue[]; key: JsonValue[] } | undefined
    for (;;) {
      const page = await ask(store, plan(1, ['id', 'customer'], { order, limit: 7, ...(after === undefined ? {} : { after }) }))
      const last = page.at(-1)
      if (last === undefined) break
      seen.push(...page.map((row) => row['id'] ?? null))
      after = { order: [last['customer'] ?? null], key: [last['id'] ?? null] }
    }
    const rank = (row: RowJson): number => -Number(row[1] ?? 0) * 100 + Number(row[0])
    expect(seen).toEqual(all.toSorted((a, b) => rank(a) - rank(b)).map((row) => row[0]))
  }),
  one('a filter may have thousands of alternatives, in themselves filters', async (store) => {
    await store.ensure(orders(1))
    await store.apply(STREAM, [
      transaction(1, [
        filled(
          1,
          [1, 999, 5_000].map((id): RowJson => [String(id), id, '1.00', null]),
        ),
      ]),
    ])
    const of = Array.from({ length: 1_500 }, (_, i) => {
      const both = [
        { op: 'eq', column: 'id', value: String(i) },
        { op: 'eq', column: 'customer', value: i },
      ] as const
      return { op: 'and', of: both } as const
    })
    expect(await ask(store, plan(1, ['id'], { where: { op: 'or', of } }))).toEqual([{ id: '1' }, { id: '999' }])
    const none = { op: 'not', of: { op: 'or', of: of.slice(0, 500) } } as const
    expect(await ask(store, plan(1, ['id'], { where: none }))).toEqual([{ id: '5000' }, { id: '999' }].toReversed())
  }),
  ...Object.entries(WIDE_KEYS).map(([name, { key, extra }]) =>
    one(`wide rows, of a view whose key is ${name}, come in the order asked for, page by page and below a parent`, async (store) => {
      const wide = sheet(VIEW, 1, { ...key, parent: 'int', rank: 'text', ...extra, ...NOTES }, { key: Object.keys(key), index: ['parent'] })
      const own = wide.columns.slice(wide.key.length).map((column) => column.name)
      await store.ensure(sheet(PARENT, 1, { id: 'int', name: 'text' }))
      await store.ensure(wide)
      const all = Array.from({ length: 60 }, (_, i) => wideRow(wide.key.length, (i * 37) % 60, wide.columns))
      const changes = all.map((row) => ['c', row.slice(0, wide.key.length), row, null] as const)
      const parents = [1, 2, 3].map((id): RowJson => [id, null])
      await store.apply(STREAM, [transaction(1, [filled(1, parents, PARENT), { view: VIEW, generation: 1, swap: true, rows: changes }])])
      for (const direction of ['asc', 'desc'] as const) {
        const order = [{ column: 'rank', direction }]
        const expected = (parent: number): Record<string, JsonValue>[] =>
          inOrder(all, wide.key.length, parent, direction).map((row) => objectOf(wide, row))
        const seen: Record<string, JsonValue>[] = []
        for (;;) {
          const last = seen.at(-1)
          const after = last && { order: [last['rank'] ?? null], key: last['_key'] as JsonValue[] }
          const where = { op: 'eq', column: 'parent', value: 2 } as const
          const page = await ask(store, plan(1, own, { where, order, key: true, limit: 7, ...(after && { after }) }))
          if (page.length === 0) break
          seen.push(...page)
        }
        expect(seen).toEqual(expected(2))
        const nested = [{ as: 'rows', on: [['parent', 'id'] as const], plan: plan(1, own, { order, key: true, limit: 9 }) }]
        const found = await ask(store, plan(1, ['id'], { view: PARENT, nested }))
        expect(found).toEqual([1, 2, 3].map((id) => ({ id, rows: expected(id).slice(0, 9) })))
      }
    }),
  ),
  one('a view without a key has one row, which later rows replace', async (store) => {
    const view = 'kit.values'
    await store.ensure({ ...sheet(view, 1, { count: 'int' }), key: [] })
    const changes = (op: 'c' | 'u', after: RowJson, before: RowJson | null) => ({
      view,
      generation: 1,
      swap: op === 'c',
      rows: [[op, [], after, before]] as const,
    })
    await store.apply(STREAM, [transaction(1, [changes('c', [1], null)]), transaction(2, [changes('u', [2], [1])])])
    const result = await store.query({ streams: [], plans: [plan(1, ['count'], { view, key: true })] })
    expect(read(result, 0)).toEqual([{ count: 2, _key: [] }])
    await store.apply(STREAM, [transaction(3, [{ view, generation: 1, swap: false, rows: [['d', [], null, [2]]] }])])
    expect(await ask(store, plan(1, ['count'], { view }))).toEqual([])
  }),
  one('all plans of a call, and its positions, are of one snapshot', async (store) => {
    await store.ensure(orders(1))
    await store.ensure(sheet(PARENT, 1, { id: 'int', name: 'text' }))
    await store.apply(STREAM, [transaction(1, [filled(1, [['1', 7, '1.00', null]]), filled(1, [[7, 'Anna']], PARENT)])])
    const plans = [plan(1, ['id']), plan(1, ['name'], { view: PARENT })]
    const result = await store.query({ streams: [STREAM], plans })
    expect([read(result, 0), read(result, 1), result.positions[STREAM]?.offset]).toEqual([[{ id: '1' }], [{ name: 'Anna' }], 1])
  }),
  one('an answer says how each view stands in its snapshot', async (store) => {
    await store.ensure(orders(1))
    await store.ensure(sheet(PARENT, 1, { id: 'int', name: 'text' }))
    await store.apply(STREAM, [transaction(1, [filled(1, []), filled(1, [], PARENT)])])
    const stands = async (): Promise<unknown> => Object.fromEntries((await store.query({ streams: [], plans: [plan(1, ['id'])] })).statuses)
    expect(await stands()).toEqual({ [VIEW]: 'ready', [PARENT]: 'ready' })
    await store.apply(STREAM, [transaction(2, [{ view: VIEW, generation: 1, swap: false, status: 'stale', rows: [] }])])
    expect(await stands()).toEqual({ [VIEW]: 'stale', [PARENT]: 'ready' })
  }),
  one('a nested list holds the rows that join, filtered, ordered and cut for each parent', async (store) => {
    const lists = { open: { view: VIEW, on: [['customer', 'id'] as const] } }
    await store.ensure(sheet(PARENT, 1, { id: 'bigint', name: 'text' }, { lists }))
    await store.ensure(orders(1))
    const parents: RowJson[] = [
      ['7', 'Anna'],
      ['8', 'Ben'],
      ['9', 'Cleo'],
    ]
    const children: RowJson[] = [
      ...Array.from({ length: 6 }, (_, i): RowJson => [String(i), 7, `${i}.00`, i % 2 === 0 ? 'even' : 'odd']),
      ['10', 9, '1.00', 'odd'],
      ['11', { e: '#N/A' }, '1.00', 'odd'],
      ['12', null, '1.00', 'odd'],
    ]
    await store.apply(STREAM, [transaction(1, [filled(1, parents, PARENT), filled(1, children)])])
    const open = {
      as: 'open',
      on: lists.open.on,
      plan: plan(1, ['id', 'note'], {
        where: { op: 'ne', column: 'id', value: '2' },
        order: [{ column: 'note', direction: 'desc' }],
        limit: 4,
        key: true,
      }),
    }
    expect(await ask(store, plan(1, ['name'], { view: PARENT, nested: [open] }))).toEqual([
      { name: 'Anna', open: ['1', '3', '5', '0'].map((id) => ({ id, note: Number(id) % 2 === 0 ? 'even' : 'odd', _key: [id] })) },
      { name: 'Ben', open: [] },
      { name: 'Cleo', open: [{ id: '10', note: 'odd', _key: ['10'] }] },
    ])
    const back = { as: 'of', on: [['id', 'customer'] as const], plan: plan(1, ['name'], { view: PARENT }) }
    const twice = { ...open, plan: { ...open.plan, columns: ['id'], key: false, limit: 1, nested: [back] } }
    expect((await ask(store, plan(1, [], { view: PARENT, nested: [twice] })))[0]).toEqual({ open: [{ id: '1', of: [{ name: 'Anna' }] }] })
  }),
  one('columns of different types join by value, Blank joins Blank, errors join nothing', async (store) => {
    const types = {
      int: 'int',
      bigint: 'bigint',
      scaled: { type: 'decimal', p: 12, s: 2 },
      wide: { type: 'decimal' },
      double: 'double',
      text: 'text',
    } as const
    const sevens: Readonly<Record<keyof typeof types, JsonValue>> = {
      int: 7,
      bigint: '7',
      scaled: '7.00',
      wide: '7.0',
      double: 7,
      text: '7',
    }
    const halves: Readonly<Record<keyof typeof types, JsonValue>> = {
      int: null,
      bigint: null,
      scaled: '0.50',
      wide: '0.500',
      double: 0.5,
      text: '0.5',
    }
    const names = Object.keys(types) as (keyof typeof types)[]
    const columns = { id: 'int', ...types } as const
    const error = { e: '#N/A', of: 'x' }
    const all: RowJson[] = [
      [1, ...names.map((name) => sevens[name])],
      [2, ...names.map((name) => halves[name])],
      [3, ...names.map(() => null)],
      [4, ...names.map(() => error)],
    ]
    await store.ensure(sheet(VIEW, 1, columns))
    await store.apply(STREAM, [transaction(1, [filled(1, all)])])
    for (const child of names) {
      for (const parent of names) {
        const nested = [{ as: 'joined', on: [[child, parent] as const], plan: plan(1, ['id']) }]
        const found = await ask(store, plan(1, [], { nested }))
        const equal = (a: JsonValue, b: JsonValue): boolean => {
          if (a === null || b === null) return a === b
          return a !== error && b !== error && (child === 'text') === (parent === 'text') && Number(a) === Number(b)
        }
        const expected = all.map((above) => ({
          joined: all
            .filter((row) => equal(row[names.indexOf(child) + 1] ?? null, above[names.indexOf(parent) + 1] ?? null))
            .map((row) => ({ id: row[0] })),
        }))
        expect({ child, parent, found }).toEqual({ child, parent, found: expected })
      }
    }
  }),
  one('a search finds rows by words, the last one unfinished, as they are now', async (store) => {
    await store.ensure(sheet(VIEW, 1, { id: 'text', name: 'text', tenant: 'int' }, { search: ['name'] }))
    const anna: RowJson = ['a', 'Anna Żółć', 1]
    const ben: RowJson = ['b', 'Ben "Annapolis" O\'Hara', 2]
    await store.apply(STREAM, [transaction(1, [filled(1, [anna, ben, ['c', { e: '#N/A' }, 1], ['d', null, 1]])])])
    const find = async (text: string, tenant?: number): Promise<string> => {
      const where = tenant === undefined ? ({ op: 'and', of: [] } as const) : ({ op: 'eq', column: 'tenant', value: tenant } as const)
      const found = await ask(store, { view: VIEW, generation: 1, text, where, columns: ['id'], limit: 10 })
      return ['a', 'b', 'c', 'd', 'e'].filter((id) => found.some((row) => row['id'] === id)).join('')
    }
    expect(await find('ann')).toBe('ab')
    expect(await find('ANN', 1)).toBe('a')
    expect(await find('zolc anna')).toBe('')
    expect(await find('anna żół')).toBe('a')
    for (const text of ['', '  ', '"', '*', 'AND', "ben' OR 1=1", 'name:anna']) expect(await find(text)).toBe('')
    const changes = [updated(anna, ['a', 'Berta', 1]), deleted(ben), created(['e', 'Anna', 3])]
    await store.apply(STREAM, [transaction(2, [rows(1, changes)])])
    expect(await find('ann')).toBe('e')
    expect(await find('bert')).toBe('a')
  }),
  one('keys of several columns, Blank among them', async (store) => {
    await store.ensure(sheet(VIEW, 1, { country: 'text', month: 'text', n: 'int' }, { key: ['country', 'month'] }))
    const all: RowJson[] = [
      [null, null, 1],
      [null, 'a', 2],
      ['', null, 3],
      ['PL', '2026-11', 4],
    ]
    const change = (row: RowJson) => ['c', row.slice(0, 2), row, null] as const
    await store.apply(STREAM, [
      transaction(1, [{ view: VIEW, generation: 1, swap: true, rows: [...all.toReversed(), ...all].map(change) }]),
    ])
    expect(await ask(store, plan(1, ['n'], { key: true }))).toEqual(all.map((row) => ({ n: row[2], _key: row.slice(0, 2) })))
    await store.apply(STREAM, [transaction(2, [rows(1, [['d', [null, null], null, all[0] ?? null]])])])
    expect(await ask(store, plan(1, ['n'], { where: { op: 'blank', column: 'country' } }))).toEqual([{ n: 2 }])
  }),
  one("hundreds of columns, with names that are nobody's identifiers", async (store) => {
    const names = [
      'id',
      'ID',
      'c0',
      'x',
      'rowid',
      '_key',
      'a b',
      "it's",
      '"q"',
      'select',
      'ż',
      ...Array.from({ length: 240 }, (_, i) => `n${i}`),
    ]
    await store.ensure(sheet(VIEW, 1, Object.fromEntries(names.map((name) => [name, 'text'])), { index: ["it's", '"q"'] }))
    const row: RowJson = names.map((name) => `of ${name}`)
    await store.apply(STREAM, [transaction(1, [filled(1, [row])])])
    const where = { op: 'and', of: names.slice(0, 11).map((column) => ({ op: 'eq', column, value: `of ${column}` }) as const) } as const
    expect(await ask(store, plan(1, names, { where }))).toEqual([Object.fromEntries(names.map((name, i) => [name, row[i]]))])
  }),
]
