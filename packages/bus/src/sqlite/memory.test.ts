import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteBus } from './sqlite-bus.ts'

const BYTES = 4 * 1024 * 1024
const BLOCKS = 12
/** Without a bound V8 collects buffers that nobody holds when they are 64 MiB. */
const BOUND = 4 * BYTES

test('law 12: blocks that were written, or read in passing, do not wait for the garbage collector', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sheetflow-bus-'))
  try {
    await using bus = await openSqliteBus({ dir })
    await bus.ensure('S')
    const body = new Uint8Array(BYTES - 1024).fill(120)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const look = (): void => void (most = Math.max(most, process.memoryUsage().arrayBuffers - before))
    for (let n = 0; n < BLOCKS; n++) {
      await bus.append('S', [{ subject: 'a', id: String(n), body }], { expectedLast: n })
      look()
    }
    const read: number[] = []
    for await (const batch of bus.read('S', { from: 1, untilNow: true, passing: true })) {
      for (const { offset, body: bytes } of batch) if (bytes.at(-1) === 120) read.push(offset)
      look()
    }
    expect(read).toHaveLength(BLOCKS)
    expect(most).toBeLessThan(BOUND)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
