import { isSheetflowError } from '@sheetflow/core/errors'
import { UNCHANGED_JSON } from '@sheetflow/core/json-special'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import { expect } from 'vitest'
import { ask, created, deleted, filled, orders, plan, read, rows, sheet, STREAM, transaction, updated, VIEW } from './view-store-lab.ts'
import type { Reader, ViewStoreCase } from './view-store-lab.ts'

const A: RowJson = ['1', 7, '9.50', 'first']
const B: RowJson = ['2', 7, '1.00', null]
const C: RowJson = ['3', null, '-0.05', '']

/** A case with one store whose view holds A and B at offset 1. */
function one(name: string, run: (store: ViewStore) => Promise<void>): ViewStoreCase {
  return {
    name,
    run: async (lab) => {
      await using store = await lab.open()
      await store.ensure(orders(1))
      await store.apply(STREAM, [transaction(1, [filled(1, [A, B])])])
      await run(store)
    },
  }
}

async function content(store: Reader, generation = 1): Promise<unknown[][]> {
  const found = await ask(store, plan(generation, ['id', 'customer', 'total', 'note']))
  return found.map((row) => Object.values(row))
}

async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => {
      if (isSheetflowError(error)) return error.code
      throw error
    },
  )
}

const offsetOf = async (store: Reader): Promise<number> => (await store.position(STREAM))?.offset ?? 0

