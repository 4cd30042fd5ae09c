/**
 * A job that never rejects by contract; what it throws all the same ends the pool. While it waits for something by `aside`, its place is another line's; its own line waits with it.
 */
export type Job = (aside: Aside) => Promise<void>

/** Waits, and then for a place to go on in. Rejects with what the waiting rejects with, also then in a place. */
export type Aside = (waiting: Promise<void>) => Promise<void>

/** Runs jobs: those of one line one after the other in the order they came, those of different lines at the same time, up to a number. */
export class OrderedPool {
  readonly #parallel: number
  readonly #onFailure: (error: unknown) => void
  /** Line → its jobs that wait. A line that has an entry here is running or ready. */
  readonly #lines = new Map<string, Job[]>()
  /** Who wants a place, one after the other: lines, and jobs that have waited aside. */
  readonly #ready: (string | (() => void))[] = []
  #running = 0
  #size = 0
  readonly #watchers = new Set<() => void>()

  constructor(parallel: number, onFailure: (error: unknown) => void) {
    this.#parallel = parallel
    this.#onFailure = onFailure
  }

  add(line: string, job: Job): void {
    this.#size++
    const waiting = this.#lines.get(line)
    if (waiting !== undefined) {
      waiting.push(job)
      return
    }
    this.#lines.set(line, [job])
    this.#ready.push(line)
    this.#pump()
  }

  /** Resolves when at most so many jobs are waiting or running. */
  atMost(size: number): Promise<void> {
    return new Promise((resolve) => {
      const watch = (): void => {
        if (this.#size > size) return
        this.#watchers.delete(watch)
        resolve()
      }
      this.#watchers.add(watch)
      watch()
    })
  }

  /** Forgets the jobs that wait; those that run go on. */
  clear(): void {
    for (const [line, waiting] of this.#lines) {
      this.#size -= waiting.length
      this.#lines.set(line, [])
    }
    this.#notify()
  }

  #pump(): void {
    while (this.#running < this.#parallel) {
      const next = this.#ready.shift()
      if (next === undefined) return
      if (typeof next === 'function') {
        this.#running++
        next()
        continue
      }
      const job = this.#lines.get(next)?.shift()
      if (job === undefined) this.#lines.delete(next)
      else void this.#run(next, job)
    }
  }

  async #run(line: string, job: Job): Promise<void> {
    this.#running++
    try {
      await job((waiting) => this.#aside(waiting))
    } catch (error) {
      this.#onFailure(error)
    }
    this.#running--
    this.#size--
    if ((this.#lines.get(line)?.length ?? 0) > 0) this.#ready.push(line)
    else this.#lines.delete(line)
    this.#notify()
    this.#pump()
  }

  async #aside(waiting: Promise<void>): Promise<void> {
    this.#running--
    this.#pump()
    try {
      await waiting
    } finally {
      const place = new Promise<void>((resolve) => this.#ready.push(resolve))
      this.#pump()
      await place
    }
  }

  #notify(): void {
    for (const watch of this.#watchers) watch()
  }
}
