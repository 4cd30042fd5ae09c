import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { SHOP } from './sketches.ts'

/** Whole columns as arrays, over the tables of `SHOP`: of tables, of sheets, of the sheet itself; alone, and with what differs per row. */
export const WHOLE: GraphSketch = {
  timeZone: 'Europe/Warsaw',
  tables: SHOP.tables,
  sheets: {
    'sales.values': {
      columns: {
        LEAST: '=SUM(shop!orders[total])/10',
        weighted: '=SUMPRODUCT(shop!orders[total], shop!orders[parent])',
        names: '=TEXTJOIN(", ", TRUE, shop!customers[name])',
        codes: '=CONCAT(crm!regions[country], crm!regions[code])',
        dear: '=SUMPRODUCT(--(shop!orders[total]>[@LEAST]))',
        squares: '=LET(x, shop!orders[parent], y, IFERROR(x*x, 0), SUM(y)-SUM(IFERROR(x, 0)))',
        folded: '=REDUCE(0, shop!orders[parent], LAMBDA(sum, x, IFERROR(sum+x, sum*2)))',
        later: '=SUMPRODUCT(--(shop!orders[placed]>TODAY()))',
        // Every column is read by something: a row without a base for what nobody reads is none to the oracle.
        numbers: '=SUMPRODUCT(shop!orders[weight], shop!orders[customer_id]*1)',
        limits: '=SUMSQ(shop!customers[limit])+SUM(crm!regions[factor]*2)',
        weighted_twice: '=2*[@weighted]',
      },
    },
    'sales.open_orders': {
      rows: '=FILTER(shop!orders, shop!orders[status]="open")',
      columns: {
        next: '=[@parent]+1',
        dear: '=[@id]+SUMPRODUCT(--(shop!orders[total]>LEAST))',
        sum_of_nexts: '=SUMPRODUCT([next], [next])',
        with_row: '=SUMPRODUCT(--(shop!orders[parent]>[@parent]))',
        shared: '=[@parent]+SUMPRODUCT(shop!orders[parent], shop!orders[parent])',
        all_names: '=[@id]&TEXTJOIN("/", FALSE, [status], shop!customers[region])',
        share: '=IFERROR([@next]/SUM([next]*1), [@sum_of_nexts])',
        after_share: '=SUMPRODUCT(IFERROR([share], 0))',
        limit: '=COUNTIFS(shop!orders[parent], ">"&SUMPRODUCT(shop!orders[parent])/5)',
        found: '=XLOOKUP(SUMPRODUCT([next]), shop!orders[parent], shop!orders[id], 0, -1)',
      },
    },
    'sales.statuses': {
      rows: '=UNIQUE(shop!orders[status])',
      columns: { open: '=SUMPRODUCT(--(open_orders[status]=[@status]))', all: '=TEXTJOIN(" ", TRUE, [status])' },
    },
    'sales.after': {
      rows: '=statuses',
      columns: { seen: '=SUMPRODUCT(statuses[open])', texts: '=LEN(TEXTJOIN(",", FALSE, open_orders[all_names]))' },
    },
  },
}
