import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch, SheetSketch } from '@sheetflow/testkit/bound-graph'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { describe, expect, it, vi } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { Decimal } from '@sheetflow/core/decimal'
import type { ColumnType } from '@sheetflow/core/type'
import type { Interval } from '@sheetflow/core/value'
import { AggregateIndex } from '../operators/aggregate-index.ts'
import { sheetHashes } from '../plan/sheet-hash.ts'
import { DeploymentBench } from '../testing/deployment-bench.ts'
import type { Column } from '../state/column.ts'
import type { TableChange } from '../testing/shop-history.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const

const TABLES: GraphSketch['tables'] = {
  'shop!public.orders': { columns: { id: INT, customer: INT, total: INT, weight: INT, status: TEXT } },
  'shop!public.customers': { columns: { id: INT, name: TEXT } },
}

/** Three sheets: two over orders, of which one asks for the rows of the other, and one over customers. */
const SHEETS = {
  's.open': { rows: '=FILTER(shop!orders, shop!orders[status]="open")', columns: { twice: '=[@total]*2' } },
  's.named': { rows: '=shop!orders', columns: { name: '=XLOOKUP([@customer], shop!customers[id], shop!customers[name], "?")' } },
  's.customers': {
    rows: '=shop!customers',
    columns: {
      spent: '=SUMIFS(shop!orders[total], shop!orders[customer], [@id])',
      open: '=SUMIFS(open[twice], open[customer], [@id])',
    },
  },
} as const satisfies Record<string, SheetSketch>

function graphOf(sheets: Readonly<Record<string, SheetSketch>>): BoundGraph {
  return boundGraph({ tables: TABLES, sheets })
}

/** With the columns of a sheet in place of those that it has. */
function edited(view: keyof typeof SHEETS, columns: Readonly<Record<string, string>>): BoundGraph {
  return graphOf({ ...SHEETS, [view]: { ...SHEETS[view], columns } })
}

const ROWS: readonly TableChange[] = [
  ['shop!public.customers', ...[1, 2].map((id) => ['c', [id], [id, `c${id}`], null] as const)],
  [
    'shop!public.orders',
    ...[1, 2, 3, 4, 5].map((id) => ['c', [id], [id, 1 + (id % 2), id * 10, id, id < 4 ? 'open' : 'paid'], null] as const),
  ],
]

function started(graph: BoundGraph = graphOf(SHEETS)): DeploymentBench {
  const bench = new DeploymentBench('a', graph)
  bench.rows(...ROWS)
  return bench
}

/** What the deployment that answers has filled itself, by sheet. */
function filled({ bench }: DeploymentBench): Readonly<Record<string, number>> {
  return Object.fromEntries(must(bench.graph.active).program.filled)
}

/** What each index of the deployment that answers is on. */
function indexes({ bench }: DeploymentBench): readonly string[] {
  return bench.graph.describe().flatMap(({ kind, on, askedBy }) => (askedBy === undefined ? [] : [`${kind} ${on}: ${askedBy.join(' ')}`]))
}

it('a list of other items is another column', () => {
  const texts = (of: ColumnType): readonly unknown[] => {
    const graph = boundGraph({
      tables: { 'shop!public.orders': { columns: { id: INT, tags: { type: 'list', of } } } },
      sheets: { 's.counted': { columns: { tagged: '=COUNTA(shop!orders[tags])' } } },
    })
    const { views, programs } = sheetHashes(graph, 1)
    return [programs.get('shop!public.orders'), views.get('s.counted')]
  }
  for (const [i, text] of texts(TEXT).entries()) expect(text).not.toBe(texts(INT)[i])
})

