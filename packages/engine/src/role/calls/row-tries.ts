/** Rows that a function left unanswered are asked again after these pauses, the last one again and again. */
const PAUSES_MS: readonly number[] = [100, 200, 400, 800, 1_600, 5_000]
/** A row that was too slow so often, while others were answered, will not be answered. */
const SLOW_TRIES = 3

interface Tried {
  times: number
  slow: number
  dueMs: number
  /** Answers that the function had given when the row was too slow first. */
  readonly since: number
}

/** Rows that a function could not answer, each by itself: one that hangs delays no other, and is given up when it is its own fault. */
export class RowTries {
  readonly #rows = new Map<string, Tried>()

  /** May it be asked now? */
  isDue(key: string, nowMs: number): boolean {
    return (this.#rows.get(key)?.dueMs ?? 0) <= nowMs
  }

  /** When the next one may be asked; infinite: none waits. */
  nextMs(): number {
    let next = Number.POSITIVE_INFINITY
    for (const { dueMs } of this.#rows.values()) next = Math.min(next, dueMs)
    return next
  }

  /**
   * It was not answered. `slow`: for want of time, or in a call of its own that failed. `answered`: rows that the function has answered so far. True: it is
   * given up, it is not the function that is slow.
   */
  failed(key: string, slow: boolean, nowMs: number, answered: number): boolean {
    const tried = this.#rows.get(key) ?? { times: 0, slow: 0, dueMs: 0, since: answered }
    tried.dueMs = nowMs + (PAUSES_MS[Math.min(tried.times, PAUSES_MS.length - 1)] as number)
    tried.times += 1
    if (slow) tried.slow += 1
    this.#rows.set(key, tried)
    return slow && tried.slow >= SLOW_TRIES && answered > tried.since
  }

  /** Forgets those of which that is not true. */
  keep(isAsked: (key: string) => boolean): void {
    for (const key of this.#rows.keys()) if (!isAsked(key)) this.#rows.delete(key)
  }
}
