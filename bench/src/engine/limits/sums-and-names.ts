import { loading } from '../memory.ts'
import { resultRow } from '../engine-case.ts'
import type { Engine } from '../engine-case.ts'
import { money } from '../money.ts'
import { customerName } from '../shop.ts'
import type { OrderUpdate, Shop } from '../shop.ts'
import { stepping } from '../stepping.ts'
import type { Side, Workload } from '../stepping.ts'
import { OrderLists } from './order-lists.ts'

/** A row of the sheet of orders, and one of the sheet of customers, as the limit gives them out. */
interface OrderOut {
  readonly id: number
  readonly customer: number
  readonly cents: number
  readonly name: string
}
interface CustomerOut {
  readonly id: number
  readonly name: string
  readonly orders: number
  readonly cents: number
}

/** What a transaction changed. */
export interface SumsOut {
  readonly orders: OrderOut[]
  readonly customers: CustomerOut[]
}

/**
 * The limit of the reference workload: SUMIFS, COUNTIFS and XLOOKUP of one query, written by hand. Keys through a map to slots, columns in typed
 * arrays, customers' orders as lists (what a renamed customer would have to walk). It keeps cents as floats, has no
 * types, no row before to give, no order of output, and knows that only orders change.
 */
export class SumsAndNames {
  readonly #slots = new Map<number, number>()
  readonly #names: string[] = []
  readonly #orders: Int32Array
  readonly #sums: Float64Array
  readonly #customerOf: Int32Array
  readonly #centsOf: Int32Array
  readonly #lists: OrderLists
  /** The transaction in which a customer was given out last. */
  readonly #given: Int32Array
  #transaction = 0

  constructor(orders: number, customers: number) {
    this.#orders = new Int32Array(customers)
    this.#sums = new Float64Array(customers)
    this.#given = new Int32Array(customers)
    this.#customerOf = new Int32Array(orders)
    this.#centsOf = new Int32Array(orders)
    this.#lists = new OrderLists(orders, customers)
    for (let id = 0; id < customers; id++) this.#names.push(customerName(id))
  }

  insert(id: number, customer: number, cents: number): void {
    const slot = this.#slots.size
    this.#slots.set(id, slot)
    this.#centsOf[slot] = cents
    this.#link(slot, customer)
  }

  /** One transaction: each changed order and each customer that it concerned once. */
  step(updates: readonly OrderUpdate[]): SumsOut {
    this.#transaction += 1
    const orders: OrderOut[] = []
    const touched: number[] = []
    for (const { after } of updates) {
      this.#update(after.id, after.customer, after.cents, touched)
      orders.push({ id: after.id, customer: after.customer, cents: after.cents, name: this.#names[after.customer] ?? '?' })
    }
    return { orders, customers: touched.map((id) => this.#result(id)) }
  }

  #update(id: number, customer: number, cents: number, touched: number[]): void {
    const slot = this.#slots.get(id)
    if (slot === undefined) return
    const before = this.#customerOf[slot] ?? 0
    if (before === customer) this.#sums[customer] = (this.#sums[customer] ?? 0) + cents - (this.#centsOf[slot] ?? 0)
    else {
      this.#unlink(slot, before)
      this.#touch(before, touched)
    }
    this.#centsOf[slot] = cents
    if (before !== customer) this.#link(slot, customer)
    this.#touch(customer, touched)
  }

  #touch(customer: number, touched: number[]): void {
    if (this.#given[customer] === this.#transaction) return
    this.#given[customer] = this.#transaction
    touched.push(customer)
  }

  #result(id: number): CustomerOut {
    return { id, name: this.#names[id] ?? '?', orders: this.#orders[id] ?? 0, cents: this.#sums[id] ?? 0 }
  }

  #link(slot: number, customer: number): void {
    this.#customerOf[slot] = customer
    this.#lists.link(slot, customer)
    this.#orders[customer] = (this.#orders[customer] ?? 0) + 1
    this.#sums[customer] = (this.#sums[customer] ?? 0) + (this.#centsOf[slot] ?? 0)
  }

  #unlink(slot: number, customer: number): void {
    this.#lists.unlink(slot, customer)
    this.#orders[customer] = (this.#orders[customer] ?? 0) - 1
    this.#sums[customer] = (this.#sums[customer] ?? 0) - (this.#centsOf[slot] ?? 0)
  }
}

/** The limit with its state loaded. */
export async function sumsAndNames(shop: Shop, workload: Workload<readonly OrderUpdate[]>): Promise<Engine> {
  let limit: SumsAndNames | undefined
  const loaded = await loading(shop.orders + shop.customers, () => {
    limit = new SumsAndNames(shop.orders, shop.customers)
    for (let id = 0; id < shop.orders; id++) {
      const { customer, cents } = shop.order(id)
      limit.insert(id, customer, cents)
    }
  })
  if (limit === undefined) throw new Error('nothing was loaded')
  return stepping(loaded, workload, sumsSide(limit))
}

/** Typed updates in, rows out. */
export function sumsSide(limit: SumsAndNames): Side<readonly OrderUpdate[], readonly OrderUpdate[]> {
  return {
    prepare: (updates) => updates,
    step: (updates) => countSums(limit.step(updates)),
    read: (updates, results) => readSums(limit.step(updates), results),
  }
}

export function countSums({ orders, customers }: SumsOut): number {
  return orders.length + customers.length
}

/** As the views of the reference workbook say it. */
export function readSums({ orders, customers }: SumsOut, results: Record<string, string>): void {
  for (const { id, customer, cents, name } of orders) results[`sales.orders/${id}`] = resultRow([id, customer, money(cents), name])
  for (const { id, name, orders: count, cents } of customers) results[`sales.customers/${id}`] = resultRow([id, name, count, money(cents)])
}
