/** One process, or one balancer, that serves. */
export interface Address {
  /** The GraphQL endpoint, absolute. */
  readonly graphql: string
  /** The realtime endpoint of the same. */
  readonly realtime: string
}

/**
 * Where the server is to be found. Questions and the socket go to the same address, so that neither waits for the other's process to come as far; where it does not answer, both go to
 * the next.
 */
export class Addresses {
  readonly #all: readonly Address[]
  #at: number

  /** `random` in [0, 1): clients begin at different ones. */
  constructor(all: readonly Address[], random: number) {
    this.#all = all
    this.#at = Math.min(all.length - 1, Math.floor(random * all.length))
  }

  get size(): number {
    return this.#all.length
  }

  get current(): Address {
    return this.#all[this.#at] as Address
  }

  /** This address does not answer, or sends its clients away: the next one's turn, unless somebody has gone on already. */
  leave(address: Address): void {
    if (address === this.current) this.#at = (this.#at + 1) % this.#all.length
  }
}
