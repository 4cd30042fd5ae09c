import { Worker } from 'node:worker_threads'

/** What came of a question: an answer; none in time; or the thread ended, for want of memory say. */
export type Guarded<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'endless'; readonly message: string }
  | { readonly kind: 'ended'; readonly message: string }

const LOOKS_EVERY_MS = 200

/**
 * A thread that answers one question after the other; a question that is not answered within so much time of the processor ends the thread, and the next one has a new
 * one. How long the machine lets it wait does not count.
 */
export class GuardedWorker<Asked, Answer> implements Disposable {
  readonly #file: URL
  #worker: Worker | null = null

  constructor(file: URL) {
    this.#file = file
  }

  /** `progress`: while what it gives changes, the time begins anew. */
  async ask(asked: Asked, limitMs: number, progress: () => number = () => 0): Promise<Guarded<Answer>> {
    this.#worker ??= new Worker(this.#file)
    const worker = this.#worker
    const { promise, resolve } = Promise.withResolvers<Guarded<Answer>>()
    let [begin, at] = [process.cpuUsage(), progress()]
    const looking = setInterval(() => {
      const now = progress()
      if (now !== at) [begin, at] = [process.cpuUsage(), now]
      const { user, system } = process.cpuUsage(begin)
      if ((user + system) / 1000 < limitMs) return
      this[Symbol.dispose]()
      resolve({ kind: 'endless', message: `no answer in ${limitMs} ms of the processor` })
    }, LOOKS_EVERY_MS)
    const ended = (message: string): void => {
      this.#worker = null
      resolve({ kind: 'ended', message })
    }
    const onError = (error: unknown): void => ended(error instanceof Error ? (error.stack ?? error.message) : String(error))
    const onExit = (code: number): void => ended(`the thread ended with ${code}`)
    const onMessage = (answer: Answer): void => resolve({ kind: 'answer', answer })
    // Each is taken off by itself: the thread has listeners of its own, without which it hears nothing any more.
    worker.on('error', onError).on('exit', onExit).on('message', onMessage)
    worker.postMessage(asked)
    try {
      return await promise
    } finally {
      clearInterval(looking)
      worker.off('error', onError).off('exit', onExit).off('message', onMessage)
    }
  }

  [Symbol.dispose](): void {
    void this.#worker?.terminate()
    this.#worker = null
  }
}
