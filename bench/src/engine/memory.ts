import { timed } from '../lib/measure.ts'
import type { Loaded } from './engine-case.ts'

const MB = 1_000_000

/** Measures the loading of so many rows: its time, and what it keeps when the garbage is gone (`--expose-gc`). */
export async function loading(rows: number, work: (clock: LoadClock) => Promise<unknown> | void): Promise<Loaded> {
  const before = keptBytes()
  const clock = new LoadClock()
  const { seconds, cpuSeconds } = await timed(rows, () => work(clock))
  const heapMB = (keptBytes() - before) / MB
  return { rows, seconds: seconds - clock.aside.seconds, cpuSeconds: cpuSeconds - clock.aside.cpuSeconds, heapMB }
}

/** Tells the time of loading from the time that it takes to make up what is loaded. */
export class LoadClock {
  readonly aside: { seconds: number; cpuSeconds: number } = { seconds: 0, cpuSeconds: 0 }

  /** Does something that is no part of loading. */
  leaveOut<T>(work: () => T): T {
    const startedAt = performance.now()
    const cpuBefore = process.cpuUsage()
    const made = work()
    const { user, system } = process.cpuUsage(cpuBefore)
    this.aside.seconds += (performance.now() - startedAt) / 1000
    this.aside.cpuSeconds += (user + system) / 1e6
    return made
  }
}

/** Bytes that are in use when nothing unreachable is left. */
function keptBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** So that a round pays for its own garbage and nobody else's. */
export function collectGarbage(): void {
  globalThis.gc?.()
}
