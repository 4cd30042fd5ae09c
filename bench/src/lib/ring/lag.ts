import { closeSync, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { median } from '../measure.ts'

/** Latencies of one run, in milliseconds, in the order of the commits. */
export type Lags = readonly number[]

/** The smallest value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], of: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((sorted.length * of) / 100) - 1)] ?? Number.NaN
}

/** Growth above this is a queue: the ring falls behind by more than one update in a hundred. */
const FLAT_MS_PER_SECOND = 10

/**
 * Does the lag stay what it is? Its median in the last quarter of the run against that of the second quarter (the first one still fills caches), over
 * the time between the middles of the two.
 */
export function isFlat(lags: Lags, seconds: number): boolean {
  const quarter = Math.floor(lags.length / 4)
  const growth = median(lags.slice(3 * quarter)) - median(lags.slice(quarter, 2 * quarter))
  return growth / (seconds / 2) < FLAT_MS_PER_SECOND
}

/**
 * What the disk needs for a block of 4 KiB to be safe: asked again and again while `work` goes on. Milliseconds each. The block is written over
 * itself, as the logs of Postgres and SQLite write over their older selves: a file that grows would make its file system's journal wait as well.
 */
export async function whileSyncing<T>(folder: string, work: () => Promise<T>): Promise<{ result: T; syncs: readonly number[] }> {
  const file = openSync(path.join(folder, 'syncs'), 'w')
  const block = Buffer.alloc(4096, 1)
  writeSync(file, block, 0, block.length, 0)
  fsyncSync(file)
  const syncs: number[] = []
  const timer = setInterval(() => {
    const startedAt = performance.now()
    writeSync(file, block, 0, block.length, 0)
    fdatasyncSync(file)
    syncs.push(performance.now() - startedAt)
  }, SYNC_EVERY_MS)
  try {
    return { result: await work(), syncs }
  } finally {
    clearInterval(timer)
    closeSync(file)
  }
}

/** Often enough for a p99 of 10 s, seldom enough to be no load. */
const SYNC_EVERY_MS = 20
