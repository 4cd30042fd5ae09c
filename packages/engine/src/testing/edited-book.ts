import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch, SheetSketch } from '@sheetflow/testkit/bound-graph'
import { must } from '@sheetflow/core/assert'
import { RECURSIVE } from './recursive-sketch.ts'
import { ROW_SKETCHES } from './row-sketches.ts'
import { SHOP } from './sketches.ts'

/** One place of the book, and what may stand there. `column` absent: the rows of the sheet. Null: the column, or the sheet, is not there. */
interface Choice {
  readonly sheet: string
  readonly column?: string
  readonly of: readonly (string | null)[]
}

/** What readers may see of a sheet beside its key; null: everything. */
interface KeepChoice {
  readonly sheet: string
  readonly keeps: readonly (readonly string[] | null)[]
}

const sheetsOf = ({ sheets }: GraphSketch, workbook: string, names?: readonly string[]): GraphSketch['sheets'] =>
  Object.fromEntries(
    Object.entries(sheets).flatMap(([view, sheet]): [string, SheetSketch][] => {
      const name = view.slice(view.indexOf('.') + 1)
      return names === undefined || names.includes(name) ? [[`${workbook}.${name}`, sheet]] : []
    }),
  )

/** Workbooks over the tables of `SHOP`: every operator, chains of sheets, indexes that several sheets ask. */
const BOOK: GraphSketch = {
  ...SHOP,
  sheets: {
    ...SHOP.sheets,
    'sales.orders_of': {
      rows: '=shop!customers',
      columns: {
        all: '=COUNTIFS(shop!orders[customer_id], [@id])',
        more: '=SUMIFS(shop!orders[parent], shop!orders[customer_id], [@id])',
        top: '=MAXIFS(shop!orders[total], shop!orders[customer_id], [@id])',
        bounded: '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[weight], ">="&[@all])',
      },
    },
    'sales.every_order': { rows: '=shop!orders' },
    ...sheetsOf(must(ROW_SKETCHES['GROUPBY']), 'groups', ['open', 'by_customer', 'by_status', 'best']),
    ...sheetsOf(must(ROW_SKETCHES['TAKE']), 'top', ['dearest', 'top', 'top_named', 'last']),
    ...sheetsOf(must(ROW_SKETCHES['VSTACK']), 'stack', ['paid']),
    'stack.both': {
      rows: '=VSTACK(open_orders, FILTER(paid, paid[total]>2), shop!customers)',
      columns: { name_or_status: '=[@name]&[@status]' },
    },
    'stack.by_source': { rows: '=GROUPBY(both[source])', columns: { rows: '=ROWS([id])', gross: '=SUM([gross])' } },
    ...sheetsOf(must(ROW_SKETCHES['MERGE']), 'merge', ['pairs', 'two', 'spent']),
    ...sheetsOf(must(ROW_SKETCHES['UNIQUE']), 'unique', ['statuses', 'regions', 'names']),
    'whole.arrays': {
      rows: '=FILTER(shop!orders, shop!orders[status]="open")',
      columns: {
        next: '=[@parent]+1',
        sum_of_nexts: '=SUMPRODUCT([next], [next])',
        with_row: '=SUMPRODUCT(--(shop!orders[parent]>[@parent]))',
        shared: '=[@parent]+SUMPRODUCT(shop!orders[parent], shop!orders[parent])',
        limit: '=COUNTIFS(shop!orders[parent], ">"&SUMPRODUCT(shop!orders[parent])/5)',
      },
    },
    'whole.after': {
      rows: '=shop!customers',
      columns: {
        seen: '=SUMPRODUCT(arrays[sum_of_nexts])',
        again: '=COUNTIFS(shop!orders[parent], ">"&SUMPRODUCT(shop!orders[parent])/5)',
        product: '=SUMPRODUCT(shop!orders[parent], shop!orders[parent])',
      },
    },
    ...sheetsOf(RECURSIVE, 'tree', ['values', 'tree', 'deep', 'groups']),
  },
}

