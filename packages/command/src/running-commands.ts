import type { SheetflowError } from '@sheetflow/core/errors'
import type { Command } from '@sheetflow/core/message'
import type { Clock, Log } from '@sheetflow/core/ports/host'

/** What runs longer is said in the log. */
const SLOW_MS = 10_000
/** A failure that passes by itself is nobody's business at first. */
const TOLD_AFTER = 5

/** One command between its beginning and its receipts. */
export interface RunningCommand {
  /** Its target failed in a way that passes, for the so-manyth time. */
  waits(failure: SheetflowError, attempt: number): void
}

/** The commands that run now: since when, and what keeps them. */
export class RunningCommands {
  readonly #clock: Clock
  readonly #log: Log | undefined
  /** In the order in which they began. */
  readonly #running = new Set<{ readonly sinceMs: number; problem: string | undefined }>()

  constructor(clock: Clock, log: Log | undefined) {
    this.#clock = clock
    this.#log = log
  }

  /** Named as in `docs/operations.md`. */
  metrics(): Readonly<Record<string, number>> {
    const [oldest] = this.#running
    return {
      command_running: this.#running.size,
      command_oldest_seconds: oldest === undefined ? 0 : Math.max(0, this.#clock.now() - oldest.sinceMs) / 1_000,
    }
  }

  /** Why a command that runs cannot be carried out now. */
  get problem(): string | undefined {
    return [...this.#running].find(({ problem }) => problem !== undefined)?.problem
  }

  /** Does the work of a command and watches it meanwhile. */
  async watch<T>({ name, id }: Command, work: (running: RunningCommand) => Promise<T>): Promise<T> {
    const sinceMs = this.#clock.now()
    const entry = { sinceMs, problem: undefined as string | undefined }
    const ended = new AbortController()
    this.#running.add(entry)
    void this.#clock.sleep(SLOW_MS, ended.signal).then(() => {
      if (!ended.signal.aborted) this.#log?.warn('command.slow', { command: name, id, ms: this.#clock.now() - sinceMs })
    })
    try {
      return await work({
        waits: ({ code, message, fix }, attempt) => {
          if (attempt < TOLD_AFTER) return
          entry.problem = message
          if (attempt === TOLD_AFTER)
            this.#log?.warn('command.waiting', { command: name, id, code, message, ...(fix === undefined ? {} : { fix }) })
        },
      })
    } finally {
      this.#running.delete(entry)
      ended.abort()
    }
  }
}
