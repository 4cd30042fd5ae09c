import { must } from '@sheetflow/core/assert'
import { valueKey } from '@sheetflow/core/key'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { expect, describe, it } from 'vitest'
import { compileGraph } from '../compile/compile-graph.ts'
import { explainSheets } from '../explain/explain-sheets.ts'
import { PlainRows } from '../testing/plain-rows.ts'
import { ROW_SHEETS, ROW_TABLES } from '../testing/row-sheets.ts'
import { TABLES } from '../testing/shop.ts'
import { Explainer } from './explain-cell.ts'
import type { ExplainedCell, ExplainLimits } from './explain-cell.ts'
import { explainAbsence } from './explain-row.ts'
import type { CellPlace } from './readable-rows.ts'
import { sourceReads } from './source-reads.ts'

/** Each name reads the one before it twice: written out the last one would read the total 2^60 times. */
const CHAIN = `n0_, [@total], ${Array.from({ length: 60 }, (_, i) => `n${i + 1}_, MOD(n${i}_+n${i}_, 7)`).join(', ')}`

const FILES: Readonly<Record<string, string>> = {
  'w/workbook.yaml':
    'values:\n  VAT: 0.23\n  GROSS: =LAMBDA(net, ROUND(net*(1+VAT), 2))\n  PAID: =SUMIFS(shop!orders[total], shop!orders[status], "paid")\n',
  'w/open_orders.sheet.yaml': `rows: =FILTER(shop!orders, shop!orders[status]="open")
keep: [total, customer_id]
columns:
  customer: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")
  gross: =GROSS([@total])
  rank: =IF([@total]>10, LET(x, [@total], x*2), PAID)
  near: =XLOOKUP([@total]+1, shop!orders[total], shop!orders[id], 0, -1)
  chain: =LET(${CHAIN}, IF(n60_<0, "", XLOOKUP([@customer_id]+n60_-n60_, shop!customers[id], shop!customers[name], "?")))
cost: {accept: whole-table, every: 5s}
`,
  'w/customers.sheet.yaml': `rows: =shop!customers
columns:
  spent: =SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[status], "paid")
  waiting: =SUMIFS(open_orders[gross], open_orders[customer_id], [@id])
  big: =[@spent]*2
`,
  'w/by_country.sheet.yaml': 'rows: =GROUPBY(shop!customers[country])\ncolumns:\n  people: =ROWS([id])\n',
  'w/first.sheet.yaml': 'rows: =TAKE(SORTBY(shop!orders, shop!orders[total], -1), 2)\ncolumns:\n  twice: =[@total]*2\n',
  'w/all.sheet.yaml':
    'rows: =VSTACK(shop!customers, open_orders)\nmap: {label: {shop!customers: name, open_orders: customer}}\ncolumns:\n  loud: =UPPER([@label])\n',
}

const at = '2026-11-01T10:00:00.000000Z'
const ORDERS: readonly RowJson[] = [
  ['1', '7', '9.50', 'open', at],
  ['2', '7', '20.00', 'paid', at],
  ['3', '7', '30.00', 'paid', at],
  ['4', '8', '11.00', 'open', at],
]
const CUSTOMERS: readonly RowJson[] = [
  ['7', 'Anna', 1, 'PL', null, null],
  ['8', 'Bruno', 1, 'pl', null, null],
  ['9', 'Cleo', 1, 'DE', null, null],
]

const { graph: compiled, diagnostics } = compileGraph({ files: FILES, tables: TABLES })
const graph: BoundGraph = compiled ?? { tables: [], sheets: [], timeZones: {} }
const rows = new PlainRows(graph, { 'shop!public.orders': ORDERS, 'shop!public.customers': CUSTOMERS }, { days: 0, micros: 0 })
const texts = explainSheets(FILES, graph)
const explainer = new Explainer(
  graph,
  rows,
  (view, column) => texts.find((sheet) => sheet.view === view)?.columns.find((one) => one.name === column)?.formula ?? null,
)

function place(relation: string, key: KeyJson, column: string): CellPlace {
  const index = explainer.info.columns(relation).findIndex((one) => one.name === column)
  return { relation, slot: rows.find(relation, key), column: index }
}

