import type { Case } from '@sheetflow/testkit/random-book/case'
import { randomCase } from '@sheetflow/testkit/random-book/random-case'
import { GuardedWorker } from './guarded-worker.ts'
import { tryBook } from './run-case.ts'
import type { Outcome } from './run-case.ts'

/** As `Outcome`; `endless`: there was none in time. */
export type Verdict = Outcome | { readonly kind: 'endless'; readonly step: number; readonly message: string }

/** What was run, if it was not right. */
export interface Ran {
  readonly verdict: Verdict
  readonly case: Case | null
}

/** What `worker.ts` is asked: a case, or the seed of one. */
export type Asked = number | Case

/** What it answers. */
export interface Answer {
  readonly outcome: Outcome
  readonly case?: Case
}

/** Runs one case after the other in a thread of its own. A case that never ends is `endless`, one that ends the thread is `broken`. */
export class Runner implements Disposable {
  readonly #worker = new GuardedWorker<Asked, Answer>(new URL('worker.ts', import.meta.url))

  async run(asked: Asked, limitMs: number): Promise<Ran> {
    const guarded = await this.#worker.ask(asked, limitMs)
    if (guarded.kind === 'answer') return { verdict: guarded.answer.outcome, case: guarded.answer.case ?? null }
    const { kind, message } = guarded
    const one = typeof asked === 'number' ? randomCase(asked, tryBook) : asked
    return { verdict: { kind: kind === 'endless' ? kind : 'broken', step: -1, message }, case: one }
  }

  [Symbol.dispose](): void {
    this.#worker[Symbol.dispose]()
  }
}
