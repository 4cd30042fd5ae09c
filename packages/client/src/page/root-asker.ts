import { backOffMs } from '@sheetflow/core/back-off'
import type { SheetflowError } from '@sheetflow/core/errors'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { RandomSource, Timers } from '../host.ts'
import type { Answer, Queries } from '../net/transport.ts'
import { rootsQuestion } from '../plan/documents.ts'
import type { FieldPlan, PagePlan } from '../plan/field-plan.ts'

const PAUSES = { firstMs: 500, mostMs: 15_000 }

/** What an asker works with, and whom it tells. */
export interface RootAskerHost {
  readonly plan: PagePlan
  readonly queries: Queries
  readonly timers: Timers
  readonly random: RandomSource
  readonly signal: AbortSignal
  onAnswer(answer: Answer, roots: readonly FieldPlan[]): void
  /** It is tried again by itself. */
  onFailure(error: SheetflowError): void
}

interface TokenWaiter {
  readonly root: FieldPlan
  readonly channel: string
  /** Was it there when the question in flight was put? */
  asked: boolean
  readonly resolve: (token: string | null) => void
}

/**
 * Asks root fields of a page: what is wanted in one turn is one question, one is on its way at a time, and what fails is asked again after
 * pauses that grow.
 */
export class RootAsker {
  readonly #host: RootAskerHost
  readonly #wanted = new Set<FieldPlan>()
  readonly #waiters = new Set<TokenWaiter>()
  /** Roots that were lost since they last followed, and how often. */
  readonly #losses = new Map<FieldPlan, number>()
  /** What will be wanted later: reason and root. */
  readonly #later = new Set<string>()
  #isAsking = false
  #failures = 0
  #scheduled: (() => void) | null = null

  constructor(host: RootAskerHost) {
    this.#host = host
    host.signal.addEventListener('abort', () => this.#end(), { once: true })
  }

  /** Asks these in the next turn, together with whatever else is wanted by then. */
  want(roots: Iterable<FieldPlan>): void {
    for (const root of roots) this.#wanted.add(root)
    this.#schedule(0)
  }

  /** Asks later, once for each reason: for views that are being loaded, for queries that were refused. */
  wantAfter(root: FieldPlan, ms: number, reason: string): void {
    const name = `${reason} ${root.as}`
    if (this.#later.has(name)) return
    this.#later.add(name)
    this.#host.timers.after(ms, () => {
      this.#later.delete(name)
      if (!this.#host.signal.aborted) this.want([root])
    })
  }

  /** A followed list of the root was lost: at once if that is news, slower each time it happens again before all is well. */
  lost(root: FieldPlan, spreadMs: number): void {
    const losses = this.#losses.get(root) ?? 0
    this.#losses.set(root, losses + 1)
    const jitter = this.#host.random() * spreadMs
    const pause = losses < 2 ? 0 : this.#pause(losses - 1)
    if (jitter + pause === 0) this.want([root])
    else this.wantAfter(root, jitter + pause, 'lost')
  }

  /** Everything follows: what is lost from now on is news again. */
  allIsWell(): void {
    this.#losses.clear()
  }

  /** The server is back: what has failed is not left to wait. */
  tryNow(): void {
    if (this.#failures === 0 || this.#wanted.size === 0) return
    this.#scheduled?.()
    this.#scheduled = null
    this.#schedule(0)
  }

  /** The token that the next answer has for the channel; null if it has none. */
  renew(root: FieldPlan, channel: string): Promise<string | null> {
    return new Promise((resolve) => {
      this.#waiters.add({ root, channel, asked: false, resolve })
      this.want([root])
    })
  }

  #schedule(ms: number): void {
    if (this.#scheduled !== null || this.#isAsking || this.#host.signal.aborted) return
    this.#scheduled = this.#host.timers.after(ms, () => {
      this.#scheduled = null
      void this.#ask()
    })
  }

  async #ask(): Promise<void> {
    const { plan, queries, signal } = this.#host
    const roots = [...this.#wanted]
    if (roots.length === 0) return
    this.#wanted.clear()
    for (const waiter of this.#waiters) waiter.asked ||= roots.includes(waiter.root)
    this.#isAsking = true
    const { document, variables } = rootsQuestion(plan, roots)
    try {
      const answer = await queries.ask(document, variables, signal)
      this.#isAsking = false
      if (signal.aborted) return
      this.#failures = 0
      this.#serve(answer)
      this.#host.onAnswer(answer, roots)
      if (this.#wanted.size > 0) this.#schedule(0)
    } catch (error) {
      this.#isAsking = false
      if (!signal.aborted) this.#fail(roots, error)
    }
  }

  #fail(roots: readonly FieldPlan[], error: unknown): void {
    if (!isSheetflowError(error)) throw error
    for (const root of roots) this.#wanted.add(root)
    this.#host.onFailure(error)
    this.#failures += 1
    this.#schedule(this.#pause(this.#failures))
  }

  #serve(answer: Answer): void {
    const tokens = new Map(Object.values(answer.live).map(({ channel, token }) => [channel, token]))
    for (const waiter of this.#waiters) {
      const token = tokens.get(waiter.channel)
      if (token === undefined && !waiter.asked) continue
      this.#waiters.delete(waiter)
      waiter.resolve(token ?? null)
    }
  }

  #pause(failures: number): number {
    return backOffMs(PAUSES, failures, this.#host.random())
  }

  #end(): void {
    this.#scheduled?.()
    for (const { resolve } of this.#waiters) resolve(null)
    this.#waiters.clear()
  }
}
