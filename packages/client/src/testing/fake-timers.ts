import type { Timers } from '../host.ts'

interface Task {
  readonly due: number
  readonly order: number
  readonly run: () => void
}

/** Timers and a clock that stand still until they are moved. */
export class FakeTimers implements Timers {
  #now = 0
  #order = 0
  #tasks: Task[] = []

  get now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const task = { due: this.#now + ms, order: this.#order++, run }
    this.#tasks.push(task)
    return () => {
      this.#tasks = this.#tasks.filter((one) => one !== task)
    }
  }

  /** Moves the clock and runs what is due by then, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#tasks.filter((task) => task.due <= end).toSorted((a, b) => a.due - b.due || a.order - b.order)[0]
      if (next === undefined) break
      this.#tasks = this.#tasks.filter((task) => task !== next)
      this.#now = Math.max(this.#now, next.due)
      next.run()
    }
    this.#now = end
  }
}

/** Lets everything that waits for promises go on. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve()
}