/** What `ensure`, `apply`, `stage`, `position` and `views` promise. */
export const APPLY_CASES: readonly ViewStoreCase[] = [
  {
    name: 'an empty store knows no position, no view, and is not ready for any plan',
    run: async (lab) => {
      await using store = await lab.open()
      expect(await store.position(STREAM)).toBeNull()
      expect(await store.views()).toEqual([])
      await store.ensure(orders(1))
      await store.ensure(orders(1))
      expect(await store.views()).toEqual([])
      expect(await code(content(store))).toBe('query/not-ready')
    },
  },
  one('what is applied is read, with position and time', async (store) => {
    expect(await content(store)).toEqual([A, B])
    const { positions } = await store.query({ streams: [STREAM, 'SF_GRAPH_unknown'], plans: [] })
    expect(positions).toEqual({ [STREAM]: { epoch: 1, offset: 1, tx: '1-1', at: '2026-11-23T10:00:00.000001Z' } })
    expect(await store.position(STREAM)).toEqual({ epoch: 1, offset: 1, tx: '1-1' })
    expect(await store.views()).toEqual([{ view: VIEW, generation: 1, status: 'ready', stream: STREAM, position: { epoch: 1, offset: 1 } }])
  }),
  one('create, update, delete, over rows that are there and not', async (store) => {
    const again: RowJson = ['1', 8, '9.50', 'again']
    const late: RowJson = ['4', 1, '0.00', 'late']
    await store.apply(STREAM, [transaction(2, [rows(1, [created(again), deleted(B), created(C), updated(late, late), deleted(['9'])])])])
    expect(await content(store)).toEqual([again, C])
    await store.apply(STREAM, [transaction(3, [rows(1, [updated(['4', 2, '0.00', 'late'], late), updated(C, ['3', 5, '-0.05', ''])])])])
    expect(await content(store)).toEqual([again, ['3', 5, '-0.05', ''], late])
  }),
  {
    name: 'parts of a key may be Blank, as groups are: Blank is one value, and none of the others',
    run: async (lab) => {
      await using store = await lab.open()
      const groups = sheet(VIEW, 1, { word: 'text', customer: 'int', n: 'int' }, { key: ['word', 'customer'] })
      await store.ensure({ ...groups, columns: groups.columns.map((column) => ({ ...column, null: true })) })
      const all: RowJson[] = [
        [null, null, 1],
        [null, 7, 2],
        ['', null, 3],
      ]
      const keyed = (op: 'c' | 'd', row: RowJson): RowChange => [op, row.slice(0, 2), op === 'c' ? row : null, op === 'd' ? row : null]
      await store.apply(STREAM, [transaction(1, [{ ...filled(1, []), rows: all.map((row) => keyed('c', row)) }])])
      const more: RowChange[] = [
        ['u', [null, null], [null, null, 5], [null, null, 1]],
        keyed('c', [null, null, 6]),
        keyed('d', ['', null, 3]),
      ]
      await store.apply(STREAM, [transaction(2, [rows(1, more)])])
      const found = await ask(store, plan(1, ['word', 'customer', 'n'], { order: [] }))
      expect(found.map((row) => Object.values(row))).toEqual([
        [null, null, 6],
        [null, 7, 2],
      ])
    },
  },
  one('changes of one key count in their order', async (store) => {
    const changes = [
      deleted(A),
      created(['1', 1, '1.00', 'x']),
      updated(['1', 1, '1.00', 'x'], ['1', 1, '1.00', 'y']),
      deleted(B),
      created(B),
      deleted(B),
    ]
    await store.apply(STREAM, [transaction(2, [rows(1, changes)])])
    expect(await content(store)).toEqual([['1', 1, '1.00', 'y']])
  }),
  one('truncate empties, what follows stays', async (store) => {
    await store.apply(STREAM, [transaction(2, [rows(1, [['t', null, null, null], created(C)])])])
    expect(await content(store)).toEqual([C])
  }),
  one('the first transaction of another history counts wherever it stands, and what comes behind it', async (store) => {
    await store.ensure(orders(1))
    await store.ensure(orders(2))
    await store.apply(STREAM, [transaction(50, [filled(1, [A])])])
    const anew = { ...transaction(7, [filled(2, [B])]), anew: true as const }
    await store.apply(STREAM, [anew, transaction(8, [rows(2, [created(C)])])])
    expect((await ask(store, plan(2, ['id']))).map(({ id }) => id)).toEqual(['2', '3'])
    await store.apply(STREAM, [transaction(8, [rows(2, [deleted(C)])]), transaction(9, [rows(2, [deleted(B)])])])
    expect((await ask(store, plan(2, ['id']))).map(({ id }) => id)).toEqual(['3'])
    expect(await store.position(STREAM)).toMatchObject({ epoch: 1, offset: 9 })
  }),
  one('a second delivery changes nothing, also as a part of a batch', async (store) => {
    const second = transaction(2, [rows(1, [updated(A, ['1', 8, '9.50', 'second'])])])
    const third = transaction(3, [rows(1, [deleted(B)])])
    await store.apply(STREAM, [second])
    await store.apply(STREAM, [transaction(1, [filled(1, [C])]), second, third])
    await store.apply(STREAM, [second, transaction(3, [rows(1, [created(B)])])])
    expect(await content(store)).toEqual([['1', 8, '9.50', 'second']])
    expect(await offsetOf(store)).toBe(3)
  }),
  one('an earlier epoch changes nothing, a later one counts at any offset', async (store) => {
    await store.apply(STREAM, [transaction(1, [rows(1, [deleted(A)])], 5)])
    await store.apply(STREAM, [transaction(9, [rows(1, [deleted(B)])], 4)])
    expect(await content(store)).toEqual([B])
    expect(await store.position(STREAM)).toEqual({ epoch: 5, offset: 1, tx: '1-1' })
  }),
  one('streams have positions of their own', async (store) => {
    await store.apply('SF_GRAPH_other', [transaction(40, [])])
    expect((await store.position('SF_GRAPH_other'))?.offset).toBe(40)
    expect(await offsetOf(store)).toBe(1)
  }),
  one('an unchanged cell keeps what is stored, also over a changed key', async (store) => {
    const kept: RowJson = ['1', 8, UNCHANGED_JSON, UNCHANGED_JSON]
    const moved: RowJson = ['5', 9, UNCHANGED_JSON, 'moved']
    await store.apply(STREAM, [transaction(2, [rows(1, [['u', ['1'], kept, ['1', 7, UNCHANGED_JSON, UNCHANGED_JSON]]])])])
    expect(await content(store)).toEqual([['1', 8, '9.50', 'first'], B])
    await store.apply(STREAM, [transaction(3, [rows(1, [deleted(A), created(moved)])])])
    expect(await content(store)).toEqual([B, ['5', 9, '9.50', 'moved']])
    const ontoAnother: RowJson = ['2', 1, UNCHANGED_JSON, 'onto']
    await store.apply(STREAM, [transaction(4, [rows(1, [deleted(['5']), created(ontoAnother)])])])
    expect(await content(store)).toEqual([['2', 1, '9.50', 'onto']])
  }),
  one('errors and big values survive an update around them', async (store) => {
    const wide = { b: 'ab'.repeat(32), n: 300_000 }
    const odd: RowJson = ['6', { e: '#N/A', of: 'customer' }, { e: '#DIV/0!' }, wide]
    await store.apply(STREAM, [transaction(2, [rows(1, [created(odd)])])])
    expect(await content(store)).toEqual([A, B, odd])
    const after: RowJson = ['6', 3, UNCHANGED_JSON, UNCHANGED_JSON]
    await store.apply(STREAM, [transaction(3, [rows(1, [['u', ['6'], after, odd]])])])
    expect(await content(store)).toEqual([A, B, ['6', 3, { e: '#DIV/0!' }, wide]])
  }),
  one('a batch that cannot be applied whole leaves nothing', async (store) => {
    const missing: RowJson = ['77', 1, UNCHANGED_JSON, 'x']
    const batch = [transaction(2, [rows(1, [deleted(A)])]), transaction(3, [rows(1, [created(C), ['u', ['77'], missing, null]])])]
    expect(await code(store.apply(STREAM, batch))).toBe('source/base-missing')
    expect(await code(store.apply(STREAM, [transaction(2, [rows(1, [deleted(A)]), rows(2, [created(C)])])]))).toBe('store/unknown')
    expect(await code(store.apply(STREAM, [transaction(2, [rows(1, [deleted(A)]), filled(3, [C])])]))).toBe('store/unknown')
    expect(await content(store)).toEqual([A, B])
    expect(await offsetOf(store)).toBe(1)
    await store.apply(STREAM, [transaction(2, [rows(1, [deleted(A)])])])
    expect(await content(store)).toEqual([B])
  }),
  one('a new generation is invisible until its swap, then replaces everything', async (store) => {
    await store.ensure(orders(2))
    expect(await content(store)).toEqual([A, B])
    expect(await code(content(store, 2))).toBe('query/not-ready')
    await store.apply(STREAM, [transaction(2, [filled(2, [C]), rows(2, [created(B)])])])
    expect(await content(store, 2)).toEqual([B, C])
    expect(await code(content(store, 1))).toBe('query/not-ready')
    expect(await store.views()).toEqual([{ view: VIEW, generation: 2, status: 'ready', stream: STREAM, position: { epoch: 1, offset: 2 } }])
    while (await store.tidy());
    expect(await content(store, 2)).toEqual([B, C])
  }),
  one("a view that another stream fills is that stream's from then on, also under the same generation", async (store) => {
    const other = 'SF_GRAPH_other'
    await store.ensure(orders(1))
    await store.apply(other, [transaction(7, [filled(1, [C])])])
    expect(await store.views()).toEqual([{ view: VIEW, generation: 1, status: 'ready', stream: other, position: { epoch: 1, offset: 7 } }])
    expect(await content(store)).toEqual([C])
    expect(await store.position(STREAM)).toMatchObject({ offset: 1 })
    while (await store.tidy());
    await store.apply(other, [transaction(8, [rows(1, [created(A)])])])
    expect(await content(store)).toEqual([A, C])
  }),
  one('a generation may be filled a second time', async (store) => {
    await store.apply(STREAM, [transaction(2, [filled(1, [C])])])
    expect(await content(store)).toEqual([C])
    while (await store.tidy());
    await store.apply(STREAM, [transaction(3, [rows(1, [created(A)])])])
    expect(await content(store)).toEqual([A, C])
  }),
  one('a status of its own changes no row', async (store) => {
    await store.apply(STREAM, [transaction(2, [{ view: VIEW, generation: 1, swap: false, status: 'stale', rows: [] }])])
    expect((await store.views())[0]?.status).toBe('stale')
    expect(await content(store)).toEqual([A, B])
  }),
  one('pieces of a big transaction are invisible until its commit', async (store) => {
    await store.stage(STREAM, '1-2', 0, [rows(1, [deleted(A), created(C)])])
    await store.stage(STREAM, '1-2', 1, [rows(1, [updated(C, ['3', 4, '-0.05', 'piece'])])])
    expect(await content(store)).toEqual([A, B])
    await store.apply(STREAM, [{ ...transaction(2, [rows(1, [deleted(B)])]), staged: true }])
    expect(await content(store)).toEqual([['3', 4, '-0.05', 'piece']])
  }),
  one('pieces that fill a view anew, and pieces that never get a commit', async (store) => {
    await store.ensure(orders(2))
    await store.stage(STREAM, '1-2', 0, [rows(1, [deleted(A)])])
    await store.stage(STREAM, '1-3', 0, [filled(2, [A])])
    await store.stage(STREAM, '1-3', 1, [rows(2, [created(C)])])
    await store.apply(STREAM, [{ ...transaction(3, []), staged: true }])
    expect(await content(store, 2)).toEqual([A, C])
    await store.apply(STREAM, [{ ...transaction(4, [rows(2, [deleted(A)])]) }])
    expect(await content(store, 2)).toEqual([C])
  }),
  {
    name: 'what was applied is there when it is opened again',
    run: async (lab) => {
      {
        await using store = await lab.open()
        await store.ensure(orders(1))
        await store.apply(STREAM, [transaction(1, [filled(1, [A])])])
        await store.ensure(orders(2))
        await store.stage(STREAM, '1-2', 0, [filled(2, [C])])
      }
      await using store = await lab.open()
      expect(await content(store)).toEqual([A])
      await store.apply(STREAM, [{ ...transaction(2, [rows(2, [created(B)])]), staged: true }])
      expect(await content(store, 2)).toEqual([B, C])
    },
  },
  {
    name: 'a second writer fences the first',
    run: async (lab) => {
      await using first = await lab.open()
      await first.ensure(orders(1))
      await using second = await lab.open()
      await second.apply(STREAM, [transaction(1, [filled(1, [A])])])
      expect(await code(first.apply(STREAM, [transaction(2, [])]))).toBe('store/fenced')
      expect(await code(first.ensure(orders(2)))).toBe('store/fenced')
      expect(await content(first)).toEqual([A])
      expect(await offsetOf(second)).toBe(1)
    },
  },
  {
    name: 'a reader beside the writer follows it',
    run: async (lab) => {
      await using store = await lab.open()
      await store.ensure(orders(1))
      await store.apply(STREAM, [transaction(1, [filled(1, [A])])])
      await using reader = await lab.openReader()
      expect(await content(reader)).toEqual([A])
      await store.ensure(orders(2))
      await store.apply(STREAM, [transaction(2, [filled(2, [B])])])
      const result = await reader.query({ streams: [STREAM], plans: [plan(2, ['id'])] })
      expect([result.positions[STREAM]?.offset, read(result)]).toEqual([2, [{ id: '2' }]])
    },
  },
]
