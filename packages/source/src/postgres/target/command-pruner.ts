import type pg from 'pg'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import { timeOfUlid } from '@sheetflow/core/ulid'
import type { CommandLedger } from './command-ledger.ts'

/** A day longer than streams are kept by default, so longer than an inbox can deliver a command again. */
export const DEFAULT_RETAIN_MS: number = 8 * 24 * 3_600_000
const EVERY_MS = 3_600_000
const BATCH_ROWS = 500

/** What pruning needs. */
export interface PrunerOptions {
  readonly ledger: CommandLedger
  readonly clock: Pick<Clock, 'now'>
  readonly retainMs: number
  /** Runs work with a connection, coded errors included. */
  readonly connected: <T>(work: (client: pg.PoolClient) => Promise<T>) => Promise<T>
  readonly log: Log | undefined
}

/**
 * Takes rows out of the ledger that are older than `retainMs`: by the time in the command's id *and* by the time at which its outcome was stored. An id that is
 * older than that and not in the ledger may have been carried out once; nobody knows any more, so `isForgotten` says that it must not be carried out now.
 *
 * Rows go in small transactions of their own that wait for nothing, at most once an hour, when a command has come by. The first time is an hour after the start:
 * what an inbox delivers again after a long rest is answered by then.
 */
export class CommandPruner {
  readonly #options: PrunerOptions
  #lastMs: number
  #running: Promise<void> | null = null
  #stopped = false

  constructor(options: PrunerOptions) {
    this.#options = options
    this.#lastMs = options.clock.now()
  }

  /** Is it too old for the ledger to know it? */
  isForgotten(id: string): boolean {
    return timeOfUlid(id) < this.#cutoff()
  }

  /** A command was executed: prunes beside it, if it is time. */
  tick(): void {
    const now = this.#options.clock.now()
    if (this.#stopped || this.#running !== null || now - this.#lastMs < EVERY_MS) return
    this.#lastMs = now
    this.#running = this.#prune().finally(() => (this.#running = null))
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #prune(): Promise<void> {
    const { connected, ledger, log } = this.#options
    try {
      let pruned = 0
      for (let last = BATCH_ROWS; last === BATCH_ROWS && !this.#stopped; pruned += last) {
        last = await connected((client) => ledger.prune(client, this.#cutoff(), BATCH_ROWS))
      }
      if (pruned > 0) log?.info('commands.pruned', { rows: pruned })
    } catch (error) {
      // It is tried again in an hour; commands are not held up by it.
      log?.warn('commands.prune', isSheetflowError(error) ? { ...error.toJSON() } : { message: String(error) })
    }
  }

  #cutoff(): number {
    return this.#options.clock.now() - this.#options.retainMs
  }
}
