/** Work of which only so much runs at once; the rest waits for its turn, first come first served. */
export class Semaphore {
  readonly #places: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(places: number) {
    this.#places = places
  }

  /** Resolves when there is a place, which is held until it is disposed. */
  async enter(): Promise<Disposable> {
    if (this.#taken < this.#places) this.#taken += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    let isHeld = true
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#leave()
        isHeld = false
      },
    }
  }

  /** The place goes to who waits longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken -= 1
    else next()
  }
}
