import type { RowChange, RowJson } from '@sheetflow/core/message'
import { compareRows } from '@sheetflow/core/order'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import { ALWAYS } from '@sheetflow/core/predicate'
import type { Predicate } from '@sheetflow/core/predicate'
import type { ViewStore } from '@sheetflow/core/ports/view-store'
import type { QueryPlan } from '@sheetflow/core/query-plan'
import type { ColumnSchema, SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { keyText } from '@sheetflow/core/key'
import { fc } from '../fast-check.ts'
import { describe, expect, test } from 'vitest'
import { arbitraryCell, arbitraryPredicate, arbitraryRow } from '../arbitrary.ts'
import { NASTY, NASTY_ERRORS, nastyValues } from '../nasty.ts'
import { runs } from '../runs.ts'

/** Law 14: a store of views agrees with core on every pair of values, in filters, order, pages, keys and text. */
export function describeLaw14(name: string, open: () => Promise<ViewStore>): void {
  describe(`law 14, one order: ${name}`, () => {
    const bench = new Bench(open)
    orderCases(bench)
    textCases(bench)
    predicateCases(bench)
    comparisonCases(bench)
    pageCases(bench)
    updateCases(bench)
  })
}

const VIEW = 'law.fourteen'
const STREAM = 'SF_GRAPH_law'

const COLUMNS: readonly ColumnSchema[] = [
  { name: 'id', id: 1, type: 'int', null: false },
  ...NASTY.map(({ name, type }, i) => ({ ...type, name, id: i + 2, null: true })),
]

/** A store whose one view is filled anew for each case. */
class Bench {
  readonly #open: () => Promise<ViewStore>
  #store: ViewStore | null = null
  #offset = 0
  #generation = 0

  constructor(open: () => Promise<ViewStore>) {
    this.#open = open
  }

  /** A fresh generation with these rows. */
  async fill(key: readonly string[], rows: readonly RowJson[]): Promise<SheetSchema> {
    const store = (this.#store ??= await this.#open())
    this.#generation++
    const schema: SheetSchema = {
      v: 1,
      table: VIEW,
      schema: this.#generation,
      hash: '',
      key,
      columns: COLUMNS,
      generation: this.#generation,
      search: [],
      lists: {},
      index: NASTY.slice(0, 3).map(({ name }) => name),
    }
    await store.ensure(schema)
    const at = key.map((name) => COLUMNS.findIndex((column) => column.name === name))
    await this.#apply(
      true,
      rows.map((row): RowChange => ['c', at.map((i) => row[i] ?? null), row, null]),
    )
    while (await store.tidy());
    return schema
  }

  async change(changes: readonly RowChange[]): Promise<void> {
    await this.#apply(false, changes)
  }

  async ask(plan: Partial<QueryPlan>): Promise<readonly Record<string, JsonValue>[]> {
    const whole: QueryPlan = {
      view: VIEW,
      generation: this.#generation,
      where: ALWAYS,
      columns: ['id'],
      key: false,
      order: [],
      limit: 100_000,
      nested: [],
      ...plan,
    }
    const answer = await this.#store?.query({ streams: [], plans: [whole] })
    return JSON.parse(answer?.rows[0] ?? '') as Record<string, JsonValue>[]
  }

  /** Which rows satisfy the predicate, with the predicate, so that a failure shows it. */
  async rowsOf(where: Predicate): Promise<unknown> {
    return { where, found: (await this.ask({ where })).map((row) => row['id']) }
  }

  async #apply(swap: boolean, rows: readonly RowChange[]): Promise<void> {
    this.#offset++
    const position = { epoch: 1, offset: this.#offset, tx: `t${this.#offset}` }
    await this.#store?.apply(STREAM, [{ position, at: '', changes: [{ view: VIEW, generation: this.#generation, swap, rows }] }])
  }
}

function numbered(rows: readonly RowJson[]): RowJson[] {
  return rows.map((row, i) => [i, ...row])
}

function ids(rows: readonly RowJson[]): JsonValue[] {
  return rows.map((row) => row[0] ?? null)
}

/** Every nasty value of one type beside Blank and errors, one per row; the other columns are Blank. */
function oneColumn(index: number): RowJson[] {
  const nasty = NASTY[index]
  const values: JsonValue[] = nasty === undefined ? [] : [...nastyValues(nasty), null, ...NASTY_ERRORS.flat()]
  return numbered(values.map((value) => NASTY.map((_, i) => (i === index ? value : null))))
}

function orderCases(bench: Bench): void {
  test.each(NASTY.map(({ name }, index) => [name, index] as const))(
    '%s: every pair, both directions, with ties by key',
    async (name, index) => {
      const rows = oneColumn(index)
      await bench.fill(['id'], rows)
      for (const direction of ['asc', 'desc'] as const) {
        const order = [{ column: name, direction }]
        const expected = rows.toSorted(compareRows(order, ['id'], COLUMNS))
        expect(await bench.ask({ order })).toEqual(ids(expected).map((id) => ({ id })))
      }
    },
  )
}

function textCases(bench: Bench): void {
  test.each(NASTY.map(({ name }, index) => [name, index] as const))('%s: what is read is what was written', async (name, index) => {
    const rows = oneColumn(index)
    await bench.fill(['id'], rows)
    expect(await bench.ask({ columns: [name] })).toEqual(rows.map((row) => ({ [name]: row[index + 1] })))
  })

  test.each(NASTY.map(({ name }, index) => [name, index] as const))('%s: as a key, equal values are one row', async (name, index) => {
    const rows = oneColumn(index).filter(
      (row) => typeof row[index + 1] !== 'object' || row[index + 1] === null || Array.isArray(row[index + 1]),
    )
    const type = COLUMNS[index + 1] as ColumnSchema
    await bench.fill([name], rows)
    const last = new Map(rows.map((row) => [keyText([type], [row[index + 1] ?? null]), row]))
    const expected = [...last.values()].sort(compareRows([], [name], COLUMNS))
    expect(await bench.ask({ columns: ['id'], key: true })).toEqual(expected.map((row) => ({ id: row[0], _key: [row[index + 1]] })))
  })
}

function predicateCases(bench: Bench): void {
  test('predicates hold for the same rows as in core', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryRow(), { maxLength: 12 }),
        fc.array(arbitraryPredicate(), { minLength: 8, maxLength: 8 }),
        async (made, predicates) => {
          const rows = numbered(made)
          const schema = await bench.fill(['id'], rows)
          for (const where of predicates) {
            const holds = compileRowPredicate(where, schema)
            expect(await bench.rowsOf(where)).toEqual({ where, found: ids(rows.filter(holds)) })
          }
        },
      ),
      { numRuns: runs(150, 1_500) },
    )
  })
}

