/** The orders of each customer as lists through two arrays: what a hand-written program would walk. */
export class OrderLists {
  readonly heads: Int32Array
  readonly next: Int32Array
  readonly #previous: Int32Array

  constructor(orders: number, customers: number) {
    this.heads = new Int32Array(customers).fill(-1)
    this.next = new Int32Array(orders)
    this.#previous = new Int32Array(orders)
  }

  link(order: number, customer: number): void {
    const head = this.heads[customer] ?? -1
    this.next[order] = head
    this.#previous[order] = -1
    if (head !== -1) this.#previous[head] = order
    this.heads[customer] = order
  }

  unlink(order: number, customer: number): void {
    const next = this.next[order] ?? -1
    const previous = this.#previous[order] ?? -1
    if (next !== -1) this.#previous[next] = previous
    if (previous === -1) this.heads[customer] = next
    else this.next[previous] = next
  }
}
