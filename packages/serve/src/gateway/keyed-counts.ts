/** How many of each key there are, none more often than the limit allows. Keys that are not there take no memory. */
export class KeyedCounts {
  readonly #limit: number
  readonly #counts = new Map<string, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  hasRoom(key: string): boolean {
    return (this.#counts.get(key) ?? 0) < this.#limit
  }

  /** False, and nothing changes, if there is no room. */
  enter(key: string): boolean {
    if (!this.hasRoom(key)) return false
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return true
  }

  leave(key: string): void {
    const left = (this.#counts.get(key) ?? 1) - 1
    if (left === 0) this.#counts.delete(key)
    else this.#counts.set(key, left)
  }
}