function why(relation: string, key: KeyJson, column: string, limits: Partial<ExplainLimits> = {}): ExplainedCell {
  return explainer.explain(place(relation, key, column), { depth: 9, rows: 5, ...limits })
}

describe('why', () => {
  it('compiles what is explained', () => {
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([])
  })

  it('shows value, type and formula, and the cells that the formula reads, down to the source', () => {
    expect(why('w.open_orders', ['1'], 'gross')).toMatchObject({
      relation: 'w.open_orders',
      key: ['1'],
      column: 'gross',
      value: '11.69',
      formula: '=GROSS([@total])',
      inputs: [
        {
          kind: 'cell',
          role: 'own',
          cell: {
            column: 'total',
            value: '9.50',
            formula: null,
            inputs: [{ kind: 'cell', role: 'origin', cell: { relation: 'shop!public.orders', key: ['1'], column: 'total', inputs: [] } }],
          },
        },
      ],
    })
  })

  it('shows the row that a lookup found, or that it found none', () => {
    const found = must(why('w.open_orders', ['1'], 'customer').inputs.find((input) => input.kind === 'lookup'))
    expect(found).toMatchObject({
      relation: 'shop!public.customers',
      column: 'id',
      search: '7',
      found: { relation: 'shop!public.customers', key: ['7'], column: 'name', value: 'Anna' },
    })
    expect(why('w.open_orders', ['4'], 'near').inputs.find((input) => input.kind === 'lookup')).toMatchObject({
      mode: -1,
      search: '12',
      found: { key: ['4'], column: 'id' },
    })
  })

  it('shows the rows that SUMIFS saw, bounded, with their count and the values of the criteria', () => {
    const [own, seen] = why('w.customers', ['7'], 'spent', { rows: 1 }).inputs
    expect(own).toMatchObject({ kind: 'cell', cell: { column: 'id', value: '7' } })
    expect(seen).toEqual({
      kind: 'rows',
      function: 'sum',
      relation: 'shop!public.orders',
      column: 'total',
      criteria: [
        { column: 'customer_id', op: '=', value: '7' },
        { column: 'status', op: '=', value: 'paid' },
      ],
      value: '50',
      count: 2,
      rows: [{ key: ['2'], values: { total: '20.00', customer_id: '7', status: 'paid' } }],
    })
  })

  it('takes the branch of an IF that counts, with what LET has computed and named values', () => {
    expect(why('w.open_orders', ['4'], 'rank').inputs.map((input) => input.kind)).toEqual(['cell'])
    const [, named] = why('w.open_orders', ['1'], 'rank').inputs
    expect(named).toMatchObject({ kind: 'cell', role: 'named', cell: { relation: 'w.w_values', column: 'PAID', value: '50' } })
  })

  it('shows what a chain of names of LET reads once, and a lookup with what it searches', () => {
    const { inputs } = why('w.open_orders', ['4'], 'chain')
    expect(inputs.map((input) => (input.kind === 'cell' ? input.cell.column : input.kind))).toEqual(['total', 'customer_id', 'lookup'])
    expect(inputs.at(-1)).toMatchObject({ search: '8', found: { column: 'name', value: 'Bruno' } })
  })

  it('goes as deep as it is told, and says where it ends', () => {
    const shallow = why('w.customers', ['7'], 'big', { depth: 1 })
    expect(shallow.inputs).toMatchObject([{ cell: { column: 'spent', value: '50', inputs: [], deeper: true } }])
    expect(why('w.customers', ['7'], 'big', { depth: 0 })).toMatchObject({ value: '100', inputs: [], deeper: true })
    expect(why('w.customers', ['7'], 'big').inputs).toMatchObject([{ cell: { deeper: false, inputs: [{}, { kind: 'rows' }] } }])
  })

  it('shows the rows of a group, and the part of a stack', () => {
    const [key] = [...rows.slots('w.by_country')].map((slot) => rows.key('w.by_country', slot)).filter(([country]) => country === 'PL')
    expect(why('w.by_country', must(key), 'people').inputs).toMatchObject([
      { kind: 'cell' },
      { kind: 'rows', function: 'count-rows', count: 2 },
    ])
    expect(why('w.by_country', must(key), 'country').inputs).toMatchObject([
      { kind: 'rows', function: 'group', count: 2, rows: [{ key: ['7'] }, { key: ['8'] }] },
    ])
    const stacked = rows.slots('w.all').map((slot) => rows.key('w.all', slot))
    const one = must(stacked.find(([source, id]) => typeof source === 'string' && source.includes('open_orders') && id === '4'))
    expect(why('w.all', one, 'loud').inputs).toMatchObject([
      { cell: { column: 'label', inputs: [{ role: 'origin', cell: { relation: 'w.open_orders', key: ['4'], column: 'customer' } }] } },
    ])
  })
})

