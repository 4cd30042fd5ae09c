/**
 * How far everything of one graph (in one epoch of it) has come through: all that its channels had to say up to this offset has been handed
 * over. A list that waits for nothing stands here, whether it had anything to say or not (FORMATS 8).
 */
export class GraphClock {
  readonly graph: string
  readonly epoch: string
  #seen = 0

  constructor(graph: string, epoch: string) {
    this.graph = graph
    this.epoch = epoch
  }

  get seen(): number {
    return this.#seen
  }

  /** A new connection, or the graph is told anew over this one: nothing has come through yet. */
  restart(): void {
    this.#seen = 0
  }

  saw(offset: number): void {
    if (offset > this.#seen) this.#seen = offset
  }
}
