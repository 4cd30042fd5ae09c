import { Bell } from '@sheetflow/core/bell'
import { collectGarbage } from '@sheetflow/testkit/garbage'
import { tableSchema } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { SourceWriter } from '../testing/source-writer.ts'
import { InputCursor } from './input-cursor.ts'
import type { InputTransaction } from './input-cursor.ts'

const TABLE = tableSchema('public.t', { columns: { id: { type: 'int' }, text: { type: 'text' } } })

async function reading(transactions: number, chars: number): Promise<Reading> {
  const { bus, writer } = await loaded()
  for (let n = 0; n < transactions; n++) await writer.rows([['public.t', 1, [['c', [n], [n, 'x'.repeat(chars)], null]]]])
  return await following(bus)
}

interface Reading {
  readonly cursor: InputCursor
  readonly stop: () => Promise<void>
}

async function loaded(): Promise<{ readonly bus: MemoryBus; readonly writer: SourceWriter }> {
  const bus = new MemoryBus()
  const writer = new SourceWriter(bus, 'shop')
  await writer.load([TABLE])
  return { bus, writer }
}

async function following(bus: MemoryBus): Promise<Reading> {
  const stop = new AbortController()
  const cursor = new InputCursor({
    bus,
    input: { stream: 'SF_SRC_shop', source: 'shop' },
    bell: new Bell(),
    after: null,
    from: 1,
    epoch: 1,
  })
  const running = cursor.run(stop.signal)
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  return {
    cursor,
    stop: async () => {
      stop.abort()
      await running
    },
  }
}

test('law 12: transactions that were taken are not held any more, also while others wait', async () => {
  const { cursor, stop } = await reading(1_000, 10)
  const taken: WeakRef<InputTransaction>[] = []
  const take = (): void => void taken.push(new WeakRef(cursor.take() as InputTransaction))
  for (let n = 0; n < 900; n++) take()
  await collectGarbage()
  expect(taken.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(1)
  expect(cursor.peek()).toBeDefined()
  await stop()
})

test('law 12: reading ahead is bounded in bytes, not in rows alone', async () => {
  const { cursor, stop } = await reading(400, 200_000)
  let waiting = 0
  while (cursor.take() !== undefined) waiting += 1
  // 32 MiB, and one batch of the bus (4 MiB) more.
  expect(waiting * 200_000).toBeLessThanOrEqual(37 * 1024 * 1024)
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(cursor.peek()).toBeDefined()
  await stop()
})

test('law 12: a large transaction is handed on in parts, and reading pauses in the middle of it', async () => {
  const { bus, writer } = await loaded()
  const rows = Array.from({ length: 200_000 }, (_, n) => ['c', [n], [n, 'x'], null] as const)
  await writer.rows([['public.t', 1, rows]])
  const { cursor, stop } = await following(bus)
  for (let n = 0; n < 3; n++) expect(cursor.take()?.position).not.toBeNull()
  let entered = 0
  let most = 0
  for (;;) {
    let waiting = 0
    for (let part = cursor.take(); part !== undefined; part = cursor.take()) {
      waiting += part.rows
      entered += part.rows
      if (part.position === null) continue
      expect(entered).toBe(200_000)
      expect(most).toBeLessThanOrEqual(40_000 + 64_000)
      await stop()
      return
    }
    most = Math.max(most, waiting)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
})
