import { timed } from '../lib/measure.ts'
import type { Loaded } from './engine-case.ts'

const MB = 1_000_000

/** Measures the loading of so many rows: its time, and what it keeps when the garbage is gone (`--expose-gc`). */
export async function loading(rows: number, work: () => Promise<unknown> | void): Promise<Loaded> {
  const before = keptBytes()
  const { seconds, cpuSeconds } = await timed(rows, work)
  return { rows, seconds, cpuSeconds, heapMB: (keptBytes() - before) / MB }
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
