import { UNCHANGED_JSON } from '@sheetflow/core/json-special'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { ViewChanges, ViewStore } from '@sheetflow/core/ports/view-store'
import type { QueryPlan } from '@sheetflow/core/query-plan'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { fc } from '../fast-check.ts'
import { expect } from 'vitest'
import { NASTY } from '../nasty.ts'
import { runs } from '../runs.ts'
import { arbitraryStep, Book, everyType, IMPOSSIBLE, NAMES, objects, plainRow, refused, TRUNCATE, WIDE } from './view-store-apart-model.ts'
import { ask, created, deleted, filled, orders, plan, rows, sheet, STREAM, transaction, updated, VIEW } from './view-store-lab.ts'
import type { Reader, ViewStoreCase } from './view-store-lab.ts'

/**
 * Errors, big values and Blanks that come to a column which has had none. A store may answer faster while there are none, so the moment at which the first
 * comes, goes or is taken back is where it could be wrong; readers ask with the same plan before and after, as pages do.
 */

const NOT_FOUND = { e: '#N/A', of: 'customer' }
/** Numbers that a store may keep apart as well, by column. */
const LONG: Readonly<Record<string, JsonValue>> = { bigint: '123456789012345678901234567890', decimal: `1.${'7'.repeat(20_000)}` }