/** What an author edits: formulas, conditions, columns that come and go, sheets that come and go. The first is what `BOOK` has. */
const CHOICES: readonly Choice[] = [
  { sheet: 'sales.values', column: 'VAT', of: ['=0.23', '=0.08'] },
  {
    sheet: 'sales.open_orders',
    of: ['=FILTER(shop!orders, shop!orders[status]="open")', '=FILTER(shop!orders, shop!orders[total]>3)', '=shop!orders'],
  },
  { sheet: 'sales.open_orders', column: 'gross', of: ['=ROUND([@total]*(1+VAT), 2)', '=[@total]*2'] },
  {
    sheet: 'sales.open_orders',
    column: 'siblings',
    of: ['=COUNTIFS([customer], [@customer])', '=COUNTIFS([customer], [@customer], [gross], ">5")', null],
  },
  {
    sheet: 'sales.customers',
    column: 'weight',
    of: [
      '=SUMIFS(shop!orders[weight], shop!orders[customer_id], [@id])',
      '=AVERAGEIFS(shop!orders[weight], shop!orders[customer_id], [@id])',
      '=MINIFS(shop!orders[weight], shop!orders[customer_id], [@id])',
      null,
    ],
  },
  {
    sheet: 'sales.customers',
    column: 'like',
    of: ['=COUNTIFS(shop!orders[status], [@region])', '=COUNTIFS(shop!orders[status], [@name])', null],
  },
  {
    sheet: 'sales.customers',
    column: 'recent',
    of: ['=COUNTIFS(shop!orders[customer_id], [@id], shop!orders[placed], ">="&TODAY())', null],
  },
  {
    sheet: 'sales.big_customers',
    of: ['=FILTER(customers, (customers[spent]>5)*(customers[orders]>1))', '=FILTER(customers, customers[orders]>0)'],
  },
  {
    sheet: 'sales.big_customers',
    column: 'rank',
    of: ['=COUNTIFS([spent], ">"&[@spent])+1', '=COUNTIFS(customers[spent], ">"&[@spent])+1', '=RANK([@spent], customers[spent])'],
  },
  { sheet: 'sales.orders_of', column: 'more', of: ['=SUMIFS(shop!orders[parent], shop!orders[customer_id], [@id])', null] },
  {
    sheet: 'sales.orders_of',
    column: 'top',
    of: [
      '=MAXIFS(shop!orders[total], shop!orders[customer_id], [@id])',
      '=MEDIAN(shop!orders[total])+[@all]',
      '=LARGE(shop!orders[total], 1)',
      null,
    ],
  },
  {
    sheet: 'sales.orders_of',
    column: 'bounded',
    of: [
      '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[weight], ">="&[@all])',
      '=COUNTIFS(shop!orders[customer_id], [@id], shop!orders[total], ">"&[@all])',
      '=SUMIFS(shop!orders[weight], shop!orders[customer_id], [@id], shop!orders[total], ">"&[@all])',
      '=XLOOKUP([@all]+0.5, shop!orders[total], shop!orders[weight], 0, 1)',
    ],
  },
  { sheet: 'sales.every_order', of: ['=shop!orders', null] },
  { sheet: 'groups.open', column: 'twice', of: ['=[@total]*2', '=[@total]*3'] },
  { sheet: 'groups.by_customer', column: 'median', of: ['=MEDIAN([total])', '=AVERAGE([total])', null] },
  { sheet: 'groups.best', of: ['=FILTER(by_customer, by_customer[orders]>1)', '=FILTER(by_customer, by_customer[revenue]>4)'] },
  { sheet: 'top.dearest', column: 'rank', of: ['=COUNTIFS([total], ">"&[@total])+1', '=[@id]*2', null] },
  { sheet: 'top.top', of: ['=TAKE(SORTBY(customers, customers[spent], -1), 2)', '=TAKE(SORTBY(customers, customers[spent]), 1)'] },
  { sheet: 'stack.paid', column: 'gross', of: ['=[@total]*3', '=[@total]+1'] },
  { sheet: 'stack.by_source', of: ['=GROUPBY(both[source])', null] },
  { sheet: 'merge.pairs', column: 'label', of: ['=[@name]&" "&[@status]', '=[@status]&[@weight]'] },
  { sheet: 'merge.spent', of: ['=GROUPBY(pairs[name])', null] },
  { sheet: 'unique.names', column: 'regions', of: ['=COUNTIFS(regions[name], [@name])', null] },
  { sheet: 'whole.arrays', column: 'next', of: ['=[@parent]+1', '=[@parent]+2'] },
  { sheet: 'whole.after', column: 'seen', of: ['=SUMPRODUCT(arrays[sum_of_nexts])', '=SUMPRODUCT(shop!orders[parent])', null] },
  { sheet: 'whole.arrays', column: 'limit', of: ['=COUNTIFS(shop!orders[parent], ">"&SUMPRODUCT(shop!orders[parent])/5)', null] },
  { sheet: 'tree.tree', column: 'deeper', of: ['=COUNTIFS([path_total], ">"&[@path_total])', null] },
  {
    sheet: 'tree.groups',
    column: 'mean',
    of: ['=IFERROR(AVERAGEIFS([mean], [parent], [@id]), [@total])', '=IFERROR(AVERAGEIFS([mean], [parent], [@id]), 0.5)'],
  },
  { sheet: 'tree.deep', of: ['=FILTER(tree, tree[path_total]>5)', null] },
]

