/** Work of which only so much runs at once; the rest waits for its turn, first come first served. */
export class Lanes {
  readonly #count: number
  readonly #waiting: (() => void)[] = []
  #taken = 0

  constructor(count: number) {
    this.#count = count
  }

  /** Resolves when there is a lane, which is held until it is disposed. */
  async enter(): Promise<Disposable> {
    if (this.#taken < this.#count) this.#taken += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    let isHeld = true
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#leave()
        isHeld = false
      },
    }
  }

  /** The lane goes to who waits longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#taken -= 1
    else next()
  }
}
