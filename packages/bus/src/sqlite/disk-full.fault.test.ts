import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isTestMessage, range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { describe, expect, it } from 'vitest'
import { openSqliteBus } from './sqlite-bus.ts'

/** A small file system of its own; null where the test may not make one. */
function smallDisk(path: string): (() => void) | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', path], { stdio: 'ignore' })
    return () => execFileSync('umount', ['-l', path])
  } catch {
    return null
  }
}

describe('a full disk', () => {
  it('is bus/full, stores nothing of that append, and is over by itself when there is room', async (context) => {
    const dir = await mkdtemp(join(tmpdir(), 'sheetflow-full-'))
    const unmount = smallDisk(dir)
    if (unmount === null) return context.skip('needs root and Linux')
    try {
      writeFileSync(join(dir, 'ballast'), new Uint8Array(12 * 1024 * 1024))
      await using bus = await openSqliteBus({ dir })
      await bus.ensure('S')
      let last = 0
      const append = async (): Promise<void> => {
        const messages = range(last + 1, last + 500).map((n) => testMessage('a', `m-${n}`, 500))
        last = (await bus.append('S', messages, { expectedLast: last })).last
      }
      const failure = await untilItFails(append)
      expect(failure).toMatchObject({ code: 'bus/full' })
      expect((await bus.range('S')).last).toBe(last)
      // Still full, still the same answer; what is there can be read.
      await expect(append()).rejects.toMatchObject({ code: 'bus/full', retry: 'later' })
      expect((await readAll(bus, 'S')).length).toBe(last)
      rmSync(join(dir, 'ballast'))
      await append()
      await append()
      const all = await readAll(bus, 'S')
      expect(all.map((message) => message.id)).toEqual(range(1, last).map((n) => `m-${n}`))
      expect(all.every(isTestMessage)).toBe(true)
    } finally {
      unmount()
      await rm(dir, { recursive: true, force: true })
    }
  })
})

async function untilItFails(work: () => Promise<void>): Promise<unknown> {
  for (;;) {
    try {
      await work()
    } catch (error) {
      return error
    }
  }
}
