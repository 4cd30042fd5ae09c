import type { Engine } from '../engine-case.ts'
import { countSums, readSums } from '../limits/sums-and-names.ts'
import type { SumsOut } from '../limits/sums-and-names.ts'
import { loading } from '../memory.ts'
import type { OrderRow, OrderUpdate, Shop } from '../shop.ts'
import { stepping } from '../stepping.ts'
import type { Workload } from '../stepping.ts'

/** A rival in the reference workload. Each changed order and each customer that it concerned is given once a transaction. */
export interface ReferenceRival<Prepared> {
  load(shop: Shop): void
  prepare(updates: readonly OrderUpdate[]): Prepared
  step(prepared: Prepared): SumsOut
}

/** A rival with its state loaded. */
export async function rivalEngine<P>(shop: Shop, workload: Workload<readonly OrderUpdate[]>, rival: ReferenceRival<P>): Promise<Engine> {
  const loaded = await loading(shop.orders + shop.customers, () => rival.load(shop))
  return stepping(loaded, workload, {
    prepare: (updates) => rival.prepare(updates),
    step: (prepared) => countSums(rival.step(prepared)),
    read: (prepared, results) => readSums(rival.step(prepared), results),
  })
}

/** Counts and sums by customer for an engine that has joins and no aggregates: added up on top of what the join gives out. */
export class SumsByHand {
  readonly #names: string[]
  readonly #counts: Int32Array
  readonly #cents: Float64Array
  readonly #given: Int32Array
  #transaction = 0
  #touched: number[] = []
  #orders: SumsOut['orders'] = []

  constructor(customers: number) {
    this.#names = Array.from({ length: customers }, () => '?')
    this.#counts = new Int32Array(customers)
    this.#cents = new Float64Array(customers)
    this.#given = new Int32Array(customers)
  }

  /** A joined row is there, or is there no more. */
  add({ id, customer, cents }: OrderRow, name: string): void {
    this.#names[customer] = name
    this.#counts[customer] = (this.#counts[customer] ?? 0) + 1
    this.#cents[customer] = (this.#cents[customer] ?? 0) + cents
    this.#orders.push({ id, customer, cents, name })
    this.#touch(customer)
  }

  remove({ customer, cents }: OrderRow): void {
    this.#counts[customer] = (this.#counts[customer] ?? 0) - 1
    this.#cents[customer] = (this.#cents[customer] ?? 0) - cents
    this.#touch(customer)
  }

  /** The same order of the same customer has another total. */
  edit(before: OrderRow, after: OrderRow, name: string): void {
    const { id, customer, cents } = after
    this.#cents[customer] = (this.#cents[customer] ?? 0) + cents - before.cents
    this.#orders.push({ id, customer, cents, name })
    this.#touch(customer)
  }

  /** What the transaction changed; the next one begins. */
  take(): SumsOut {
    const orders = this.#orders
    const customers = this.#touched.map((id) => ({
      id,
      name: this.#names[id] ?? '?',
      orders: this.#counts[id] ?? 0,
      cents: this.#cents[id] ?? 0,
    }))
    this.#orders = []
    this.#touched = []
    this.#transaction += 1
    return { orders, customers }
  }

  #touch(customer: number): void {
    if (this.#given[customer] === this.#transaction + 1) return
    this.#given[customer] = this.#transaction + 1
    this.#touched.push(customer)
  }
}
