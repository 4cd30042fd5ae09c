import { must } from '@sheetflow/core/assert'
import type { BoundGraph, BoundSheet, Criterion, Expr } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { SHOP } from './sketches.ts'

/** All that goes by the order of a column, over the tables of `SHOP`: bounds that differ per row, ranks, order statistics, next keys. */
const SKETCH: GraphSketch = {
  timeZone: 'Europe/Warsaw',
  tables: SHOP.tables,
  sheets: {
    'sales.values': {
      columns: {
        second: '=LARGE(shop!orders[total], 2)',
        earliest: '=SMALL(shop!orders[placed], 1)',
        middle: '=MEDIAN(shop!orders[total])',
        middle_weight: '=MEDIAN(shop!orders[weight])',
        heavy: '=PERCENTILE.INC(shop!orders[weight], 0.9)',
        low: '=PERCENTILE.EXC(shop!orders[total], 0.3)',
        quarter: '=QUARTILE(shop!orders[customer_id], 3)',
        quarter_exc: '=QUARTILE.EXC(shop!orders[parent], 1)',
        spread: '=VAR.S(shop!orders[total])',
        deviation: '=STDEV.P(shop!orders[total])',
        parents: '=STDEV.S(shop!orders[parent])',
        limits: '=VAR.P(shop!customers[limit])',
        blanks: '=COUNTBLANK(shop!orders[status])',
        nearest: '=XLOOKUP(5, shop!orders[total], shop!orders[status], "none", -1)',
        paid_like: '=XLOOKUP("p?i*", shop!orders[status], shop!orders[total], 0, 2)',
        place_of_7: '=RANK(7, shop!orders[total])',
      },
    },
    'sales.orders': {
      rows: '=shop!orders',
      columns: {
        place: '=RANK([@total], [total])',
        place_up: '=RANK.AVG([@total], shop!orders[total], 1)',
        day_place: '=RANK.EQ([@placed], shop!orders[placed])',
        place_either: '=RANK([@total], shop!orders[total], [@parent]-1)',
        running: '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@customer_id], shop!orders[placed], "<="&[@placed])',
        before: '=COUNTIFS([customer_id], [@customer_id], [placed], "<"&[@placed])',
        near_weight: '=AVERAGEIFS(shop!orders[weight], shop!orders[weight], ">="&[@weight], shop!orders[weight], "<="&[@parent])',
        above_middle: '=COUNTIFS(shop!orders[total], ">"&[@total]+middle)',
        kth: '=LARGE(shop!orders[total], [@parent])',
        kth_running: '=SMALL([running], 2)',
      },
    },
    'sales.customers': {
      rows: '=shop!customers',
      columns: {
        dear: '=COUNTIFS(shop!orders[customer_id], [@id], shop!orders[total], ">="&[@limit])',
        cheap: '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[total], "<"&[@limit])',
        cheap_paid: '=SUMIFS(shop!orders[total], shop!orders[total], "<="&[@limit], shop!orders[status], "paid")',
        weights: '=SUMIFS(shop!orders[weight], shop!orders[customer_id], [@id], shop!orders[total], ">"&[@limit]-2)',
        numbers: '=AVERAGEIFS(shop!orders[parent], shop!orders[total], "<"&[@limit])',
        two: '=COUNTIFS(shop!orders[customer_id], [@id], shop!orders[total], ">="&[@limit]-3, shop!orders[weight], "<"&[@limit])',
        other_two: '=SUMIFS(shop!orders[total], shop!orders[total], ">"&[@limit]-5, shop!orders[customer_id], "<>"&[@id])',
        last_cheap: '=MAXIFS(shop!orders[placed], shop!orders[customer_id], [@id], shop!orders[total], "<"&[@limit]+3)',
        // Nothing else reads these columns in these groups: a change in them alone has to be seen.
        greatest_light: '=MAXIFS(shop!orders[parent], shop!orders[customer_id], [@id], shop!orders[weight], "<"&[@limit])',
        greatest_other: '=MAXIFS(shop!orders[parent], shop!orders[customer_id], "<>"&[@id])',
        greatest_like: '=MAXIFS(shop!orders[parent], shop!orders[status], LEFT([@region], 1)&"*")',
        like_sum: '=SUMIFS(shop!orders[total], shop!orders[status], LEFT([@region], 1)&"*", shop!orders[customer_id], [@id])',
        like_count: '=COUNTIFS(shop!orders[status], [@region]&"*")',
        // Texts that differ in case alone are equal: which is shown goes by the key.
        last_status: '=MAXIFS(shop!orders[status], shop!orders[customer_id], [@id])',
        found_like: '=XLOOKUP([@region], shop!orders[status], shop!orders[id], -1, 2)',
        first_like: '=XLOOKUP(LEFT([@region], 1)&"?*", shop!orders[status], shop!orders[total], 0, 2)',
        ends_like: '=XLOOKUP("*"&RIGHT([@name], 1), [region], [limit], , 2)',
        later: '=COUNTIFS(shop!orders[status], ">"&[@region])',
        names: '=COUNTIFS([name], "<="&[@name])',
        as_of: '=XLOOKUP([@limit], shop!orders[total], shop!orders[id], 0, -1)',
        next_up: '=XLOOKUP([@limit]-3, shop!orders[total], shop!orders[status], "none", 1)',
        next_name: '=XLOOKUP([@region], shop!customers[name], shop!customers[region],, 1)',
        last_name: '=XLOOKUP([@region], [name], [dear], -1, -1)',
        one_name: '=XLOOKUP("b", [name], [dear], -1, 1)',
        median_of: '=MEDIAN(shop!orders[total])',
        third_of: '=LARGE(shop!orders[weight], 3)',
        rank_of: '=RANK([@limit], shop!orders[total])',
        deviation_of: '=STDEV.S(shop!orders[total])',
      },
    },
  },
}

/**
 * The sketch bound; columns of `customers` whose name ends in `_of` are asked of the customer's own orders, as a group's columns are: the
 * language has no form of these functions with criteria.
 */
export const ORDERED: BoundGraph = grouped(boundGraph(SKETCH))

function grouped(graph: BoundGraph): BoundGraph {
  const sheets = graph.sheets.map((sheet) =>
    sheet.view === 'sales.customers' ? { ...sheet, columns: sheet.columns.map(ofCustomer) } : sheet,
  )
  return { ...graph, sheets }
}

function ofCustomer(column: BoundSheet['columns'][number]): BoundSheet['columns'][number] {
  const { formula } = column
  if (!column.name.endsWith('_of') || formula?.kind !== 'aggregate') return column
  const id: Expr = { kind: 'column', column: 0, type: { type: 'bigint' }, nullable: false }
  const orders = must(Object.keys(SHOP.tables['shop!public.orders']?.columns ?? {}))
  const criterion: Criterion = { column: orders.indexOf('customer_id'), op: '=', value: id }
  return { ...column, formula: { ...formula, criteria: [criterion] } }
}
