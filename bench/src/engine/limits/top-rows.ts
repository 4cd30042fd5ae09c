import type { OrderRow, Shop } from '../shop.ts'
import type { HandWritten, OutRow } from './hand-written.ts'
import { IndexedHeap } from './indexed-heap.ts'

/** An order comes with a total, or goes (null). */
export interface RowComesOrGoes {
  readonly id: number
  readonly cents: number | null
  /** What it had, where it goes. */
  readonly before: number
}

/** Above every id: total and id together are one number, by which the smaller id comes first among equal totals. */
const IDS = 10_000_000

/** The greatest so many orders in a sorted list, all others in a heap from which the next one moves up. */
export class TopRows implements HandWritten<RowComesOrGoes> {
  readonly #ranks: Float64Array
  readonly #shown: number
  /** Ids, the greatest first. */
  readonly #top: number[] = []
  readonly #rest: IndexedHeap

  constructor(shop: Shop, shown: number) {
    this.#shown = shown
    this.#ranks = new Float64Array(shop.orders)
    this.#rest = new IndexedHeap(this.#ranks, -1)
    for (let id = 0; id < shop.orders; id++) {
      this.#ranks[id] = rank(id, shop.order(id).cents)
      this.#rest.add(id)
    }
    while (this.#top.length < shown && this.#rest.size > 0) this.#top.push(this.#takeNext())
  }

  /** The row at the top. */
  get first(): Pick<OrderRow, 'id' | 'cents'> {
    const id = this.#top[0] ?? 0
    return { id, cents: this.#cents(id) }
  }

  step({ id, cents }: RowComesOrGoes): OutRow[] {
    return cents === null ? this.#delete(id) : this.#insert(id, cents)
  }

  #delete(id: number): OutRow[] {
    if (this.#rest.has(id)) {
      this.#rest.remove(id)
      return []
    }
    this.#top.splice(this.#top.indexOf(id), 1)
    const out = [gone(id)]
    if (this.#rest.size === 0) return out
    const next = this.#takeNext()
    this.#top.push(next)
    out.push(this.#row(next))
    return out
  }

  #insert(id: number, cents: number): OutRow[] {
    this.#ranks[id] = rank(id, cents)
    const at = this.#top.findIndex((other) => (this.#ranks[other] ?? 0) < (this.#ranks[id] ?? 0))
    if (at === -1 && this.#top.length === this.#shown) {
      this.#rest.add(id)
      return []
    }
    this.#top.splice(at === -1 ? this.#top.length : at, 0, id)
    if (this.#top.length <= this.#shown) return [this.#row(id)]
    const last = this.#top.pop() ?? 0
    this.#rest.add(last)
    return [this.#row(id), gone(last)]
  }

  #takeNext(): number {
    const next = this.#rest.first
    this.#rest.remove(next)
    return next
  }

  #row(id: number): OutRow {
    return { view: VIEW, key: id, cells: [id, this.#cents(id)] }
  }

  #cents(id: number): number {
    return Math.floor((this.#ranks[id] ?? 0) / IDS)
  }
}

const VIEW = 'sales.top'

function gone(id: number): OutRow {
  return { view: VIEW, key: id, cells: null }
}

function rank(id: number, cents: number): number {
  return cents * IDS + (IDS - 1 - id)
}
