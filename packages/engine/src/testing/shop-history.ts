import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import { fc } from '@sheetflow/testkit/fast-check'

/** Changes of one table (`source!schema.table`), in order. */
export type TableChange = readonly [table: string, ...rows: readonly RowChange[]]

const error = fc.constantFrom<JsonValue>({ e: '#N/A' }, { e: '#DIV/0!', of: 'x' })
const rare = <T>(common: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: common }, ...others.map((arbitrary) => ({ weight: 1, arbitrary })))
const cell = (values: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonValue> =>
  rare(values, fc.constant(null), error, fc.constant({ '~': 1 } as const))

const money = fc.integer({ min: -300, max: 2_000 }).map((n) => (n / 100).toFixed(2))
const ids = fc.integer({ min: 1, max: 6 })

/** Cells behind the key, per table of the sketch `SHOP`: duplicates, Blank, errors, unchanged cells, numbers that floating point would lose. */
const CELLS: Readonly<Record<string, readonly fc.Arbitrary<JsonValue>[]>> = {
  'shop!public.orders': [
    cell(ids.map(String)),
    cell(money),
    cell(fc.constantFrom<JsonValue>('open', 'OPEN', 'paid', 'Paid', '', '>5', 'p*', '7')),
    cell(fc.constantFrom(0.1, 0.2, 0.3, 1e300, -1e300, 5e-324, 7)),
    cell(fc.constantFrom('2026-11-22', '2026-11-23', '2026-11-24', '0001-01-01')),
    cell(ids),
  ],
  'shop!public.customers': [
    cell(fc.constantFrom<JsonValue>('Anna', 'ANNA', 'Bob', 'ß', '')),
    cell(fc.constantFrom<JsonValue>('pl', 'PL', 'de', 'open', '>3', '<>paid', 'p*', '')),
    cell(fc.constantFrom('1', '5.5', '99999999999999999999999', '800000000000.0001', '900719925474.0993')),
  ],
  'crm!public.regions': [cell(money)],
}

const KEYS: Readonly<Record<string, fc.Arbitrary<RowJson>>> = {
  'shop!public.orders': fc.tuple(fc.integer({ min: 1, max: 12 })),
  'shop!public.customers': fc.tuple(fc.constantFrom('1', '2', '3', '4', '5', '9007199254740993')),
  'crm!public.regions': fc.tuple(fc.constantFrom('Poland', 'Germany'), fc.constantFrom('PL', 'pl', 'DE')),
}

/** One transaction of one source: `c u d r t` in any order, also for keys that are there or are not, and changed keys as `d` + `c`. */
export function transactionOf(source: string): fc.Arbitrary<readonly TableChange[]> {
  const tables = Object.keys(CELLS).filter((table) => table.startsWith(`${source}!`))
  return fc.array(fc.oneof(...tables.map(changesOf)), { minLength: 1, maxLength: 3 }).map(joined)
}

/** Neighbours of one table are one: the packer puts them into one message, in which a `c` takes unchanged cells from the `d` before it. */
function joined(changes: readonly TableChange[]): readonly TableChange[] {
  const result: TableChange[] = []
  for (const [table, ...rows] of changes) {
    const last = result.at(-1)
    if (last?.[0] === table) result[result.length - 1] = [...last, ...rows]
    else result.push([table, ...rows])
  }
  return result
}

/** A transaction of either source. */
export const anyTransaction: fc.Arbitrary<readonly TableChange[]> = fc.oneof(
  { weight: 4, arbitrary: transactionOf('shop') },
  { weight: 1, arbitrary: transactionOf('crm') },
)

/** A transaction that brings many rows of the shop at once. */
export const fullTransaction: fc.Arbitrary<readonly TableChange[]> = fc.tuple(
  ...['shop!public.orders', 'shop!public.customers'].map((table) =>
    fc
      .array(
        must(KEYS[table]).chain((key) => rowOf(table, key)),
        { minLength: 12, maxLength: 20 },
      )
      .map((rows): TableChange => [table, ...rows.map((after): RowChange => ['c', after.slice(0, 1), after, null])]),
  ),
)

/** Updates of rows of the shop that leave all but one cell as they were. */
export const oneCellTransaction: fc.Arbitrary<readonly TableChange[]> = fc.array(
  fc.constantFrom('shop!public.orders', 'shop!public.customers').chain(oneCellOf),
  { minLength: 1, maxLength: 3 },
)

function oneCellOf(table: string): fc.Arbitrary<TableChange> {
  const cells = must(CELLS[table])
  return fc.nat(cells.length - 1).chain((changed) =>
    fc.tuple(must(KEYS[table]), must(cells[changed])).map(([key, value]): TableChange => {
      const after = cells.map((_, i): JsonValue => (i === changed ? value : { '~': 1 }))
      return [table, ['u', key, [...key, ...after], null]]
    }),
  )
}

function rowOf(table: string, key: RowJson): fc.Arbitrary<RowJson> {
  return fc.tuple(...must(CELLS[table])).map((cells) => [...key, ...cells])
}

function changesOf(table: string): fc.Arbitrary<TableChange> {
  const keys = must(KEYS[table])
  const row = (key: RowJson): fc.Arbitrary<RowJson> => rowOf(table, key)
  const put = keys.chain((key) =>
    fc
      .tuple(fc.constantFrom('c' as const, 'u' as const, 'u' as const, 'r' as const), row(key))
      .map(([op, after]): RowChange[] => [[op, key, after, null]]),
  )
  const remove = keys.map((key): RowChange[] => [['d', key, null, null]])
  const move = fc.tuple(keys, keys).chain(([from, to]) =>
    row(to).map((after): RowChange[] => [
      ['d', from, null, null],
      ['c', to, after, null],
    ]),
  )
  const truncate = fc.constant<RowChange[]>([['t', null, null, null]])
  const one = fc.oneof(
    { weight: 20, arbitrary: put },
    { weight: 6, arbitrary: remove },
    { weight: 4, arbitrary: move },
    { weight: 1, arbitrary: truncate },
  )
  return fc.array(one, { minLength: 1, maxLength: 6 }).map((all): TableChange => [table, ...all.flat()])
}
