import type { ColumnSchema, TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import type { CaseStep, CaseTable } from '@sheetflow/testkit/random-book/case'
import type { Book } from '@sheetflow/testkit/recalc/model'
import { describe, expect, it } from 'vitest'
import { runCase } from './run-case.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const

/** The first column is the key. */
function table(id: string, types: Readonly<Record<string, ColumnType>>): CaseTable {
  const columns = Object.entries(types).map(([name, type], i): ColumnSchema => ({ ...type, name, id: i + 1, null: i > 0 }))
  const key = columns.slice(0, 1).map((column) => column.name)
  const schema: TableSchema = { v: 1, table: id.slice(id.indexOf('!') + 1), schema: 1, hash: id, key, columns }
  return { id, schema }
}

/** Rows that are put into a table in one transaction. */
function put(id: string, ...rows: readonly (readonly JsonValue[])[]): CaseStep {
  return { kind: 'rows', changes: [{ table: id, rows: rows.map((row) => ['u', row.slice(0, 1), row, null]) }] }
}

function book(sheets: Book['sheets']): Book {
  return { name: 'book', timeZone: 'Europe/Warsaw', values: {}, sheets }
}

const ORDERS = table('shop!public.orders', { id: INT, customer: INT, name: TEXT })
const CUSTOMERS = table('shop!public.customers', { id: INT, size: INT, name: TEXT })
const DAYS = table('shop!public.days', { id: INT, day: { type: 'date' }, at: { type: 'timestamp' }, moment: { type: 'timestamptz' } })

const SOME_ORDERS = put(ORDERS.id, [1, 7, 'a'], [2, 9, 'b'])
const GROWING = [8, 5, 0].map((size) => put(CUSTOMERS.id, [1, size, 'a'], [2, 1, 'b']))

/** What the oracle found, each as small as it became. The graph must say what is recalculated, after every step. */
describe('found by the oracle', () => {
  const sized = (formula: string): Book['sheets'] => ({ c: { rows: '=shop!customers', columns: { twice: '=[@size]*2', asked: formula } } })

  it.each([
    ['a criterion that is the sum of a whole table', '=COUNTIFS(shop!orders[customer],SUM(shop!customers[size]))'],
    [
      'a criterion that is the least of some rows',
      '=COUNTIFS(shop!orders[customer],">="&MINIFS(shop!customers[size],shop!customers[name],"a"))',
    ],
    ['a criterion that is read off the own sheet', '=COUNTIFS(shop!orders[customer],"<"&MAX([twice]))'],
    ['a criterion that is read off the column it asks', '=COUNTIFS([twice],"<"&MAX([twice]))'],
  ])('%s', async (_, formula) => {
    const steps = [SOME_ORDERS, ...GROWING]
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sized(formula)), steps })).toMatchObject({ kind: 'right' })
  })

  it.each([
    ['a parameter that its call leaves out', '=LAMBDA(x, [y], IF(ISOMITTED(y), x, y))([@size])'],
    ['one for which nothing is written', '=LAMBDA(x, [y], IF(ISOMITTED(y), x, y))([@size], )'],
    ['one that is there', '=LAMBDA(x, [y], IF(ISOMITTED(y), x, y))([@size], 7)'],
    ['one that is left out where an array is mapped', '=SUM(MAP({1,2},LAMBDA(x,[y],IF(ISOMITTED(y),x,99))))'],
    ['one that is left out and read', '=LAMBDA(x, [y], y)(1)'],
  ])('%s', async (_, formula) => {
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sized(formula)), steps: GROWING })).toMatchObject({ kind: 'right' })
  })

  it.each([
    ['days up to a moment', '=COUNTIFS(shop!days[day],"<="&[@at])'],
    ['days before a moment', '=COUNTIFS(shop!days[day],"<"&[@at])'],
    ['days from a moment on', '=MINIFS(shop!days[day],shop!days[day],">="&[@at])'],
    ['the day of a moment', '=COUNTIFS(shop!days[day],[@at])'],
    ['moments that are a day', '=COUNTIFS(shop!days[at],[@day])'],
    ['moments that are another day', '=COUNTIFS(shop!days[at],"<>"&[@day])'],
    ['a day looked up by a moment', '=XLOOKUP([@at],shop!days[day],shop!days[id],0)'],
    ['the next day looked up by a moment', '=XLOOKUP([@at],shop!days[day],shop!days[id],0,1)'],
    ['a moment looked up by a day', '=XLOOKUP([@day],shop!days[at],shop!days[id],0)'],
    ['moments in UTC from a day that is Blank on', '=COUNTIFS(shop!days[moment],">="&[@day])'],
    ['a moment in UTC looked up by a day that is Blank', '=XLOOKUP([@day],shop!days[moment],shop!days[id],0,1)'],
    ['moments from a day on', '=COUNTIFS(shop!days[at],">="&[@day])'],
  ])('%s', async (_, formula) => {
    const sheets = { d: { rows: '=shop!days', columns: { asked: formula } } }
    const rows = put(
      DAYS.id,
      [1, '2026-11-22', '2026-11-23T00:00:00.000000', '2026-11-22T23:00:00.000000Z'],
      [2, '2026-11-23', '2026-11-23T10:15:00.000000', '2026-11-23T09:15:00.000000Z'],
      [3, '2026-11-24', '2026-11-22T00:00:00.000000', null],
      [4, null, null, null],
    )
    expect(await runCase({ tables: [DAYS], book: book(sheets), steps: [rows] })).toMatchObject({ kind: 'right' })
  })

  it.each([
    ['a number', '=COUNTIFS(shop!orders[customer],"="&[@size])'],
    ['a text', '=COUNTIFS(shop!orders[name],"="&[@name])'],
    ['an order by a text', '=COUNTIFS(shop!orders[name],">"&[@name])'],
    ['two columns', '=SUMIFS(shop!orders[id],shop!orders[name],"="&[@name],shop!orders[customer],"="&[@size])'],
    ['both forms of one question', '=COUNTIFS(shop!orders[name],"="&[@name])-COUNTIFS(shop!orders[name],[@name])'],
    ['the own column', '=SUMIFS([twice],[name],"="&[@name])'],
  ])('"="&[@x] asks for Blank cells where [@x] is nothing: %s', async (_, formula) => {
    const orders = put(ORDERS.id, [1, 7, 'a'], [2, 0, ''], [3, null, null], [4, null, ''], [5, 0, null])
    const customers = put(CUSTOMERS.id, [1, 7, 'a'], [2, 0, ''], [3, null, null], [4, null, 'a'])
    const moved = put(ORDERS.id, [1, null, null], [2, null, null], [3, 7, 'a'], [4, 0, 'b'])
    const asked = put(CUSTOMERS.id, [1, null, null], [2, 7, 'a'], [3, 0, ''])
    const steps = [orders, customers, moved, asked]
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sized(formula)), steps })).toMatchObject({ kind: 'right' })
  })

  it.each([
    ['which is no pattern', '=MINIFS(shop!orders[id],shop!orders[name],MINIFS(shop!orders[name],shop!orders[customer],"<>"))'],
    ['which is no error', '=COUNTIFS(shop!orders[name],MAXIFS(shop!orders[name],shop!orders[name],"#*"))'],
    ['which is no pattern, found by one that is', '=COUNTIFS(shop!orders[name],XLOOKUP("a*",shop!orders[name],shop!orders[name],"x",2))'],
    ['behind an order, where it is a word', '=MINIFS(shop!orders[id],shop!orders[name],"<"&[@name])'],
  ])('a criterion that is a text of a column, %s', async (_, formula) => {
    const orders = put(ORDERS.id, [1, 7, 'a?'], [2, null, '#N/A'], [3, 9, 'ab'], [4, 9, 'x'])
    const steps = [orders, put(CUSTOMERS.id, [1, 1, 'TRUE'], [2, 1, 'z'], [3, 1, '#N/A']), put(ORDERS.id, [1, 7, 'ac'])]
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sized(formula)), steps })).toMatchObject({ kind: 'right' })
  })

  it.each([
    ['by LET', '=LET(p,IF([@size]=1,"a*","b"),COUNTIFS(shop!orders[name],p))'],
    ['by LET of LET', '=LET(p,IF([@size]=1,"a*","b"),LET(q,p&"",COUNTIFS(shop!orders[name],q)))'],
    ['by LAMBDA', '=LAMBDA(p,COUNTIFS(shop!orders[name],p))(IF([@size]=1,"a*","b"))'],
  ])('a pattern that the formula writes is one when it has a name, %s', async (_, formula) => {
    const steps = [SOME_ORDERS, ...GROWING]
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sized(formula)), steps })).toMatchObject({ kind: 'right' })
  })

  it.each([
    ['counted', '=COUNTIFS(g[name],"a")'],
    ['looked up', '=XLOOKUP("a",g[name],g[one])'],
    ['read beside it', '=MAXIFS(g[same],g[one],1)'],
  ])('a key column that the source has dropped is #REF! to who reads it in another sheet, %s', async (_, formula) => {
    const sheets = {
      g: { rows: '=GROUPBY(shop!orders[name])', columns: { one: '=1', same: '=[@name]' } },
      c: { rows: '=shop!customers', columns: { asked: formula } },
      n: { rows: '=GROUPBY(shop!orders[customer])' },
    }
    const schema = { ...ORDERS.schema, schema: 2, columns: ORDERS.schema.columns.slice(0, 2) }
    const gone: CaseStep = { kind: 'schema', table: ORDERS.id, schema }
    const more = { ...sheets, d: { rows: '=shop!customers', columns: { also: formula } } }
    const steps: CaseStep[] = [SOME_ORDERS, put(CUSTOMERS.id, [1, 1, 'a']), gone, { kind: 'deploy', book: book(more) }]
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sheets), steps })).toMatchObject({ kind: 'right' })
  })

  it('a column that the source has dropped is #REF! after further deployments, also where it was all that the workbook used of its table', async () => {
    const sheets = { g: { rows: '=GROUPBY(shop!orders[name])', columns: { same: '=[@name]' } }, c: { rows: '=shop!customers' } }
    const schema = { ...ORDERS.schema, schema: 2, columns: ORDERS.schema.columns.slice(0, 2) }
    const gone: CaseStep = { kind: 'schema', table: ORDERS.id, schema }
    const more = { ...sheets, c: { rows: '=shop!customers', columns: { asked: '=COUNTIFS(g[name],"a")' } } }
    const steps: CaseStep[] = [SOME_ORDERS, put(CUSTOMERS.id, [1, 1, 'a']), gone, { kind: 'deploy', book: book(more) }]
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sheets), steps })).toMatchObject({ kind: 'right' })
  })

  it('a stacked key that one part has lost keeps the type that it has in the others', async () => {
    const coded = table('shop!public.coded', { id: INT, code: { type: 'uuid' } })
    const codes = table('shop!public.codes', { code: { type: 'uuid' } })
    const sheets = { g: { rows: '=GROUPBY(shop!coded[code])' }, n: { rows: '=shop!coded' }, s: { rows: '=VSTACK(g,shop!codes)' } }
    const schema = { ...coded.schema, schema: 2, columns: coded.schema.columns.slice(0, 1) }
    const gone: CaseStep = { kind: 'schema', table: coded.id, schema }
    const [one, other] = ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002']
    const more = { ...sheets, d: { rows: '=shop!codes' } }
    const steps: CaseStep[] = [put(coded.id, [1, one], [2, other]), put(codes.id, [other]), gone, { kind: 'deploy', book: book(more) }]
    expect(await runCase({ tables: [coded, codes], book: book(sheets), steps })).toMatchObject({ kind: 'right' })
  })

  it('a column that the left table of a MERGE has lost is #REF!, though the right one has one of that name', async () => {
    const n: Book['sheets'][string] = { rows: '=GROUPBY(shop!orders[name])' }
    const m: Book['sheets'][string] = {
      rows: '=MERGE(shop!orders,shop!customers,shop!orders[customer]=shop!customers[id],"left")',
      keep: ['name'],
    }
    const schema = { ...ORDERS.schema, schema: 2, columns: ORDERS.schema.columns.slice(0, 2) }
    const gone: CaseStep = { kind: 'schema', table: ORDERS.id, schema }
    const steps: CaseStep[] = [SOME_ORDERS, put(CUSTOMERS.id, [7, 1, 'c']), gone, { kind: 'deploy', book: book({ n, m }) }]
    for (const sheets of [{ n }, { n, m }])
      expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sheets), steps })).toMatchObject({ kind: 'right' })
  })

  it('a part over a whole column that stands by itself in one formula and inside of another', async () => {
    const columns = { own: '=MAX(IFERROR(shop!orders[customer],0))-[@size]', all: '=MAX(IFERROR(shop!orders[customer],0))-1' }
    const sheets = { c: { rows: '=shop!customers', columns } }
    const steps = [SOME_ORDERS, ...GROWING]
    expect(await runCase({ tables: [ORDERS, CUSTOMERS], book: book(sheets), steps })).toMatchObject({ kind: 'right' })
  })

  it('sums of decimals and doubles end at exactly 0 when everything was taken away', async () => {
    const money = table('shop!public.money', { id: INT, amount: { type: 'decimal', p: 14, s: 2 }, weight: { type: 'double' } })
    const columns = {
      sum: '=SUM(shop!money[amount])',
      heavy: '=SUM(shop!money[weight])',
      own: '=SUMIFS(shop!money[amount],shop!money[id],[@id])',
    }
    const sheets = { c: { rows: '=shop!customers', columns } }
    const filled = put(money.id, [1, '0.10', 0.1], [2, '0.20', 0.2], [3, '99999999999.99', 1e21], [4, '-0.30', 5e-324])
    const changed = put(money.id, [1, '0.30', 0.3], [4, '-7.00', -1e21])
    const gone: CaseStep = { kind: 'rows', changes: [{ table: money.id, rows: [1, 2, 3, 4].map((id) => ['d', [id], null, null]) }] }
    const steps = [put(CUSTOMERS.id, [1, 1, 'a']), filled, changed, gone]
    expect(await runCase({ tables: [money, CUSTOMERS], book: book(sheets), steps })).toMatchObject({ kind: 'right' })
  })

  it('a #REF! that a formula makes itself is no column that is gone', async () => {
    const made = { rows: '=shop!customers', columns: { out: '=INDEX({1,2},3)' } }
    const sheets = { c: made, d: { rows: '=shop!customers', columns: { counted: '=COUNT(c[out])' } } }
    expect(await runCase({ tables: [CUSTOMERS], book: book(sheets), steps: GROWING })).toMatchObject({ kind: 'right' })
  })

  it.each([
    'COUNTIFS(shop!days[day],[@size])',
    'COUNTIFS(shop!days[day],"<="&[@size])',
    'COUNTIFS(shop!days[moment],"<"&([@size]+0.5))',
    'COUNTIFS(shop!customers[size],">"&DATE(2026,11,22))',
    'XLOOKUP([@size],shop!days[day],shop!days[id],0)',
    'XLOOKUP([@size]+1/3,shop!days[at],shop!days[id],0,-1)',
    'XLOOKUP([@size],shop!days[moment],shop!days[id],0,1)',
  ])('dates and moments meet numbers by their serial numbers: %s', async (formula) => {
    const days = put(
      DAYS.id,
      [1, '2026-11-23', '2026-11-23T08:00:00.000000', '2026-11-22T23:00:00.000000Z'],
      [2, '1970-01-09', '2026-11-22T00:00:00.000000', '2026-11-23T10:00:00.000000Z'],
    )
    const serials = [46_349, 8, 46_348].map((size) => put(CUSTOMERS.id, [1, size, 'a'], [2, 46_350, 'b']))
    const sheets = { c: { rows: '=shop!customers', columns: { asked: `=${formula}` } } }
    expect(await runCase({ tables: [DAYS, CUSTOMERS], book: book(sheets), steps: [...serials, days, ...serials] })).toMatchObject({
      kind: 'right',
    })
  })
})
