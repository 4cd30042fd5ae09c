import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseDate } from '@sheetflow/core/calendar'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { must } from '@sheetflow/core/assert'
import { isNumber } from '@sheetflow/core/number'
import type { TableSchema } from '@sheetflow/core/schema'
import type { Value } from '@sheetflow/core/value'
import { FUNCTIONS } from '@sheetflow/formula/functions/catalogue'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { gridOf } from '@sheetflow/formula/value/grid'
import { describe, expect, it } from 'vitest'
import { readFormula } from './formula.ts'
import { CellsRow } from './model.ts'
import type { Book, PlainColumn, PlainRelation } from './model.ts'
import type { Names } from './names.ts'
import { compare } from './plain.ts'
import { Recalculation } from './recalculate.ts'

const column = (name: string, type: PlainColumn['type']): PlainColumn => ({ name, type, nullable: true })
const decimal = (text: string): Decimal => Decimal.parse(text)

/** The table and the row that docs/functions speak of. */
const ITEMS: PlainRelation = {
  label: 'items',
  key: [0],
  columns: [
    column('id', { type: 'int' }),
    column('kind', { type: 'text' }),
    column('amount', { type: 'decimal' }),
    column('note', { type: 'text' }),
    column('broken', { type: 'int' }),
  ],
  rows: [
    new CellsRow([1, 'a', decimal('10.00'), 'x', new CellError('#N/A', 'broken')]),
    new CellsRow([2, 'A', decimal('20.00'), null, 2]),
    new CellsRow([3, 'b', decimal('30.50'), 'y', 3]),
  ],
}
const DAY = must(parseDate('2026-11-23'))
const ROW: PlainRelation = {
  label: 'example',
  key: [0],
  columns: [
    column('id', { type: 'int' }),
    column('name', { type: 'text' }),
    column('price', { type: 'decimal' }),
    column('quantity', { type: 'int' }),
    column('date', { type: 'date' }),
    column('at', { type: 'timestamp' }),
    column('blank', { type: 'int' }),
  ],
  rows: [new CellsRow([7, 'Anna', decimal('9.50'), 4, DAY, { days: DAY, micros: 37_815_000_000 }, null])],
}
/** Three days, times and moments in UTC. */
const DAYS: PlainRelation = {
  label: 'days',
  key: [0],
  columns: [
    column('id', { type: 'int' }),
    column('day', { type: 'date' }),
    column('time', { type: 'time' }),
    column('moment', { type: 'timestamptz' }),
    column('serial', { type: 'int' }),
  ],
  rows: [
    new CellsRow([1, DAY - 1, 0, { days: DAY - 1, micros: 1 }, 46_348]),
    new CellsRow([2, DAY, 28_800_000_000, { days: DAY, micros: 43_200_000_000 }, 46_349]),
    new CellsRow([3, DAY + 10, 64_800_000_000, { days: DAY + 10, micros: 0 }, 46_359]),
  ],
}
const NAMES: Names = {
  timeZone: 'UTC',
  now: { days: DAY, micros: 37_800_000_000 },
  relation: (source, table) => (source !== null ? null : ([ITEMS, DAYS].find(({ label }) => label === table) ?? null)),
  named: () => null,
}

function value(formula: string): readonly Value[] {
  const { run } = readFormula(parseFormula(formula).node, NAMES, { own: ROW, filtered: null })
  return gridOf(run(must(ROW.rows[0]))).cells
}

