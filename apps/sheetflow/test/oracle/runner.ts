import { Worker } from 'node:worker_threads'
import type { Case } from '@sheetflow/testkit/random-book/case'
import { randomCase } from '@sheetflow/testkit/random-book/random-case'
import { tryBook } from './run-case.ts'
import type { Outcome } from './run-case.ts'

/** As `Outcome`; `endless`: there was none in time. */
export type Verdict = Outcome | { readonly kind: 'endless'; readonly step: number; readonly message: string }

/** What was run, if it was not right. */
export interface Ran {
  readonly verdict: Verdict
  readonly case: Case | null
}

const LOOKS_EVERY_MS = 200

/**
 * A thread that runs one case after the other; one that does not end within so much time of the processor ends the thread, and another one goes on. How long the
 * machine lets it wait does not count.
 */
export class Runner implements Disposable {
  #worker: Worker | null = null

  async run(asked: number | Case, limitMs: number): Promise<Ran> {
    this.#worker ??= new Worker(new URL('worker.ts', import.meta.url))
    const worker = this.#worker
    const { promise, resolve, reject } = Promise.withResolvers<Ran>()
    const begin = process.cpuUsage()
    const looking = setInterval(() => {
      const { user, system } = process.cpuUsage(begin)
      if ((user + system) / 1000 < limitMs) return
      this[Symbol.dispose]()
      const one = typeof asked === 'number' ? randomCase(asked, tryBook) : asked
      resolve({ verdict: { kind: 'endless', step: -1, message: `no answer in ${limitMs} ms of the processor` }, case: one })
    }, LOOKS_EVERY_MS)
    worker.once('error', reject)
    worker.once('message', (answer: { readonly outcome: Outcome; readonly case?: Case }) =>
      resolve({ verdict: answer.outcome, case: answer.case ?? null }),
    )
    try {
      return await promise
    } finally {
      clearInterval(looking)
      worker.removeAllListeners()
    }
  }

  [Symbol.dispose](): void {
    void this.#worker?.terminate()
    this.#worker = null
  }
}