/** Columns that nobody may read any more, and again: what is kept of tables changes with them. */
const KEEPS: readonly KeepChoice[] = [
  { sheet: 'sales.every_order', keeps: [null, ['total'], ['weight', 'parent'], []] },
  { sheet: 'sales.open_orders', keeps: [null, ['gross', 'placed'], ['label']] },
  { sheet: 'stack.paid', keeps: [null, ['status'], ['gross', 'weight']] },
  { sheet: 'stack.both', keeps: [null, [], ['weight'], ['parent', 'total', 'name']] },
  { sheet: 'merge.pairs', keeps: [null, [], ['limit'], ['weight', 'label']] },
]

/** An edit: at one place of the book something else. */
export interface BookEdit {
  readonly place: number
  readonly to: number
}

export const PLACES: number = CHOICES.length + KEEPS.length

/** Versions of a book, one after the other. */
export class EditedBook {
  readonly #chosen: number[] = [...CHOICES, ...KEEPS].map(() => 0)
  static readonly #bound = new Map<string, BoundGraph>()

  /** Equal for equal versions. */
  get version(): string {
    return `v${this.#chosen.join('')}`
  }

  edit({ place, to }: BookEdit): void {
    const { length } = CHOICES[place]?.of ?? must(KEEPS[place - CHOICES.length]).keeps
    this.#chosen[place] = to % length
  }

  graph(): BoundGraph {
    const known = EditedBook.#bound.get(this.version)
    if (known !== undefined) return known
    const made = boundGraph(this.#sketch())
    EditedBook.#bound.set(this.version, made)
    return made
  }

  #sketch(): GraphSketch {
    const sheets: Record<string, SheetSketch> = { ...BOOK.sheets }
    for (const [place, { sheet, column, of }] of CHOICES.entries()) {
      const text = of[must(this.#chosen[place])] ?? null
      const old = sheets[sheet]
      if (old === undefined) continue
      if (column === undefined) {
        if (text === null) delete sheets[sheet]
        else sheets[sheet] = { ...old, rows: text }
        continue
      }
      // In its place: readers know columns by where they stand.
      const columns = Object.entries(old.columns ?? {}).flatMap(([name, formula]): [string, string][] =>
        name !== column ? [[name, formula]] : text === null ? [] : [[name, text]],
      )
      sheets[sheet] = { ...old, columns: Object.fromEntries(columns) }
    }
    for (const [i, { sheet, keeps }] of KEEPS.entries()) {
      const keep = keeps[must(this.#chosen[CHOICES.length + i])] ?? null
      const old = sheets[sheet]
      if (old !== undefined && keep !== null) sheets[sheet] = { ...old, keep }
    }
    return { ...BOOK, sheets }
  }
}