function comparisonCases(bench: Bench): void {
  test.each(NASTY.map((nasty, index) => [nasty.name, index] as const))('%s: every comparison with every value', async (name, index) => {
    const rows = oneColumn(index)
    const schema = await bench.fill(['id'], rows)
    const nasty = NASTY[index]
    const constants = nasty === undefined ? [] : [...nastyValues(nasty), null]
    for (const value of constants.filter((_, i) => i % Math.ceil(constants.length / 40) === 0)) {
      for (const op of ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const) {
        const where = { op, column: name, value } as const
        const expected = ids(rows.filter(compileRowPredicate(where, schema)))
        expect(await bench.rowsOf(where)).toEqual({ where, found: expected })
      }
    }
  })

  test('constants between the steps of a column', async () => {
    const column = COLUMNS.findIndex(({ name }) => name === 'decimal_12_2')
    const rows = oneColumn(column - 1)
    const schema = await bench.fill(['id'], rows)
    for (const value of [
      '0.005',
      '-0.005',
      '0.001',
      '9.499',
      '99999999999999999999999',
      '-99999999999999999999999',
      '1',
      '10.000',
      '1e0',
    ].slice(0, -1)) {
      for (const op of ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const) {
        const where = { op, column: 'decimal_12_2', value } as const
        expect(await bench.rowsOf(where)).toEqual({ where, found: ids(rows.filter(compileRowPredicate(where, schema))) })
      }
      const where = { op: 'not', of: { op: 'in', column: 'decimal_12_2', values: [value, '0.01'] } } as const
      expect(await bench.rowsOf(where)).toEqual({ where, found: ids(rows.filter(compileRowPredicate(where, schema))) })
    }
  })
}

function pageCases(bench: Bench): void {
  test('pages behind each row are the rest of the order', async () => {
    const term = fc.record({
      column: fc.constantFrom(...NASTY.map(({ name }) => name)),
      direction: fc.constantFrom('asc' as const, 'desc' as const),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryRow(), { maxLength: 10 }), fc.array(term, { maxLength: 3 }), async (made, order) => {
        const rows = numbered(made)
        await bench.fill(['id'], rows)
        const sorted = rows.toSorted(compareRows(order, ['id'], COLUMNS))
        for (const [i, row] of sorted.entries()) {
          const value = (name: string): JsonValue => row[COLUMNS.findIndex((column) => column.name === name)] ?? null
          const after = { order: order.map(({ column }) => value(column)), key: [value('id')] }
          expect(await bench.ask({ order, after, limit: 3 })).toEqual(ids(sorted.slice(i + 1, i + 4)).map((id) => ({ id })))
        }
      }),
      { numRuns: runs(60, 600) },
    )
  })
}

function updateCases(bench: Bench): void {
  test('updates of single cells store what whole rows would', async () => {
    const index = fc.nat({ max: NASTY.length - 1 })
    const update = index.chain((i) => fc.tuple(fc.constant(i), arbitraryCell(NASTY[i] ?? NASTY[0]!)))
    await fc.assert(
      fc.asyncProperty(arbitraryRow(), fc.array(update, { maxLength: 6 }), async (made, updates) => {
        let row: RowJson = [0, ...made]
        await bench.fill(['id'], [row])
        const changes: RowChange[] = []
        for (const [i, value] of updates) {
          const after = row.with(i + 1, value)
          changes.push(['u', [0], after, row])
          row = after
        }
        await bench.change(changes)
        expect(await bench.ask({ columns: COLUMNS.map(({ name }) => name) })).toEqual([
          Object.fromEntries(COLUMNS.map(({ name }, i) => [name, row[i]])),
        ])
      }),
      { numRuns: runs(80, 800) },
    )
  })
}
