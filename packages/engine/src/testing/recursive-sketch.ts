import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { SHOP } from './sketches.ts'

const INT = { type: 'int' } as const
const DECIMAL = { type: 'decimal' } as const
const TEXT = { type: 'text' } as const

/**
 * Columns that read themselves, over the tables of `SHOP`, where `orders[parent]` is the id of another order or of none: towards the root, from the
 * leaves, along an order, by text, caught, guarded, several in a circle, read by others.
 */
export const RECURSIVE: GraphSketch = {
  ...SHOP,
  sheets: {
    'sales.every_order': { rows: '=shop!orders' },
    'sales.every_customer': { rows: '=shop!customers' },
    'sales.values': { columns: { step: '=ROWS(shop!customers)', word: '=IF(ROWS(shop!customers)>2, "paid", "open")' } },
    'sales.tree': {
      rows: '=shop!orders',
      types: { path_total: DECIMAL, caught: DECIMAL, rolled: DECIMAL, guarded: INT, path: TEXT },
      columns: {
        path_total: '=[@total]+IFNA(XLOOKUP([@parent], [id], [path_total]), 0)',
        caught: '=IFERROR(XLOOKUP([@parent], [id], [caught], 0), -1)+[@total]',
        rolled: '=[@total]+SUMIFS([rolled], [parent], [@id])',
        guarded: '=IF([@parent]=[@id], [@id], XLOOKUP([@parent], [id], [guarded], [@id]))',
        path: '=IF([@status]="open", "", XLOOKUP([@parent], [id], [path], "")&"/")&[@status]',
        deeper: '=COUNTIFS([path_total], ">"&[@path_total])',
        parent_total: '=XLOOKUP([@parent], [id], [rolled])',
        below: '=SUMIFS([rolled], [parent], [@id])',
        ancestor: '=XLOOKUP([@path], shop!customers[region], shop!customers[name], "?")',
      },
    },
    'sales.running': {
      rows: '=shop!orders',
      types: { balance: DECIMAL, next: INT },
      columns: {
        key: '=[@id]*2',
        balance: '=[@total]+XLOOKUP([@key]-1, [key], [balance], 0, -1)',
        next: '=step+XLOOKUP([@key]+1, [key], [next], 0, 1)',
        rank: '=RANK([@balance], [balance])',
      },
    },
    'sales.groups': {
      rows: '=shop!orders',
      types: { roll: DECIMAL, count: INT, greatest: DECIMAL, mean: DECIMAL, named: DECIMAL, odd: DECIMAL, alike: DECIMAL },
      columns: {
        roll: '=IF([@status]=word, [@total], SUMIFS([roll], [status], word, [parent], [@id])+1)',
        count: '=1+COUNTIFS([parent], [@id])+IFERROR(SUMIFS([count], [parent], [@id], [status], "open"), 0)',
        greatest: '=IF([@parent]>[@id], MAXIFS([greatest], [id], [@parent]), [@total])',
        mean: '=IFERROR(AVERAGEIFS([mean], [parent], [@id]), [@total])',
        named: '=IF(ISNUMBER([@parent]), IFERROR(SUMIFS([named], [status], [@status]&"", [id], [@parent]), 1), [@total])',
        alike: '=IF([@id]>6, IFERROR(SUMIFS([alike], [status], LEFT([@status], 1)&"*", [id], "<7"), -1), [@total])',
        odd: '=[@total]+IFERROR(SUMIFS([odd], [status], "p*", [parent], [@id]), 0)',
      },
    },
    'sales.mutual': {
      rows: '=FILTER(shop!orders, shop!orders[total]>1)',
      types: { a: DECIMAL, b: DECIMAL, c: DECIMAL },
      columns: {
        a: '=[@total]+XLOOKUP([@parent], [id], [b], 0)',
        b: '=[@a]*2-IF([@total]>5, [@c], 0)',
        c: '=IF([@total]>9, XLOOKUP([@parent], [id], [a], 1), SUMIFS([b], [parent], [@id]))',
        sum: '=[@a]+[@b]+[@c]',
      },
    },
    'sales.deep': { rows: '=FILTER(tree, tree[path_total]>5)', columns: { twice: '=[@path_total]*2' } },
  },
}
