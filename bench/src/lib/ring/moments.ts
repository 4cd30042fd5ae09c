/** Milliseconds of a clock that all processes of a machine share. */
export function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/**
 * When each numbered update was shown. Updates go round the rows, `n` to row `n % rows`, the first round is what was there before. A row that shows `n`
 * shows all of its updates up to `n`, so those that were never seen on their own (two of one row in one frame) count as shown with it.
 */
export class Moments {
  readonly #rows: number
  readonly #sees: number
  readonly #last: number[]
  #from = 0
  #times: number[] = []

  /** `sees`: only the first so many rows are shown at all. */
  constructor(rows: number, sees: number = rows) {
    this.#rows = rows
    this.#sees = sees
    this.#last = Array.from({ length: rows }, (_, row) => row)
  }

  /** Forgets the times and takes those of the updates from `from` on. */
  restart(from: number): void {
    this.#from = from
    this.#times = []
  }

  /** A row shows update `n`. */
  shows(n: number, atMs: number): void {
    const row = n % this.#rows
    const last = this.#last[row] ?? n
    if (n <= last) return
    this.#last[row] = n
    for (let one = last + this.#rows; one <= n; one += this.#rows) if (one >= this.#from) this.#times[one - this.#from] = atMs
  }

  /** All updates up to, not including, `end` of rows that are shown at all have been shown. */
  hasAll(end: number): boolean {
    for (let n = Math.max(this.#from, end - this.#rows); n < end; n++) {
      const row = n % this.#rows
      if (row < this.#sees && (this.#last[row] ?? 0) < n) return false
    }
    return true
  }

  /** By update, from the first that was asked for. */
  get times(): readonly number[] {
    return this.#times
  }
}
