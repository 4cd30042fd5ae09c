import type { GraphTransaction } from './graph-transaction.ts'

/** While something reads older rows the ring keeps what it needs, up to so many times its bound. */
const PINNED_FACTOR = 4

/**
 * The recent transactions of one graph, in stream order, bounded in bytes. What lies before them is read from the bus, or is gone.
 *
 * `covers(x)` holds if every transaction behind offset x is here: then a reader that stands at x can be brought to the end of the ring.
 */
export class TransactionRing {
  readonly #maxBytes: number
  /** From `#first` on none is undefined. */
  #transactions: (GraphTransaction | undefined)[] = []
  /** Index of the first transaction still kept: a dropped one leaves an empty place, the array is cut now and then. */
  #first = 0
  #bytes = 0
  #from: number
  readonly #pins = new Set<{ readonly offset: number }>()

  /** `from`: offsets above it will be pushed, all of them. */
  constructor(maxBytes: number, from: number) {
    this.#maxBytes = maxBytes
    this.#from = from
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Everything behind this offset is here. */
  get from(): number {
    return this.#from
  }

  push(transaction: GraphTransaction): void {
    this.#transactions.push(transaction)
    this.#bytes += transaction.bytes
    this.#drop()
  }

  covers(offset: number): boolean {
    return offset >= this.#from
  }

  /** Forgets everything: what follows begins behind `from`. */
  clear(from: number): void {
    this.#transactions = []
    this.#first = 0
    this.#bytes = 0
    this.#from = from
  }

  /** The transactions with `after < offset ≤ to`. The ring must cover `after`. */
  *between(after: number, to: number): Generator<GraphTransaction> {
    for (let i = this.#search(after); i < this.#transactions.length; i++) {
      const transaction = this.#transactions[i] as GraphTransaction
      if (transaction.offset > to) return
      yield transaction
    }
  }

  /** Keeps what lies behind `offset` (as far as memory allows) until the pin is disposed. */
  pin(offset: number): Disposable {
    const pin = { offset }
    this.#pins.add(pin)
    return {
      [Symbol.dispose]: () => {
        this.#pins.delete(pin)
        this.#drop()
      },
    }
  }

  #drop(): void {
    let pinned = Infinity
    for (const pin of this.#pins) pinned = Math.min(pinned, pin.offset)
    while (this.#bytes > this.#maxBytes && this.#first < this.#transactions.length - 1) {
      const oldest = this.#transactions[this.#first] as GraphTransaction
      if (oldest.offset > pinned && this.#bytes <= this.#maxBytes * PINNED_FACTOR) return
      this.#bytes -= oldest.bytes
      this.#from = oldest.offset
      this.#transactions[this.#first] = undefined
      this.#first += 1
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#transactions.length) {
      this.#transactions = this.#transactions.slice(this.#first)
      this.#first = 0
    }
  }

  /** Index of the first transaction behind `offset`. */
  #search(offset: number): number {
    let low = this.#first
    let high = this.#transactions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#transactions[middle] as GraphTransaction).offset <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