describe('what a value follows from', () => {
  const reads = (relation: string, key: KeyJson, column: string, limit = 100) =>
    sourceReads([place(relation, key, column)], explainer, rows, limit)
  const named = (relation: string, key: KeyJson, column: string) =>
    reads(relation, key, column).rows.map((read) => [read.relation, read.key[0], [...read.columns].sort().join(' ')])

  it('is the rows of the sources, with the columns that were read', () => {
    expect(named('w.customers', ['7'], 'spent')).toEqual([
      ['shop!public.customers', '7', 'id'],
      ['shop!public.orders', '2', 'customer_id id status total'],
      ['shop!public.orders', '3', 'customer_id id status total'],
    ])
  })

  it('goes through other sheets, and through what puts their rows into them', () => {
    expect(named('w.customers', ['7'], 'waiting')).toEqual([
      ['shop!public.customers', '7', 'id'],
      ['shop!public.orders', '1', 'customer_id id status total'],
    ])
  })

  it('is a row that is only counted, too', () => {
    expect(named('w.by_country', ['DE'], 'people')).toEqual([['shop!public.customers', '9', 'country id']])
  })

  it('is bounded, and says so', () => {
    expect(reads('w.open_orders', ['1'], 'customer', 1)).toMatchObject({ complete: false, rows: [{}] })
    expect(reads('w.customers', ['7'], 'spent', 3).complete).toBe(true)
    expect(reads('w.customers', ['7'], 'spent', 2).complete).toBe(false)
  })
})

describe('why a row is not there', () => {
  const absent = (view: string, key: KeyJson) => explainAbsence(view, key, { explainer, rows, limits: { depth: 1, rows: 5 } })

  it('is what its FILTER says of it', () => {
    expect(absent('w.open_orders', ['2'])).toMatchObject({
      reason: 'filter',
      relation: 'shop!public.orders',
      value: false,
      inputs: [{ kind: 'cell', cell: { relation: 'shop!public.orders', column: 'status', value: 'paid' } }],
    })
  })

  it('or that the source has none, or that it is not among the first, or that no row made it', () => {
    expect(absent('w.open_orders', ['99'])).toEqual({
      reason: 'no-input',
      view: 'w.open_orders',
      relation: 'shop!public.orders',
      key: ['99'],
    })
    expect(absent('w.first', ['1'])).toMatchObject({ reason: 'take', count: 2 })
    expect(absent('w.by_country', ['XX'])).toEqual({ reason: 'not-made', view: 'w.by_country', key: ['XX'] })
  })
})

describe('the parts of formulas, computed anew', () => {
  it('give what the oracle gives, for every computed cell of the sheets that show what rows can be', () => {
    const shown = compileGraph({ files: ROW_SHEETS, tables: ROW_TABLES }).graph
    const all = must(shown)
    const contacts = [[1, 'Dora', 'PL', true]]
    const tables = { 'shop!public.orders': ORDERS, 'shop!public.customers': CUSTOMERS, 'crm!public.contacts': contacts }
    const plain = new PlainRows(all, tables, { days: 0, micros: 0 })
    const { evaluator } = new Explainer(all, plain, () => null)
    let cells = 0
    for (const { view, columns } of all.sheets) {
      for (const [column, { name, formula }] of columns.entries()) {
        if (formula === undefined) continue
        for (const slot of plain.slots(view)) {
          const value = evaluator.evaluate(formula, evaluator.row(view, slot))
          const shownValue = plain.value(view, slot, column)
          expect([view, name, valueKey(value)]).toEqual([view, name, valueKey(shownValue)])
          cells += 1
        }
      }
    }
    expect(cells).toBeGreaterThan(20)
  })
})
