import type { CalculatorInput } from '../calculator/calculate.ts'
import type { PlainTable } from '../calculator/plain-table.ts'
import type { ColumnType } from '@sheetflow/core/type'

/** The shop of FORMATS 7, without rows: what formulas are bound against. */

function table(
  id: string,
  key: readonly number[],
  columns: readonly (readonly [name: string, type: ColumnType, nullable?: boolean])[],
): PlainTable {
  return { id, key, rows: [], columns: columns.map(([name, type, nullable = true]) => ({ name, type, nullable })) }
}

export const ORDERS: PlainTable = table(
  'shop!orders',
  [0],
  [
    ['id', { type: 'bigint' }, false],
    ['customer_id', { type: 'bigint' }],
    ['total', { type: 'decimal', p: 12, s: 2 }],
    ['status', { type: 'text' }, false],
    ['placed_at', { type: 'timestamptz' }],
    ['due', { type: 'date' }],
    ['quantity', { type: 'int' }],
    ['weight', { type: 'double' }],
    ['paid', { type: 'bool' }],
    ['unit price', { type: 'decimal', p: 12, s: 2 }],
    ['code', { type: 'uuid' }],
    ['extra', { type: 'json' }],
    ['span', { type: 'interval' }],
    ['tags', { type: 'list', of: { type: 'text' } }],
  ],
)

export const CUSTOMERS: PlainTable = table(
  'shop!customers',
  [0],
  [
    ['id', { type: 'bigint' }, false],
    ['name', { type: 'text' }],
    ['tenant', { type: 'int' }],
  ],
)

/** A row of orders at hand. */
export const SHOP: CalculatorInput = { tables: [ORDERS, CUSTOMERS], row: ORDERS, today: 0, timeZone: 'Europe/Warsaw' }
