import type { SheetflowError } from '@sheetflow/core/errors'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { AppendResult } from '@sheetflow/core/ports/bus'
import type { Draft } from '../draft.ts'
import { reasonOf } from '../promises.ts'
import type { Outcome } from './appender.ts'
import { BLOCK_BYTES, BLOCK_MESSAGES } from './limits.ts'

interface Waiting {
  readonly draft: Draft
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: unknown) => void
  readonly done: () => void
}

/**
 * Group commit. SQLite commits on the calling thread, so nothing can be "in flight" while our code runs: what is appended in one turn of the event
 * loop (all sockets that were readable, say) forms one group, committed at the end of that turn; what arrives while the disk is waited for is
 * read by the next turn and forms the next group. No timer: one lone append is committed at once.
 */
export class AppendQueue {
  readonly #commit: (drafts: readonly Draft[]) => Outcome[]
  readonly #failure: (error: unknown) => SheetflowError
  #waiting: Waiting[] = []
  #scheduled = false
  /** The offset at which a refused append would have ended → why it was: an append pipelined behind it fails for the same reason. */
  readonly #broken = new Map<number, SheetflowError>()

  constructor(commit: (drafts: readonly Draft[]) => Outcome[], failure: (error: unknown) => SheetflowError) {
    this.#commit = commit
    this.#failure = failure
  }

  append(draft: Draft, signal: AbortSignal | undefined): Promise<AppendResult> {
    signal?.throwIfAborted()
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { draft, resolve, reject, done: () => signal?.removeEventListener('abort', abort) }
      // Only what no transaction has taken yet can be taken back.
      const abort = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
        reject(reasonOf(signal))
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.push(waiting)
      this.#schedule()
    })
  }

  /** Commits what waits, now. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commitGroup(this.#takeGroup())
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#waiting.length > 0) this.#commitGroup(this.#takeGroup())
      // The rest waits a turn: sockets are read between two commits.
      if (this.#waiting.length > 0) this.#schedule()
    })
  }

  #takeGroup(): Waiting[] {
    let count = 0
    let messages = 0
    let bytes = 0
    for (const { draft } of this.#waiting) {
      messages += draft.messages.length
      bytes += draft.bytes
      if (count > 0 && (messages > BLOCK_MESSAGES || bytes > BLOCK_BYTES)) break
      count++
    }
    return this.#waiting.splice(0, count)
  }

  #commitGroup(group: readonly Waiting[]): void {
    let outcomes: readonly Outcome[]
    try {
      outcomes = this.#commit(group.map((each) => each.draft))
    } catch (error) {
      const failure = this.#failure(error)
      outcomes = group.map(() => ({ error: failure }))
    }
    for (const [i, waiting] of group.entries()) this.#settle(waiting, outcomes[i]!)
    this.#refuseBehind(group, outcomes)
  }

  /** What was pipelined behind a refused append, and did not fit into its group, was given before its writer knew: it is refused for the same reason. */
  #refuseBehind(group: readonly Waiting[], outcomes: readonly Outcome[]): void {
    const ends = new Map<number, SheetflowError>()
    for (const [i, { draft }] of group.entries()) {
      const outcome = outcomes[i]!
      if ('error' in outcome && draft.expectedLast !== undefined) ends.set(draft.expectedLast + draft.messages.length, outcome.error)
    }
    if (ends.size === 0) return
    this.#waiting = this.#waiting.filter((waiting) => {
      const { expectedLast, messages } = waiting.draft
      const error = expectedLast === undefined ? undefined : ends.get(expectedLast)
      if (expectedLast === undefined || error === undefined) return true
      ends.set(expectedLast + messages.length, error)
      this.#settle(waiting, { error })
      return false
    })
  }

  #settle(waiting: Waiting, outcome: Outcome): void {
    waiting.done()
    if ('result' in outcome) {
      this.#broken.clear()
      waiting.resolve(outcome.result)
      return
    }
    waiting.reject(this.#reason(waiting.draft, outcome.error))
  }

  /** A writer that pipelines learns the reason of the first failure from every append behind it, not that it fenced itself. */
  #reason({ expectedLast, messages }: Draft, error: SheetflowError): SheetflowError {
    if (expectedLast === undefined) return error
    const earlier = isSheetflowError(error, 'bus/fenced') ? this.#broken.get(expectedLast) : undefined
    const reason = earlier ?? error
    if (!isSheetflowError(reason, 'bus/fenced')) this.#broken.set(expectedLast + messages.length, reason)
    return reason
  }
}
