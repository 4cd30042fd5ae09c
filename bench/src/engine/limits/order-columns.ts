import { resultRow } from '../engine-case.ts'
import { money } from '../money.ts'
import type { OrderUpdate } from '../shop.ts'
import type { HandWritten, OutRow } from './hand-written.ts'

/** The columns of the orders as bytes. */
export interface SavedOrders {
  readonly ids: ArrayBuffer
  readonly customers: ArrayBuffer
  readonly cents: ArrayBuffer
}

const VIEW = 'sales.orders'

/** Orders as they were saved, with their keys: the limit of restoring rows alone. */
export class OrderColumns implements HandWritten<readonly OrderUpdate[]> {
  readonly #slots = new Map<number, number>()
  readonly #customers: Int32Array
  readonly #cents: Int32Array

  constructor({ ids, customers, cents }: SavedOrders) {
    const keys = new Int32Array(ids)
    for (let slot = 0; slot < keys.length; slot++) this.#slots.set(keys[slot] ?? 0, slot)
    this.#customers = new Int32Array(customers.slice(0))
    this.#cents = new Int32Array(cents.slice(0))
  }

  customer(id: number): number {
    return this.#customers[this.#slots.get(id) ?? 0] ?? 0
  }

  cents(id: number): number {
    return this.#cents[this.#slots.get(id) ?? 0] ?? 0
  }

  step(updates: readonly OrderUpdate[]): OutRow[] {
    return updates.map(({ after: { id, customer, cents } }) => {
      const slot = this.#slots.get(id) ?? 0
      this.#customers[slot] = customer
      this.#cents[slot] = cents
      return { view: VIEW, key: id, cells: [id, this.customer(id), this.cents(id)] }
    })
  }
}

/** As the sheet of orders says it. */
export function readOut(out: readonly OutRow[], results: Record<string, string>): void {
  for (const { view, key, cells } of out) {
    const [id, customer, cents] = cells ?? []
    results[`${view}/${key}`] = resultRow([id, customer, money(Number(cents))])
  }
}
