import { parseDate, parseTimestamp } from '@sheetflow/core/calendar'
import { CellError } from '@sheetflow/core/cell-error'
import { must } from '@sheetflow/core/assert'
import { Decimal } from '@sheetflow/core/decimal'
import type { CalculatorInput } from '../calculator/calculate.ts'
import type { PlainTable } from '../calculator/plain-table.ts'

const DAY = must(parseDate('2026-11-23'))

/** The row that the examples of functions read. `blank` is an empty number column. */
const ROW: PlainTable = {
  id: 'example',
  key: [0],
  columns: [
    { name: 'id', type: { type: 'int' }, nullable: false },
    { name: 'name', type: { type: 'text' }, nullable: true },
    { name: 'price', type: { type: 'decimal', p: 12, s: 2 }, nullable: true },
    { name: 'quantity', type: { type: 'int' }, nullable: true },
    { name: 'date', type: { type: 'date' }, nullable: true },
    { name: 'at', type: { type: 'timestamp' }, nullable: true },
    { name: 'blank', type: { type: 'int' }, nullable: true },
  ],
  rows: [[7, 'Anna', Decimal.parse('9.50'), 4, DAY, must(parseTimestamp('timestamp', '2026-11-23T10:30:15')), null]],
}

/** The table that they read. */
const ITEMS: PlainTable = {
  id: 'items',
  key: [0],
  columns: [
    { name: 'id', type: { type: 'int' }, nullable: false },
    { name: 'kind', type: { type: 'text' }, nullable: true },
    { name: 'amount', type: { type: 'decimal', p: 12, s: 2 }, nullable: true },
    { name: 'note', type: { type: 'text' }, nullable: true },
    { name: 'broken', type: { type: 'int' }, nullable: true },
  ],
  rows: [
    [1, 'a', Decimal.parse('10.00'), 'x', new CellError('#N/A', 'broken')],
    [2, 'A', Decimal.parse('20.00'), null, 2],
    [3, 'b', Decimal.parse('30.50'), 'y', 3],
  ],
}

/** What the examples of the function reference are calculated over. */
export const EXAMPLE_SHEET: CalculatorInput = {
  tables: [ITEMS],
  row: ROW,
  today: DAY,
  time: 37_800_000_000,
  timeZone: 'UTC',
  dynamic: true,
}
