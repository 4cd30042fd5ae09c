/** What one update changed: rows of the two results. */
export type ChangedRow =
  | { readonly customer: number; readonly orders: number; readonly cents: number }
  | { readonly order: number; readonly name: string }

/**
 * The limit of the `engine` benchmark: SUMIFS, COUNTIFS and XLOOKUP of one query, written by hand. Keys through a map to slots, columns in typed
 * arrays, customers' orders as linked lists through two arrays (what a renamed customer would have to walk).
 */
export class HandWritten {
  readonly #slots = new Map<number, number>()
  readonly #names: string[] = []
  readonly #orders: Int32Array
  readonly #sums: Float64Array
  readonly #heads: Int32Array
  #customerOf = new Int32Array(1 << 20)
  #centsOf = new Int32Array(1 << 20)
  #nextOf = new Int32Array(1 << 20)
  #previousOf = new Int32Array(1 << 20)

  constructor(customers: number) {
    this.#orders = new Int32Array(customers)
    this.#sums = new Float64Array(customers)
    this.#heads = new Int32Array(customers).fill(-1)
    for (let id = 0; id < customers; id++) this.#names.push(`Customer ${id}`)
  }

  insert(id: number, customer: number, cents: number): void {
    const slot = this.#slots.size
    this.#slots.set(id, slot)
    this.#centsOf[slot] = cents
    this.#link(slot, customer)
  }

  update(id: number, customer: number, cents: number): ChangedRow[] {
    const slot = this.#slots.get(id)
    if (slot === undefined) return []
    const before = this.#customerOf[slot] ?? 0
    const changed: ChangedRow[] = [{ order: id, name: this.#names[customer] ?? '?' }]
    if (before === customer) this.#sums[customer] = (this.#sums[customer] ?? 0) + cents - (this.#centsOf[slot] ?? 0)
    else this.#unlink(slot, before)
    this.#centsOf[slot] = cents
    if (before !== customer) {
      this.#link(slot, customer)
      changed.push(this.#result(before))
    }
    changed.push(this.#result(customer))
    return changed
  }

  #result(customer: number): ChangedRow {
    return { customer, orders: this.#orders[customer] ?? 0, cents: this.#sums[customer] ?? 0 }
  }

  #link(slot: number, customer: number): void {
    const head = this.#heads[customer] ?? -1
    this.#customerOf[slot] = customer
    this.#nextOf[slot] = head
    this.#previousOf[slot] = -1
    if (head !== -1) this.#previousOf[head] = slot
    this.#heads[customer] = slot
    this.#orders[customer] = (this.#orders[customer] ?? 0) + 1
    this.#sums[customer] = (this.#sums[customer] ?? 0) + (this.#centsOf[slot] ?? 0)
  }

  #unlink(slot: number, customer: number): void {
    const next = this.#nextOf[slot] ?? -1
    const previous = this.#previousOf[slot] ?? -1
    if (next !== -1) this.#previousOf[next] = previous
    if (previous === -1) this.#heads[customer] = next
    else this.#nextOf[previous] = next
    this.#orders[customer] = (this.#orders[customer] ?? 0) - 1
    this.#sums[customer] = (this.#sums[customer] ?? 0) - (this.#centsOf[slot] ?? 0)
  }
}
