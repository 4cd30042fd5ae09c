import { Random } from '@sheetflow/testkit/random'
import type { TableSketch } from '@sheetflow/testkit/bound-graph'
import type { RowChange } from '@sheetflow/core/message'
import type { TableRows } from './live-workbook.ts'
import { money } from './money.ts'

/** Orders of a customer, on average. */
const ORDERS_EACH = 10
/** Totals are below 1,000.00. */
const CENTS = 100_000
/** How often an update changes the customer of an order. */
const MOVES = 0.1

/** A state of one order. */
export interface OrderRow {
  readonly id: number
  readonly customer: number
  readonly cents: number
}

/** One changed order. */
export interface OrderUpdate {
  readonly before: OrderRow
  readonly after: OrderRow
}

/**
 * The shop of the reference workload: orders with a customer and a total, ten to a customer, drawn from a seed. It keeps the current state, so
 * that updates are updates; each contender has its own, and all go the same way.
 */
export class Shop {
  readonly orders: number
  readonly customers: number
  readonly #customerOf: Int32Array
  readonly #centsOf: Int32Array
  readonly #cents: number
  readonly #random = new Random(5)

  /** `cents`: totals are below that. */
  constructor(orders: number, customers: number = Math.max(1, Math.floor(orders / ORDERS_EACH)), cents: number = CENTS) {
    this.orders = orders
    this.#cents = cents
    this.customers = customers
    this.#customerOf = new Int32Array(orders)
    this.#centsOf = new Int32Array(orders)
    for (let id = 0; id < orders; id++) {
      this.#customerOf[id] = this.#random.below(customers)
      this.#centsOf[id] = this.#random.below(this.#cents)
    }
  }

  order(id: number): OrderRow {
    return { id, customer: this.#customerOf[id] ?? 0, cents: this.#centsOf[id] ?? 0 }
  }

  /** Transactions of so many updates of different orders each: a new total, and one time in ten another customer. */
  transactions(count: number, size: number): OrderUpdate[][] {
    return Array.from({ length: count }, () => {
      const updates = new Map<number, OrderUpdate>()
      while (updates.size < Math.min(size, this.orders)) {
        const id = this.#random.below(this.orders)
        if (!updates.has(id)) updates.set(id, this.#change(id, this.#random.below(this.#cents), this.#random.chance(MOVES)))
      }
      return [...updates.values()]
    })
  }

  /** One order of each customer that has one gets a new total, in transactions of 1,000. */
  sweep(): OrderUpdate[][] {
    const seen = new Uint8Array(this.customers)
    const updates: OrderUpdate[] = []
    for (let id = 0; id < this.orders; id++) {
      const { customer, cents } = this.order(id)
      if (seen[customer] === 1) continue
      seen[customer] = 1
      updates.push(this.#change(id, (cents + 1) % this.#cents, false))
    }
    return chunks(updates, 1_000)
  }

  #change(id: number, cents: number, moves: boolean): OrderUpdate {
    const before = this.order(id)
    // A total that stays as it was changes nothing, and then there is nothing to count.
    this.#centsOf[id] = cents === before.cents ? (cents + 1) % this.#cents : cents
    if (moves) this.#customerOf[id] = this.#random.below(this.customers)
    return { before, after: this.order(id) }
  }
}

/** The tables, as the source has them. */
export const SHOP_TABLES: Readonly<Record<string, TableSketch>> = {
  'public.customers': { columns: { id: { type: 'int' }, name: { type: 'text' } } },
  'public.orders': { columns: { id: { type: 'int' }, customer_id: { type: 'int' }, total: { type: 'decimal', p: 12, s: 2 } } },
}

/** Their rows to begin with. */
export function shopRows(shop: Shop): Readonly<Record<string, TableRows>> {
  return {
    'public.customers': { count: shop.customers, row: (id) => [id, customerName(id)] },
    'public.orders': { count: shop.orders, row: (id) => orderJson(shop.order(id)) },
  }
}

export function customerName(id: number): string {
  return `Customer ${id}`
}

/** The row of an order in a message. */
function orderJson({ id, customer, cents }: OrderRow): readonly [number, number, string] {
  return [id, customer, money(cents)]
}

/** The change of an order in a message: the key's row before is not sent, as capture sends it. */
export function orderChange({ after }: OrderUpdate): RowChange {
  return ['u', [after.id], orderJson(after), null]
}

/** So many of a list together, in order. */
export function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}
