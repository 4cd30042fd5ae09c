import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { SheetSchema } from '@sheetflow/core/schema'

/** The sheet of open orders of FORMATS 7, as its graph describes it. */
export const OPEN_ORDERS: SheetSchema = {
  v: 1,
  table: 'sales.open_orders',
  schema: 1,
  hash: 'open-orders',
  generation: 1,
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'bigint', null: false },
    { name: 'customer_id', id: 2, type: 'bigint', null: true },
    { name: 'customer', id: 3, type: 'text', null: true },
    { name: 'total', id: 4, type: 'decimal', p: 12, s: 2, null: true },
    { name: 'placed_at', id: 5, type: 'timestamptz', null: true },
    { name: 'tenant', id: 6, type: 'int', null: true },
    { name: 'note', id: 7, type: 'text', null: true },
  ],
  index: ['customer_id', 'placed_at', 'customer'],
  search: ['customer'],
  lists: {},
  read: {
    manager: { rows: null, hide: [] },
    clerk: { rows: { op: 'eq', column: 'tenant', value: { claim: 'tenant' } }, hide: [] },
    customer: { rows: { op: 'eq', column: 'customer_id', value: { claim: 'id' } }, hide: ['tenant', 'note'] },
  },
  about: 'Orders that still have to be shipped.',
}

/** The sheet of customers, with its nested list of open orders. */
export const CUSTOMERS: SheetSchema = {
  v: 1,
  table: 'sales.customers',
  schema: 1,
  hash: 'customers',
  generation: 1,
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'bigint', null: false },
    { name: 'name', id: 2, type: 'text', null: true },
    { name: 'tenant', id: 3, type: 'int', null: true },
    { name: 'spent', id: 4, type: 'decimal', null: true },
  ],
  index: [],
  search: [],
  lists: { open: { view: 'sales.open_orders', on: [['customer_id', 'id']] } },
  read: { manager: { rows: null, hide: [] }, clerk: { rows: { op: 'eq', column: 'tenant', value: { claim: 'tenant' } }, hide: [] } },
}

/** An order as a row. */
export interface OrderFields {
  readonly customer?: string | null
  readonly name?: string | null
  readonly total?: string | { readonly e: string; readonly of?: string }
  readonly placed?: string
  readonly tenant?: number
  readonly note?: string | null
}

export function order(id: number, fields: OrderFields = {}): RowJson {
  const { customer = '7', name = 'Anna', total = '9.50', placed = '2026-01-01T00:00:00.000000Z', tenant = 1, note = null } = fields
  return [String(id), customer, name, total, placed, tenant, note]
}

export function created(row: RowJson): RowChange {
  return ['c', [row[0] ?? null], row, null]
}

export function updated(before: RowJson, after: RowJson): RowChange {
  return ['u', [after[0] ?? null], after, before]
}

export function deleted(row: RowJson): RowChange {
  return ['d', [row[0] ?? null], null, row]
}
