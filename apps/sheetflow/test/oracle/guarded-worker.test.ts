import { describe, expect, it } from 'vitest'
import { GuardedWorker } from './guarded-worker.ts'

/** Answers a number with its double, runs for ever at 0, and ends its thread at −1. */
const THREAD = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from 'node:worker_threads'
    parentPort.on('message', (asked) => {
      if (asked === -1) throw new Error('as asked')
      while (asked === 0);
      parentPort.postMessage(asked * 2)
    })
  `)}`,
)
const LIMIT_MS = 500

describe('a thread that is watched', () => {
  it('answers one question after the other', async () => {
    using worker = new GuardedWorker<number, number>(THREAD)
    for (const asked of [1, 2, 3]) expect(await worker.ask(asked, LIMIT_MS)).toEqual({ kind: 'answer', answer: 2 * asked })
  })

  it('a question that takes too long is endless, and the next one is answered', async () => {
    using worker = new GuardedWorker<number, number>(THREAD)
    expect(await worker.ask(0, LIMIT_MS)).toMatchObject({ kind: 'endless' })
    expect(await worker.ask(4, LIMIT_MS)).toEqual({ kind: 'answer', answer: 8 })
  })

  it('a thread that ends says why, and the next question is answered', async () => {
    using worker = new GuardedWorker<number, number>(THREAD)
    expect(await worker.ask(-1, LIMIT_MS)).toMatchObject({ kind: 'ended', message: expect.stringContaining('as asked') as string })
    expect(await worker.ask(5, LIMIT_MS)).toEqual({ kind: 'answer', answer: 10 })
  })

  it('what makes progress has its time anew', async () => {
    using worker = new GuardedWorker<number, number>(THREAD)
    let looked = 0
    const enough = 10
    const progress = (): number => Math.min(looked++, enough)
    expect(await worker.ask(0, LIMIT_MS, progress)).toMatchObject({ kind: 'endless' })
    expect(looked).toBeGreaterThan(enough)
  })
})
