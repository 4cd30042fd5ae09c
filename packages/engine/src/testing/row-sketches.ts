import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { SHOP } from './sketches.ts'

/** Every column of every table is read: a row with an unchanged cell that nobody reads is one to the engine, and none to `TableModel`. */
const ALL_COLUMNS: GraphSketch['sheets'] = {
  'sales.every_order': { rows: '=shop!orders' },
  'sales.every_customer': { rows: '=shop!customers' },
  'sales.every_region': { rows: '=crm!regions' },
}

function sketch(sheets: GraphSketch['sheets']): GraphSketch {
  return { ...SHOP, sheets: { ...ALL_COLUMNS, ...sheets } }
}

/** Sheets whose rows are made of other rows, over the tables of `SHOP`: what each operator of `rows:` does, alone and on top of each other. */
export const ROW_SKETCHES: Readonly<Record<string, GraphSketch>> = {
  UNIQUE: sketch({
    'sales.statuses': {
      rows: '=UNIQUE(shop!orders[status])',
      columns: {
        orders: '=COUNTIFS(shop!orders[status], "="&[@status])',
        first: '=XLOOKUP([@status], shop!orders[status], shop!orders[id])',
      },
    },
    'sales.dear_customers': { rows: '=UNIQUE(FILTER(shop!orders[customer_id], shop!orders[total]>3))' },
    'sales.regions': {
      rows: '=UNIQUE(shop!customers[name], shop!customers[region])',
      columns: { both: '=[@name]&"/"&[@region]', siblings: '=COUNTIFS([name], [@name])' },
    },
    'sales.names': { rows: '=UNIQUE(regions[name])', columns: { regions: '=COUNTIFS(regions[name], [@name])' } },
    'sales.limits': { rows: '=UNIQUE(shop!customers[limit])' },
    'sales.pairs_of': { rows: '=UNIQUE(HSTACK(shop!orders[status], shop!orders[customer_id]))' },
    'sales.weights': { rows: '=UNIQUE(shop!orders[weight], shop!orders[placed])' },
  }),
  GROUPBY: sketch({
    'sales.open': {
      rows: '=FILTER(shop!orders, shop!orders[status]<>"7")',
      columns: { customer: '=XLOOKUP([@customer_id], shop!customers[id], shop!customers[name])', twice: '=[@total]*2' },
    },
    'sales.by_customer': {
      rows: '=GROUPBY(open[customer], open[status])',
      columns: {
        orders: '=ROWS([id])',
        revenue: '=SUM([twice])',
        heaviest: '=MAX([weight])',
        first: '=MIN([placed])',
        mean: '=AVERAGE([total])',
        numbers: '=COUNT([total])',
        filled: '=COUNTA([parent])',
        dear: '=SUMIFS([total], [total], ">5")',
        orphans: '=COUNTIFS([parent], "")',
        median: '=MEDIAN([total])',
        second: '=LARGE([total], 2)',
        spread: '=STDEV.S([total])',
        blanks: '=COUNTBLANK([parent])',
        above: '=COUNTIFS([id], ">"&[@orders])',
        share: '=IFERROR([@revenue]/SUM(open[twice]), 0)',
        rank: '=COUNTIFS(by_customer[revenue], ">"&[@revenue])+1',
        all: '=COUNTIFS(open[status], "="&[@status])',
      },
    },
    'sales.by_status': { rows: '=GROUPBY(by_customer[status])', columns: { groups: '=ROWS([customer])', orders: '=SUM([orders])' } },
    'sales.by_total': { rows: '=GROUPBY(shop!orders[total], shop!orders[placed])', columns: { orders: '=ROWS([id])' } },
    'sales.best': { rows: '=FILTER(by_customer, by_customer[orders]>1)', columns: { label: '=[@customer]&": "&[@orders]' } },
  }),
  TAKE: sketch({
    'sales.dearest': {
      rows: '=TAKE(SORTBY(shop!orders, shop!orders[total], -1, shop!orders[status]), 3)',
      columns: {
        rank: '=COUNTIFS([total], ">"&[@total])+1',
        name: '=XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")',
      },
    },
    'sales.latest_open': { rows: '=TAKE(SORTBY(FILTER(shop!orders, shop!orders[status]="open"), shop!orders[placed]), -2)' },
    // Few different values first: the second column of the order decides.
    'sales.first_of_status': { rows: '=TAKE(SORTBY(shop!orders, shop!orders[status], 1, shop!orders[placed], -1), 2)' },
    'sales.customers': { rows: '=shop!customers', columns: { spent: '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@id])' } },
    'sales.top': { rows: '=TAKE(SORTBY(customers, customers[spent], -1), 2)', columns: { share: '=[@spent]/2' } },
    'sales.top_named': { rows: '=FILTER(TAKE(SORTBY(customers, customers[spent], -1), 4), customers[name]<>"")' },
    'sales.by_name': { rows: '=TAKE(SORTBY(TAKE(SORTBY(shop!customers, shop!customers[limit]), 4), shop!customers[name], -1), 2)' },
    'sales.first': { rows: '=TAKE(shop!customers, 2)' },
    'sales.last': { rows: '=TAKE(top_named, -1)' },
    'sales.rest': { rows: '=DROP(SORTBY(shop!orders, shop!orders[total], -1), 3)', columns: { twice: '=[@total]*2' } },
    'sales.middle': { rows: '=TAKE(SORTBY(DROP(SORTBY(customers, customers[spent]), -1), customers[name]), 3)' },
    'sales.sorted': { rows: '=SORTBY(shop!customers, shop!customers[name])' },
  }),
  VSTACK: sketch({
    'sales.all': {
      rows: '=VSTACK(shop!orders, shop!customers)',
      map: {
        amount: { 'shop!public.orders': 'total', 'shop!public.customers': 'limit' },
        word: { 'shop!public.orders': 'status', 'shop!public.customers': 'region' },
      },
      columns: { twice: '=[@amount]*2', alike: '=COUNTIFS([word], "="&[@word])' },
    },
    'sales.open': { rows: '=FILTER(shop!orders, shop!orders[status]="open")', columns: { gross: '=[@total]*2' } },
    'sales.paid': { rows: '=FILTER(shop!orders, shop!orders[status]="paid")', columns: { gross: '=[@total]*3' } },
    'sales.both': { rows: '=VSTACK(open, FILTER(paid, paid[total]>2), shop!customers)', columns: { name_or_status: '=[@name]&[@status]' } },
    // Columns whose types differ: what goes in is brought into the wider one.
    'sales.wider': {
      rows: '=VSTACK(shop!orders, shop!customers)',
      map: { wide: { 'shop!public.orders': 'parent', 'shop!public.customers': 'limit' } },
    },
    'sales.double': {
      rows: '=VSTACK(shop!customers, shop!orders)',
      map: { wide: { 'shop!public.orders': 'weight', 'shop!public.customers': 'limit' } },
    },
    'sales.by_source': { rows: '=GROUPBY(both[source])', columns: { rows: '=ROWS([id])', gross: '=SUM([gross])' } },
  }),
  MERGE: sketch({
    'sales.pairs': {
      rows: '=MERGE(shop!customers, shop!orders, shop!customers[id]=shop!orders[customer_id])',
      columns: { label: '=[@name]&" "&[@status]' },
    },
    'sales.customers': {
      rows: '=MERGE(shop!customers, FILTER(shop!orders, shop!orders[total]>3), shop!orders[customer_id]=shop!customers[id], "left")',
      columns: { lonely: '=ISBLANK([@status])' },
    },
    'sales.words': { rows: '=UNIQUE(shop!orders[status])', columns: { n: '=COUNTIFS(shop!orders[status], "="&[@status])' } },
    'sales.by_word': { rows: '=MERGE(shop!customers, words, shop!customers[region]=words[status], "left")' },
    'sales.two': {
      rows: '=MERGE(pairs, crm!regions, AND(pairs[region]=crm!regions[code], pairs[name]=crm!regions[country]), "left")',
      columns: { factor2: '=[@factor]*2' },
    },
    'sales.spent': { rows: '=GROUPBY(pairs[name])', columns: { spent: '=SUM([total])', orders: '=ROWS([status])' } },
  }),
}