/** What `query` promises of cells that are no plain values, whenever they come and go. */
export const APART_CASES: readonly ViewStoreCase[] = [
  {
    name: 'an error, a big value, Blank in a column that has had none is read by whoever asked before',
    run: async (lab) => {
      await using store = await lab.open()
      await store.ensure(everyType(1))
      await store.apply(STREAM, [transaction(1, [filled(1, [plainRow(1), plainRow(2)])])])
      await using reader = await lab.openReader()
      const all = plan(1, NAMES)
      let row = plainRow(2)
      let offset = 1
      for (const [i, { name }] of NASTY.entries()) {
        const alone = plan(1, [name])
        const comes = LONG[name] ?? (i % 2 === 0 ? { e: '#DIV/0!' } : WIDE)
        for (const [which, value] of [comes, row[i + 1], null, NOT_FOUND].entries()) {
          for (const who of [store, reader]) expect(await ask(who, alone)).toEqual(objects([plainRow(1), row], [name]))
          const after = row.with(i + 1, value ?? null)
          // Also in a row that is written whole, without what was before.
          const change: RowChange = which === 3 ? created(after) : updated(row, after)
          await store.apply(STREAM, [transaction(++offset, [rows(1, [change])])])
          row = after
          for (const who of [reader, store]) {
            expect(await ask(who, alone)).toEqual(objects([plainRow(1), row], [name]))
            expect(await ask(who, all)).toEqual(objects([plainRow(1), row]))
          }
        }
      }
    },
  },
  {
    name: 'pages go on over an error that comes in between',
    run: async (lab) => {
      await using store = await lab.open()
      await store.ensure(orders(1))
      const all = Array.from({ length: 9 }, (_, i): RowJson => [String(i), i % 2, `${i}.00`, `n${i}`])
      await store.apply(STREAM, [transaction(1, [filled(1, all)])])
      await using reader = await lab.openReader()
      const page = (id?: string): QueryPlan =>
        plan(1, ['id', 'total', 'note'], { limit: 4, ...(id === undefined ? {} : { after: { order: [], key: [id] } }) })
      const [first, second, third] = [page(), page('3'), page('7')]
      for (const one of [first, second, third]) await ask(reader, one)
      expect((await ask(reader, first)).map((row) => row['total'])).toEqual(['0.00', '1.00', '2.00', '3.00'])
      await store.apply(STREAM, [transaction(2, [rows(1, [updated(all[5] ?? [], ['5', 1, { e: '#NUM!' }, WIDE])])])])
      expect(await ask(reader, second)).toEqual([
        { id: '4', total: '4.00', note: 'n4' },
        { id: '5', total: { e: '#NUM!' }, note: WIDE },
        { id: '6', total: '6.00', note: 'n6' },
        { id: '7', total: '7.00', note: 'n7' },
      ])
      expect(await ask(reader, third)).toEqual([{ id: '8', total: '8.00', note: 'n8' }])
    },
  },
  {
    name: 'errors and big values are known when the store is opened again, and more of them come',
    run: async (lab) => {
      const odd: RowJson = ['1', NOT_FOUND, '9.50', 'first']
      const other: RowJson = ['2', 7, { e: '#DIV/0!' }, WIDE]
      const all = plan(1, ['id', 'customer', 'total', 'note'])
      {
        await using store = await lab.open()
        await store.ensure(orders(1))
        await store.apply(STREAM, [transaction(1, [filled(1, [['1', 7, '9.50', 'first']])]), transaction(2, [rows(1, [created(odd)])])])
      }
      await using reader = await lab.openReader()
      expect(await ask(reader, all)).toEqual([{ id: '1', customer: NOT_FOUND, total: '9.50', note: 'first' }])
      await using store = await lab.open()
      expect(await ask(store, all)).toEqual([{ id: '1', customer: NOT_FOUND, total: '9.50', note: 'first' }])
      await store.apply(STREAM, [transaction(3, [rows(1, [created(other)])])])
      const [first, second] = [odd, other].map(([id, customer, total, note]) => ({ id, customer, total, note }))
      for (const who of [reader, store]) expect(await ask(who, all)).toEqual([first, second])
    },
  },
  {
    name: 'they go and come again with updates, unchanged cells, moved keys, truncation and generations',
    run: async (lab) => {
      await using store = await lab.open()
      await store.ensure(orders(1))
      await store.ensure(orders(2))
      await using reader = await openedReader(lab.openReader, store, orders(1), ['1', 7, '9.50', 'a'])
      const all = plan(1, ['id', 'customer', 'total', 'note'])
      let offset = 1
      const apply = async (changes: ViewChanges): Promise<void> => store.apply(STREAM, [transaction(++offset, [changes])])
      const expectRows = async (expected: readonly RowJson[], asked: QueryPlan = all): Promise<void> => {
        for (const who of [reader, store]) expect((await ask(who, asked)).map((row) => Object.values(row))).toEqual(expected)
      }
      const odd: RowJson = ['1', 7, { e: '#N/A' }, WIDE]
      await apply(rows(1, [updated(['1', 7, '9.50', 'a'], odd)]))
      await expectRows([odd])
      await apply(rows(1, [['u', ['1'], ['1', 8, UNCHANGED_JSON, UNCHANGED_JSON], ['1', 7, UNCHANGED_JSON, UNCHANGED_JSON]]]))
      await expectRows([['1', 8, { e: '#N/A' }, WIDE]])
      await apply(rows(1, [deleted(['1']), created(['2', { e: '#REF!' }, UNCHANGED_JSON, 'moved'])]))
      await expectRows([['2', { e: '#REF!' }, { e: '#N/A' }, 'moved']])
      await apply(rows(1, [TRUNCATE, created(['3', 1, '1.00', 'plain'])]))
      await expectRows([['3', 1, '1.00', 'plain']])
      await apply(rows(1, [created(['4', 1, { e: '#N/A' }, null])]))
      await expectRows([
        ['3', 1, '1.00', 'plain'],
        ['4', 1, { e: '#N/A' }, null],
      ])
      await apply(rows(1, [created(odd), TRUNCATE, created(['5', 1, '1.00', WIDE])]))
      await expectRows([['5', 1, '1.00', WIDE]])
      const next = plan(2, ['id', 'customer', 'total', 'note'])
      await apply(filled(2, [['6', 1, '1.00', 'plain']]))
      await expectRows([['6', 1, '1.00', 'plain']], next)
      await apply(rows(2, [created(odd)]))
      await expectRows([odd, ['6', 1, '1.00', 'plain']], next)
      // Filled a second time.
      await apply(filled(2, [['7', 1, '1.00', 'plain']]))
      while (await store.tidy());
      await expectRows([['7', 1, '1.00', 'plain']], next)
      await apply(rows(2, [created(odd)]))
      await expectRows([odd, ['7', 1, '1.00', 'plain']], next)
    },
  },
  {
    name: 'what was not applied after all has told nobody of its errors, nor that there are none',
    run: async (lab) => {
      await using store = await lab.open()
      const plainOne: RowJson = ['1', 7, '9.50', 'a']
      await using reader = await openedReader(lab.openReader, store, orders(1), plainOne)
      const all = plan(1, ['id', 'customer', 'total', 'note'])
      const content = async (who: Reader): Promise<unknown> => (await ask(who, all)).map((row) => Object.values(row))
      const odd: RowJson = ['2', 7, { e: '#N/A' }, 'b']
      await refused(store.apply(STREAM, [transaction(2, [rows(1, [created(odd)])]), transaction(3, [IMPOSSIBLE])]))
      for (const who of [reader, store]) expect(await content(who)).toEqual([plainOne])
      await store.apply(STREAM, [transaction(2, [rows(1, [created(odd)])])])
      for (const who of [reader, store]) expect(await content(who)).toEqual([plainOne, odd])
      await refused(store.apply(STREAM, [transaction(3, [rows(1, [TRUNCATE, created(plainOne)]), IMPOSSIBLE])]))
      for (const who of [reader, store]) expect(await content(who)).toEqual([plainOne, odd])
      const more: RowJson = ['3', 7, { e: '#N/A' }, 'c']
      await store.apply(STREAM, [transaction(3, [rows(1, [created(more)])])])
      for (const who of [reader, store]) expect(await content(who)).toEqual([plainOne, odd, more])
    },
  },
  {
    name: 'a swap that was not applied after all is not taken for one of another stream',
    run: async (lab) => {
      await using store = await lab.open()
      const other = 'kit.other'
      await store.ensure(orders(1))
      await store.ensure(sheet(other, 1, { id: 'int', n: 'int' }))
      const row: RowJson = ['1', 7, '9.50', 'a']
      await refused(store.apply(STREAM, [transaction(1, [filled(1, [row])]), transaction(2, [rows(1, [created(row)]), IMPOSSIBLE])]))
      const changes = [transaction(1, [filled(1, [[1, 1]], other)]), transaction(2, [rows(1, [created([2, 2])], other)])]
      await store.apply('SF_GRAPH_other', changes)
      expect(await ask(store, plan(1, ['id', 'n'], { view: other }))).toEqual([
        { id: 1, n: 1 },
        { id: 2, n: 2 },
      ])
    },
  },
  {
    name: 'nested lists and searches show errors that come later, and join by none of them',
    run: async (lab) => {
      await using store = await lab.open()
      const parents = 'kit.customers'
      const lists = { open: { view: VIEW, on: [['customer', 'id'] as const] } }
      await store.ensure(sheet(parents, 1, { name: 'text', id: 'bigint' }, { lists }))
      await store.ensure({ ...orders(1), search: ['note'] })
      const one: RowJson = ['1', 7, '9.50', 'apple']
      await store.apply(STREAM, [transaction(1, [filled(1, [['Anna', '7']], parents), filled(1, [one])])])
      await using reader = await lab.openReader()
      const nested = [{ as: 'open', on: lists.open.on, plan: plan(1, ['id', 'total']) }]
      const tree = plan(1, ['name', 'id'], { view: parents, nested })
      const search = { view: VIEW, generation: 1, text: 'app', where: { op: 'and', of: [] } as const, columns: ['id', 'total'], limit: 9 }
      expect(await ask(reader, tree)).toEqual([{ name: 'Anna', id: '7', open: [{ id: '1', total: '9.50' }] }])
      expect(await ask(reader, search)).toEqual([{ id: '1', total: '9.50' }])
      const error = { e: '#VALUE!' }
      const later = [rows(1, [created(['1', 7, error, 'apple']), created(['2', error, '1.00', 'apple'])])]
      await store.apply(STREAM, [transaction(2, [...later, rows(1, [created(['Ben', error])], parents)])])
      expect(await ask(reader, tree)).toEqual([
        { name: 'Anna', id: '7', open: [{ id: '1', total: error }] },
        { name: 'Ben', id: error, open: [] },
      ])
      expect((await ask(reader, search)).toSorted((a, b) => Number(a['id']) - Number(b['id']))).toEqual([
        { id: '1', total: error },
        { id: '2', total: '1.00' },
      ])
    },
  },
  {
    name: 'after whatever changes, a few of them with errors, readers have the rows that were written',
    run: async (lab) => {
      await using store = await lab.open()
      const book = new Book(store)
      await book.refill([])
      await using reader = await lab.openReader()
      await fc.assert(
        fc.asyncProperty(fc.array(arbitraryStep(), { maxLength: 12 }), fc.subarray([...NAMES], { minLength: 1 }), async (steps, some) => {
          await book.refill([plainRow(0)])
          const plans = [plan(book.generation, NAMES), plan(book.generation, some)]
          for (const step of steps) {
            await book.step(step)
            for (const [i, one] of plans.entries()) {
              const expected = objects(book.content(), i === 0 ? NAMES : some)
              for (const who of [reader, store]) expect(await ask(who, one)).toEqual(expected)
            }
          }
        }),
        // Making it smaller takes a database very long.
        { numRuns: runs(20, 60), endOnFailure: true },
      )
    },
  },
]

async function openedReader(open: () => Promise<Reader>, store: ViewStore, schema: SheetSchema, row: RowJson): Promise<Reader> {
  await store.ensure(schema)
  await store.apply(STREAM, [transaction(1, [filled(1, [row])])])
  const reader = await open()
  await ask(reader, plan(1, ['id', 'customer', 'total', 'note']))
  return reader
}
