import { describe, expect, it } from 'vitest'
import { LaggedConfirm } from './lagged-confirm.ts'

/** A clock whose sleepers wake when the test moves it on. */
class Hand {
  ms = 0
  readonly #sleepers: { at: number; wake: () => void }[] = []

  readonly now = (): number => this.ms
  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((wake) => {
      signal?.addEventListener('abort', () => wake())
      this.#sleepers.push({ at: this.ms + ms, wake })
    })

  async to(ms: number): Promise<void> {
    for (;;) {
      const due = this.#sleepers.findIndex((sleeper) => sleeper.at <= ms)
      if (due < 0) break
      const [sleeper] = this.#sleepers.splice(due, 1)
      this.ms = Math.max(this.ms, sleeper!.at)
      sleeper!.wake()
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.ms = ms
  }
}

describe('what is stored is confirmed to the source when it is on disk', () => {
  it('at once, where the bus waits for the disk', () => {
    const confirmed: string[] = []
    new LaggedConfirm(0, new Hand(), new AbortController().signal, (mark) => confirmed.push(mark)).stored('1')
    expect(confirmed).toEqual(['1'])
  })

  it('no mark is confirmed earlier than so long after it was stored, and each in time', async () => {
    const clock = new Hand()
    const storedAt = new Map<string, number>()
    const confirmed: string[] = []
    const lagged = new LaggedConfirm(1_000, clock, new AbortController().signal, (mark) => {
      expect(clock.ms - storedAt.get(mark)!).toBeGreaterThanOrEqual(1_000)
      expect(clock.ms - storedAt.get(mark)!).toBeLessThan(1_050)
      confirmed.push(mark)
    })
    for (let ms = 0; ms < 5_000; ms += 7) {
      await clock.to(ms)
      storedAt.set(String(ms), ms)
      lagged.stored(String(ms))
    }
    await clock.to(10_000)
    expect(confirmed.at(-1)).toBe('4998')
    expect(confirmed.length).toBeGreaterThan(100)
    expect(confirmed.map(Number)).toEqual(confirmed.map(Number).toSorted((a, b) => a - b))
  })

  it('what waits at the end is not confirmed', async () => {
    const clock = new Hand()
    const stop = new AbortController()
    const confirmed: string[] = []
    const lagged = new LaggedConfirm(1_000, clock, stop.signal, (mark) => confirmed.push(mark))
    lagged.stored('1')
    stop.abort()
    await clock.to(5_000)
    expect(confirmed).toEqual([])
  })
})
