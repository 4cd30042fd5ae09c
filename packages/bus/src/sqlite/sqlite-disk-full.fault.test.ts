/**
 * The disk under the bus of SQLite files is full (F10). Expected: `bus/full`, nothing of that append is stored, what is there can be read, and it is over by itself when there is room; with a reserve
 * the stream can be trimmed and goes on inside its file.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bus } from '@sheetflow/core/ports/bus'
import { isTestMessage, range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { smallDisk } from '@sheetflow/testkit/small-disk'
import { describe, expect, it, type TestContext } from 'vitest'
import { openSqliteBus } from './sqlite-bus.ts'

describe('a full disk', () => {
  it('is bus/full, stores nothing of that append, and is over by itself when there is room', async (context) => {
    await onSmallDisk(context, '24m', async (dir) => {
      writeFileSync(join(dir, 'ballast'), new Uint8Array(12 * 1024 * 1024))
      await using bus = await openSqliteBus({ dir, reserveBytes: 0 })
      const writer = await openWriter(bus)
      expect(await untilItFails(writer.append)).toMatchObject({ code: 'bus/full' })
      expect((await bus.range('S')).last).toBe(writer.last())
      // Still full, still the same answer; what is there can be read.
      await expect(writer.append()).rejects.toMatchObject({ code: 'bus/full', retry: 'later' })
      expect((await readAll(bus, 'S')).length).toBe(writer.last())
      rmSync(join(dir, 'ballast'))
      await writer.append()
      await writer.append()
      const all = await readAll(bus, 'S')
      expect(all.map((message) => message.id)).toEqual(range(1, writer.last()).map((n) => `m-${n}`))
      expect(all.every(isTestMessage)).toBe(true)
    })
  })

  it('with a reserve can be trimmed, and then goes on inside the file', async (context) => {
    await onSmallDisk(context, '64m', async (dir) => {
      await using bus = await openSqliteBus({ dir, reserveBytes: 40 * 1024 * 1024 })
      const writer = await openWriter(bus)
      expect(await untilItFails(writer.append)).toMatchObject({ code: 'bus/full' })
      for (const _ of range(1, 10)) {
        const { first } = await bus.trim('S', { maxBytes: 1_000_000 })
        await writer.append()
        await writer.append()
        expect((await readAll(bus, 'S', first)).every(isTestMessage)).toBe(true)
        expect((await bus.range('S')).last).toBe(writer.last())
      }
    })
  })
})

async function onSmallDisk(context: TestContext, size: string, work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'sheetflow-full-'))
  const unmount = smallDisk(dir, size)
  try {
    if (unmount === null) context.skip('needs root and Linux')
    await work(dir)
  } finally {
    unmount?.()
    await rm(dir, { recursive: true, force: true })
  }
}

async function openWriter(bus: Bus): Promise<{ append: () => Promise<void>; last: () => number }> {
  let { last } = await bus.ensure('S')
  return {
    last: () => last,
    append: async () => {
      const messages = range(last + 1, last + 500).map((n) => testMessage('a', `m-${n}`, 500))
      last = (await bus.append('S', messages, { expectedLast: last })).last
    },
  }
}

async function untilItFails(work: () => Promise<void>): Promise<unknown> {
  for (;;) {
    try {
      await work()
    } catch (error) {
      return error
    }
  }
}