describe('the oracle says what docs/functions say', () => {
  const examples = FUNCTIONS.flatMap((one) => one.examples).filter(({ formula }) => /items\[/.test(formula) && !formula.includes('ISREF'))

  it.each(examples.map(({ formula, result }) => [formula, result]))('%s', (formula, result) => {
    const [got, wanted] = [value(formula), value(`=${result}`)]
    expect(got.map((cell, i) => compare(cell, wanted[i] ?? null))).toEqual(got.map(() => 0))
  })
})

describe('the oracle has dates and times meet numbers by their serial numbers', () => {
  it.each<readonly [string, number]>([
    ['COUNTIFS(days[day],46349)', 1],
    ['COUNTIFS(days[day],"<46349.5")', 2],
    ['COUNTIFS(days[day],"<="&INT([@at]))', 2],
    ['COUNTIFS(days[day],20780)', 0],
    ['COUNTIFS(days[day],[@blank])', 0],
    ['COUNTIFS(days[time],1/3)', 1],
    ['COUNTIFS(days[time],">=8:00")', 2],
    ['COUNTIFS(days[time],"<"&[@date])', 3],
    ['COUNTIFS(days[time],[@blank])', 1],
    ['COUNTIFS(days[moment],46349.5)', 1],
    ['COUNTIFS(days[serial],[@date])', 1],
    ['COUNTIFS(days[serial],"<11/24/2026")', 2],
    ['XLOOKUP([@at],days[serial],days[id],,-1)', 2],
    ['XLOOKUP(46349.5,days[day],days[id],0)', 0],
    ['XLOOKUP(46349.5,days[day],days[id],0,1)', 3],
    ['XLOOKUP(0.5,days[time],days[id],0,-1)', 2],
  ])('%s is %d', (formula, wanted) => {
    expect(value(`=${formula}`).map((cell) => compare(cell, wanted))).toEqual([0])
  })
})

describe('the oracle computes what the vectors of formulas say', () => {
  const path = fileURLToPath(import.meta.resolve('@sheetflow/formula/vectors/arithmetic.json'))
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: { formula: string; result: string }[] }

  it.each(cases)('$formula is $result', ({ formula, result }) => {
    expect(value(formula).map((cell) => (isCellError(cell) ? cell.kind : isNumber(cell) ? String(cell) : JSON.stringify(cell)))).toEqual([
      result,
    ])
  })
})

function shown(cell: Value): string {
  return cell instanceof Decimal ? cell.toString() : JSON.stringify(cell)
}

describe('a workbook from nothing', () => {
  const schema: TableSchema = {
    v: 1,
    table: 'public.orders',
    schema: 1,
    hash: '',
    key: ['id'],
    columns: [
      { name: 'id', id: 1, type: 'int', null: false },
      { name: 'status', id: 2, type: 'text', null: true },
      { name: 'total', id: 3, type: 'decimal', p: 12, s: 2, null: true },
    ],
  }
  const book: Book = {
    name: 'sales',
    timeZone: 'UTC',
    values: { GROSS: '=LAMBDA(n,ROUND(n*1.23,2))', ALL: '=SUM(shop!orders[total])' },
    sheets: {
      best: {
        rows: '=TAKE(SORTBY(shop!orders,shop!orders[total],-1),2)',
        keep: ['total', 'id', 'total'],
        columns: { gross: '=GROSS([@total])' },
      },
      by_status: { rows: '=GROUPBY(shop!orders[status])', columns: { sum: '=SUM([total])', share: '=[@sum]/ALL' } },
    },
  }
  const recalculation = new Recalculation(
    book,
    [
      {
        id: 'shop!public.orders',
        schema,
        rows: [
          [1, 'open', '1.00'],
          [2, 'OPEN', '2.50'],
          [3, null, '2.50'],
        ],
      },
    ],
    { days: DAY, micros: 0 },
  )
  const rows = (name: string): string[] => {
    const { columns, rows: all } = recalculation.view(name)
    return all.map((row) => columns.map((_, i) => shown(row.get(i))).join(' '))
  }

  it('takes the first by an order, ties by key, and shows each column once, whatever is named twice in `keep`', () => {
    expect(rows('best')).toEqual(['2 2.50 3.08', '3 2.50 3.08'])
  })

  it('groups with letter case aside, Blank by itself, shown as in the row with the smallest key', () => {
    expect(rows('by_status')).toEqual(['null 2.5 0.416666666666667', '"open" 3.5 0.583333333333333'])
  })
})