describe('a deployment', () => {
  it('that edits one sheet of three fills that sheet only', () => {
    const graph = started()
    graph.deploy('b', edited('s.named', { name: '=XLOOKUP([@customer], shop!customers[id], shop!customers[name], "nobody")' }))
    expect(filled(graph)).toEqual({ 's.named': 5 })
    graph.world.expectRead(graph.reader)
  })

  it('fills what reads the edited sheet as well, and nothing else', () => {
    const dear = { rows: '=FILTER(open, open[twice]>30)' }
    const graph = started(graphOf({ ...SHEETS, 's.dear': dear }))
    const open = { ...SHEETS['s.open'], columns: { twice: '=[@total]+[@total]+1' } }
    graph.deploy('b', graphOf({ ...SHEETS, 's.open': open, 's.dear': dear }))
    expect(filled(graph)).toEqual({ 's.open': 3, 's.customers': 2, 's.dear': 2 })
    graph.world.expectRead(graph.reader)
  })

  it('leaves a sheet that it does not change as it stands: its view goes on in the same generation', () => {
    const graph = started()
    const before = new Map([...graph.reader.views].map(([view, { generation }]) => [view, generation]))
    const relation = must(must(graph.bench.graph.active).program.sheets.get('s.open')).relation
    graph.deploy('b', edited('s.named', { name: '=[@customer]&""' }))
    expect(must(must(graph.bench.graph.active).program.sheets.get('s.open')).relation).toBe(relation)
    expect(graph.reader.views.get('s.open')?.generation).toBe(before.get('s.open'))
    expect(graph.reader.views.get('s.named')?.generation).toBe(1 + must(before.get('s.named')))
  })

  it('of another version of the language gives every view to its readers again: the same formula may mean something else', () => {
    const graph = started()
    const generations = (): readonly number[] =>
      ['s.open', 's.named', 's.customers'].map((view) => graph.reader.views.get(view)?.generation ?? 0)
    const before = generations()
    graph.prepare('b', graphOf(SHEETS), 2)
    graph.activate()
    expect(generations()).toEqual(before.map((generation) => generation + 1))
    graph.world.expectRead(graph.reader)
  })

  it('keeps the state of a sheet of which only readers are others', () => {
    const graph = started()
    const next = graphOf({ ...SHEETS, 's.customers': { ...SHEETS['s.customers'], keep: ['name', 'spent'] } })
    graph.deploy('b', next)
    expect(filled(graph)).toEqual({})
    graph.world.expectRead(graph.reader)
  })

  it('keeps the index that an edited formula asks', () => {
    const graph = started()
    graph.deploy('b', edited('s.customers', { spent: '=SUMIFS(shop!orders[total], shop!orders[customer], [@id])*2' }))
    expect(filled(graph)).toEqual({ 's.customers': 2 })
    expect(indexes(graph)).toEqual([
      'lookup shop!public.customers[id]: s.named[name]',
      'aggregate shop!public.orders by [customer]: s.customers[spent]',
    ])
    graph.rows(['shop!public.orders', ['c', [6], [6, 1, 7, 0, 'open'], null]])
    graph.world.expectRead(graph.reader)
  })

  it('asks an index that is there for more, also of the rows that came before', () => {
    const graph = started()
    const [view] = ['s.customers'] as const
    const { spent } = SHEETS[view].columns
    const more = {
      mean: '=AVERAGEIFS(shop!orders[weight], shop!orders[customer], [@id])',
      most: '=MAXIFS(shop!orders[weight], shop!orders[customer], [@id])',
      above: '=SUMIFS(shop!orders[total], shop!orders[customer], [@id], shop!orders[weight], ">"&[@id])',
      counted: '=COUNTIFS(shop!orders[customer], [@id], shop!orders[weight], ">="&[@id])',
    }
    for (const [version, columns] of Object.entries({ b: { spent, ...more }, c: { spent }, d: { spent, most: more.most }, e: more })) {
      graph.deploy(version, edited(view, columns))
      expect(filled(graph)).toEqual({ 's.customers': 2 })
      graph.world.expectRead(graph.reader)
      graph.rows([
        'shop!public.orders',
        ['u', [1], [1, 1, 3, 9, 'paid'], null],
        ['d', [2], null, null],
        ['c', [7], [7, 2, 1, 1, 'open'], null],
      ])
      graph.world.expectRead(graph.reader)
      graph.rows([
        'shop!public.orders',
        ['u', [1], [1, 2, 10, 1, 'open'], null],
        ['c', [2], [2, 1, 20, 2, 'open'], null],
        ['d', [7], null, null],
      ])
      graph.world.expectRead(graph.reader)
    }
  })

  it('fills anew what reads a column that nobody read for a while', () => {
    const weighing = { ...SHEETS['s.named'], keep: ['name', 'half'], columns: { ...SHEETS['s.named'].columns, half: '=[@weight]/2' } }
    const named = { ...SHEETS['s.named'], keep: ['name'] }
    const open = { ...SHEETS['s.open'], keep: ['twice'] }
    const graph = started(graphOf({ ...SHEETS, 's.open': open, 's.named': weighing }))
    graph.deploy('b', graphOf({ ...SHEETS, 's.open': open, 's.named': named }))
    graph.rows(['shop!public.orders', ['u', [1], [1, 1, 3, 90, 'open'], null]])
    graph.deploy('c', graphOf({ ...SHEETS, 's.open': open, 's.named': weighing }))
    expect(filled(graph)).toEqual({ 's.named': 5 })
    graph.rows(['shop!public.orders', ['u', [2], [2, 1, 3, 80, 'open'], null]])
    graph.world.expectRead(graph.reader)
  })

  it.each([
    ['a stack', '=VSTACK(shop!orders, shop!customers)', ['source', 'id'], 7],
    ['a merge', '=MERGE(shop!orders, shop!customers, shop!orders[customer]=shop!customers[id])', ['id', 'customers_id'], 5],
  ])('fills %s anew when a column of it comes that nobody read for a while, and reads none that is gone', (_, rows, key, size) => {
    const version = (keep: readonly string[], other: readonly string[]): BoundGraph =>
      graphOf({ 's.made': { rows, keep: [...key, ...keep] }, 's.other': { rows: '=shop!orders', keep: other } })
    const graph = started(version(['weight', 'status'], ['id']))
    graph.deploy('b', version(['status'], ['id']))
    graph.rows(['shop!public.orders', ['u', [1], [1, 1, 3, 90, 'open'], null], ['d', [2], null, null]])
    graph.world.expectRead(graph.reader)
    // What the column had in the records of the rows, another one has now.
    graph.deploy('c', version([], ['total']))
    graph.rows(['shop!public.orders', ['c', [6], [6, 1, 3, 91, 'new'], null]])
    graph.deploy('d', version(['weight', 'status'], ['total']))
    expect(filled(graph)).toEqual({ 's.made': size })
    graph.world.expectRead(graph.reader)
    graph.rows(['shop!public.orders', ['u', [3], [3, 1, 3, 80, 'paid'], null]])
    graph.world.expectRead(graph.reader)
  })

  it('does not keep an index whose criteria a sheet computes that is filled anew', () => {
    const above = (more: string): SheetSketch => ({
      rows: '=shop!customers',
      columns: {
        above: `=COUNTIFS(shop!orders[customer], [@id], shop!orders[total], ">"&XLOOKUP(2, shop!customers[id], shop!customers[id])*10)${more}`,
      },
    })
    const graph = started(graphOf({ 's.one': above(''), 's.two': above('+1') }))
    graph.deploy('b', graphOf({ 's.one': above('+2'), 's.two': above('+1') }))
    expect(filled(graph)).toEqual({ 's.one': 2, 's.two': 2 })
    graph.rows(['shop!public.customers', ['d', [2], null, null]])
    graph.world.expectRead(graph.reader)
    graph.rows(['shop!public.customers', ['c', [2], [2, 'again'], null]])
    graph.world.expectRead(graph.reader)
  })

  it('runs beside the old one until it answers, over what both have, through changes and edits of it that are dropped', () => {
    const graph = started()
    for (const factor of [3, 4, 5]) {
      graph.prepare(`f${factor}`, edited('s.open', { twice: `=[@total]*${factor}` }))
      graph.rows(['shop!public.orders', ['u', [factor], [factor, 1, factor, factor, factor === 4 ? 'paid' : 'open'], null]])
      graph.world.expectRead(graph.reader)
    }
    graph.activate()
    graph.world.expectRead(graph.reader)
    expect(filled(graph)).toEqual({ 's.open': 3, 's.customers': 2 })
  })

  it('leaves no caller of a sheet that is gone in an index that others go on to ask', () => {
    const asking = { rows: '=shop!orders', columns: { name: '=XLOOKUP([@total], shop!customers[id], shop!customers[name])' } }
    const graph = started(graphOf({ ...SHEETS, 's.asking': asking }))
    const keys = (): number => must(graph.bench.graph.describe().find(({ kind }) => kind === 'lookup')).size
    expect(keys()).toBe(7)
    graph.deploy('b', graphOf(SHEETS))
    graph.rows(['shop!public.customers', ['c', [3], [3, 'c3'], null]])
    expect(keys()).toBe(3)
    graph.world.expectRead(graph.reader)
  })

  it('lets an index that goes on forget the columns that only the version before it read', () => {
    const { spent } = SHEETS['s.customers'].columns
    const open = { ...SHEETS['s.open'], keep: ['twice'] }
    const named = { ...SHEETS['s.named'], keep: ['name'] }
    const version = (columns: Readonly<Record<string, string>>): BoundGraph =>
      graphOf({ 's.open': open, 's.named': named, 's.customers': { rows: '=shop!customers', columns } })
    const graph = started(version({ spent, mean: '=AVERAGEIFS(shop!orders[weight], shop!orders[customer], [@id])' }))
    const read = (): readonly Column[] => must(graph.bench.graph.active).usedColumns().get('shop!public.orders') ?? []
    const before = read()
    const keepOnly = vi.spyOn(AggregateIndex.prototype, 'keepOnly')
    graph.deploy('b', version({ spent }))
    const [kept] = must(keepOnly.mock.calls.at(-1))
    keepOnly.mockRestore()
    const [weight, ...others] = before.filter((column) => !read().includes(column))
    expect(others).toEqual([])
    expect(kept.has(must(weight))).toBe(false)
    expect(read().every((column) => kept.has(column))).toBe(true)
    graph.rows(['shop!public.orders', ['u', [1], [1, 2, 3, 90, 'open'], null]])
    graph.world.expectRead(graph.reader)
  })

  it('is taken back from a checkpoint with all that it took over', async () => {
    const graph = started()
    graph.deploy('b', edited('s.named', { name: '=[@customer]&"!"' }))
    await graph.restart()
    graph.rows(['shop!public.orders', ['u', [1], [1, 1, 3, 9, 'paid'], null]])
    graph.world.expectRead(graph.reader)
    graph.deploy('c', graphOf(SHEETS))
    expect(filled(graph)).toEqual({ 's.named': 5 })
    graph.world.expectRead(graph.reader)
  })

  it('shows rows of a file that are written otherwise, though equal: 1.50 for 1.5, 30 days for a month', () => {
    const rates = (rate: string, span: Interval): BoundGraph =>
      graphOf({
        's.rates': {
          rows: {
            columns: { code: TEXT, rate: { type: 'decimal' }, span: { type: 'interval' } },
            data: [['PL', Decimal.parse(rate), span]],
          },
          columns: { shown: '=[@span]&""' },
        },
      })
    const graph = started(rates('1.5', { months: 1, days: 0, micros: 0 }))
    graph.deploy('b', rates('1.50', { months: 0, days: 30, micros: 0 }))
    expect(graph.reader.rows('s.rates')).toEqual([['PL', '1.50', 'P30D', 'P30D']])
  })

  it('goes on with rows that were typed into a sheet', () => {
    const regions = { rows: { columns: { code: TEXT, rate: INT }, data: [['PL', 1]] }, columns: { more: '=[@rate]+1' } }
    const sheets = { 's.regions': regions, ...SHEETS }
    const graph = started(graphOf(sheets))
    const type = (code: string, rate: number): void =>
      void graph.bench.inbox({ v: 1, kind: 'edit', sheet: 's.regions', changes: [['c', [code], [code, rate], null]] })
    type('DE', 2)
    graph.prepare('b', graphOf({ ...sheets, 's.open': { ...SHEETS['s.open'], columns: { twice: '=[@total]*3' } } }))
    type('FR', 3)
    graph.activate()
    type('DE', 5)
    expect(filled(graph)).toEqual({ 's.open': 3, 's.customers': 2 })
    expect(graph.reader.rows('s.regions')).toEqual([
      ['PL', 1, 2],
      ['DE', 5, 6],
      ['FR', 3, 4],
    ])
  })
})

