import type { JsonValue } from '@sheetflow/core/value'

/** One row of a view by column name. */
export type ModelRow = Readonly<Record<string, JsonValue>>
/** The rows of one view by key. */
export type ModelView = ReadonlyMap<string, ModelRow>
/** All views as of one offset. */
export type ModelState = Readonly<Record<'customers' | 'orders' | '_receipts', ModelView>>
export type ViewName = keyof ModelState

/** One change of one row, as a channel's router sees it. */
export interface ModelChange {
  readonly view: ViewName
  readonly key: string
  readonly before: ModelRow | null
  readonly after: ModelRow | null
}

/** One transaction of the graph's stream. */
export interface ModelTransaction {
  readonly o: number
  readonly changes: readonly ModelChange[]
}

/** A state that is being made. */
export type Draft = Readonly<Record<ViewName, Map<string, ModelRow>>>

const EMPTY: ModelState = { customers: new Map(), orders: new Map(), _receipts: new Map() }

/** Offsets are not dense: other messages stand between the commits. */
const OFFSET_STEP = 3

/**
 * A graph of two views bound by an invariant: a customer's `total` is the sum of the orders that name it. Every transaction keeps it, each state
 * is remembered by its offset.
 */
export class ModelData {
  readonly #random: () => number
  readonly #states = new Map<number, ModelState>([[0, EMPTY]])
  readonly #transactions: ModelTransaction[] = []
  #head = 0

  constructor(random: () => number) {
    this.#random = random
  }

  get head(): number {
    return this.#head
  }

  /** All transactions in (after, to]. */
  between(after: number, to: number): readonly ModelTransaction[] {
    return this.#transactions.filter(({ o }) => o > after && o <= to)
  }

  /** The offset of the transaction behind `o`; null at the end. */
  next(o: number): number | null {
    return this.#transactions.find((one) => one.o > o)?.o ?? null
  }

  /** The offset of the transaction before `o`, 0 before the first. */
  previous(o: number): number {
    return this.#transactions.findLast((one) => one.o < o)?.o ?? 0
  }

  /** The truth as of an offset (of the last commit at or before it). */
  at(o: number): ModelState {
    let at = o
    while (!this.#states.has(at)) at -= 1
    return this.#states.get(at) as ModelState
  }

  /** What happened behind `o` is as if it had never been: a backup of then was restored. */
  restore(o: number): void {
    for (const at of this.#states.keys()) if (at > o) this.#states.delete(at)
    while ((this.#transactions.at(-1)?.o ?? 0) > o) this.#transactions.pop()
    this.#head = o
  }

  /** A random piece of business, or many at once. */
  commitRandom(): void {
    const steps = this.#random() < 0.1 ? 6 : 1 + this.#int(3)
    const next = this.#edit()
    for (let i = 0; i < steps; i++) this.#randomStep(next)
    this.#commit(next)
  }

  /** A transaction of its own: what `edit` does to the rows, and what follows from it. */
  commit(edit: (draft: Draft) => void): void {
    const next = this.#edit()
    edit(next)
    this.#commit(next)
  }

  /** A row of `_receipts`. */
  receipt(id: string, status: string, more: ModelRow = {}): ModelRow {
    return { id, user: 'u', status, code: null, result: null, at: `at ${String(this.#head).padStart(9, '0')}`, inputs: null, ...more }
  }

  #randomStep(next: Draft): void {
    const chance = this.#random()
    const customer = String(1 + this.#int(5))
    if (chance < 0.15) {
      if (next.customers.has(customer)) this.#removeCustomer(next, customer)
      else next.customers.set(customer, { id: customer, name: `name ${customer}`, total: 0 })
    } else if (chance < 0.3 && next.customers.has(customer)) {
      next.customers.set(customer, { ...next.customers.get(customer), id: customer, name: `name ${this.#int(100)}` })
    } else {
      const order = String(1 + this.#int(12))
      if (next.orders.has(order) && this.#random() < 0.4) next.orders.delete(order)
      else next.orders.set(order, this.#order(next.orders.get(order), order, customer))
    }
  }

  /** `note` is a wide value: it rarely changes, and is not sent when it does not. */
  #order(known: ModelRow | undefined, id: string, customer: string): ModelRow {
    const note = known === undefined || this.#random() < 0.2 ? `note ${this.#int(1000)}` : (known['note'] ?? null)
    return { id, customer_id: customer, total: this.#int(60), note }
  }

  #removeCustomer(next: Draft, customer: string): void {
    next.customers.delete(customer)
    for (const [id, row] of next.orders) if (row['customer_id'] === customer) next.orders.delete(id)
  }

  #edit(): {
    readonly customers: Map<string, ModelRow>
    readonly orders: Map<string, ModelRow>
    readonly _receipts: Map<string, ModelRow>
  } {
    const { customers, orders, _receipts } = this.at(this.#head)
    return { customers: new Map(customers), orders: new Map(orders), _receipts: new Map(_receipts) }
  }

  #commit(next: Draft): void {
    for (const [id, customer] of next.customers) {
      const total = [...next.orders.values()]
        .filter((order) => order['customer_id'] === id)
        .reduce((sum, order) => sum + Number(order['total']), 0)
      if (customer['total'] !== total) next.customers.set(id, { ...customer, total })
    }
    const before = this.at(this.#head)
    const changes = (['customers', 'orders', '_receipts'] as const).flatMap((view) => difference(view, before[view], next[view]))
    if (changes.length === 0) return
    this.#head += OFFSET_STEP
    this.#states.set(this.#head, next)
    this.#transactions.push({ o: this.#head, changes })
  }

  #int(below: number): number {
    return Math.floor(this.#random() * below)
  }
}

function difference(view: ViewName, before: ModelView, after: ModelView): ModelChange[] {
  const keys = new Set([...before.keys(), ...after.keys()])
  return [...keys].flatMap((key) => {
    const change = { view, key, before: before.get(key) ?? null, after: after.get(key) ?? null }
    return JSON.stringify(change.before) === JSON.stringify(change.after) ? [] : [change]
  })
}
