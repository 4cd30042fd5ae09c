/** A job that never rejects by contract; what it throws all the same ends the pool. */
export type Job = () => Promise<void>

/** Runs jobs: those of one line one after the other in the order they came, those of different lines at the same time, up to a number. */
export class OrderedPool {
  readonly #parallel: number
  readonly #onFailure: (error: unknown) => void
  /** Line → its jobs that wait. A line that has an entry here is running or ready. */
  readonly #lines = new Map<string, Job[]>()
  readonly #ready: string[] = []
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
      const line = this.#ready.shift()
      if (line === undefined) return
      const job = this.#lines.get(line)?.shift()
      if (job === undefined) this.#lines.delete(line)
      else void this.#run(line, job)
    }
  }

  async #run(line: string, job: Job): Promise<void> {
    this.#running++
    try {
      await job()
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

  #notify(): void {
    for (const watch of this.#watchers) watch()
  }
}