describe('a deployment that changes a named value', () => {
  const VALUES = { limit: '=SUM(shop!orders[total])', most: '=MAX(shop!orders[weight])', twice: '=[@limit]*2' }
  const READERS: Readonly<Record<string, SheetSketch>> = {
    's.by_limit': { rows: '=shop!customers', columns: { a: '=[@id]+limit' } },
    's.by_most': { rows: '=FILTER(shop!orders, shop!orders[weight]=most)', columns: { b: '=[@id]' } },
    's.by_twice': { rows: '=TAKE(SORTBY(FILTER(shop!orders, shop!orders[total]<twice), shop!orders[id]), 2)' },
    's.reads_none': { rows: '=shop!orders', columns: { c: '=[@total]*3' } },
    's.reads_reader': { rows: '=by_most', columns: { d: '=[@b]*2' } },
  }
  const withValues = (values: Readonly<Record<string, string>>): BoundGraph => graphOf({ 's.s_values': { columns: values }, ...READERS })
  const sheetsFilled = (graph: DeploymentBench): readonly string[] => Object.keys(filled(graph)).filter((view) => view in READERS)
  const generations = (graph: DeploymentBench): Readonly<Record<string, number>> =>
    Object.fromEntries([...graph.reader.views].map(([view, { generation }]) => [view, generation]))

  function changesRows(graph: DeploymentBench): void {
    graph.world.expectRead(graph.reader)
    graph.rows(['shop!public.orders', ['u', [1], [1, 1, 7, 90, 'open'], null], ['d', [2], null, null]])
    graph.world.expectRead(graph.reader)
    graph.rows(['shop!public.orders', ['c', [2], [2, 1, 20, 2, 'open'], null], ['u', [1], [1, 1, 10, 1, 'open'], null]])
    graph.world.expectRead(graph.reader)
  }

  it.each([
    ['one that a FILTER reads', { most: '=MIN(shop!orders[weight])' }, ['s.by_most', 's.reads_reader']],
    ['one that another value reads', { limit: '=SUM(shop!orders[weight])' }, ['s.by_limit', 's.by_twice']],
    ['one that reads another value', { twice: '=[@limit]*3' }, ['s.by_twice']],
  ])('fills the sheets that read it, and no other: %s', (_, change, readers) => {
    const graph = started(withValues(VALUES))
    const before = generations(graph)
    graph.deploy('b', withValues({ ...VALUES, ...change }))
    expect(sheetsFilled(graph)).toEqual(readers)
    const after = generations(graph)
    expect(Object.keys(READERS).filter((view) => before[view] !== after[view])).toEqual(readers)
    changesRows(graph)
  })

  it('fills nothing when values come, go, or stand in another order', () => {
    const graph = started(withValues(VALUES))
    const { limit, most, twice } = VALUES
    graph.deploy('b', withValues({ first: '=COUNT(shop!orders[id])', ...VALUES }))
    expect(sheetsFilled(graph)).toEqual([])
    changesRows(graph)
    graph.deploy('c', withValues({ most, limit, twice }))
    expect(sheetsFilled(graph)).toEqual([])
    changesRows(graph)
  })

  it('goes on with kept readers from a checkpoint, and beside the version before', async () => {
    const graph = started(withValues(VALUES))
    graph.prepare('b', withValues({ ...VALUES, most: '=MIN(shop!orders[weight])' }))
    graph.rows(['shop!public.orders', ['u', [3], [3, 1, 33, 0, 'open'], null]])
    graph.world.expectRead(graph.reader)
    graph.activate()
    changesRows(graph)
    await graph.restart()
    changesRows(graph)
    graph.deploy('c', withValues(VALUES))
    expect(sheetsFilled(graph)).toEqual(['s.by_most', 's.reads_reader'])
    changesRows(graph)
  })

  it('computes values that look at their own sheet together', () => {
    const own = { ...VALUES, all: '=SUM(s_values[limit])' }
    const graph = started(withValues(VALUES))
    graph.deploy('b', withValues(own))
    expect(sheetsFilled(graph)).toEqual(['s.by_limit', 's.by_most', 's.by_twice', 's.reads_reader'])
    changesRows(graph)
  })
})
