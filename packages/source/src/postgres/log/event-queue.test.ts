import type { SourceEvent } from '@sheetflow/core/ports/source'
import { collectGarbage } from '@sheetflow/testkit/garbage'
import { expect, test } from 'vitest'
import { EventQueue } from './event-queue.ts'

const ROWS = 100

function rows(n: number): SourceEvent {
  return { kind: 'rows', table: 'public.t', schema: 1, rows: Array.from({ length: ROWS }, (_, i) => `["c",["${n}-${i}"],[${n}],null]`) }
}

test('law 12: a queue that is never empty holds what waits, not what was taken', async () => {
  const queue = new EventQueue(1_000_000, () => undefined)
  const taken: WeakRef<SourceEvent>[] = []
  queue.push(rows(0), 100)
  for (let n = 1; n <= 5_000; n++) {
    queue.push(rows(n), 100)
    const event = queue.take()
    if (event !== undefined) taken.push(new WeakRef(event))
  }
  await collectGarbage()
  await collectGarbage()
  expect(taken).toHaveLength(5_000)
  expect(taken.filter((one) => one.deref() !== undefined).length).toBeLessThan(10)
  expect(queue.take()).toEqual(rows(5_000))
  expect([queue.take(), queue.bytes]).toEqual([undefined, 0])
})

test('what was pushed is taken in order, however pushes and takes follow each other', () => {
  const queue = new EventQueue(1_000, () => undefined)
  const seen: (SourceEvent | undefined)[] = []
  let pushed = 0
  for (const count of [1, 2_000, 3, 1, 5_000]) {
    for (let i = 0; i < count; i++) queue.push({ kind: 'begin', tx: String(pushed++) }, 1)
    for (let i = 0; i < count - 1; i++) seen.push(queue.take())
  }
  for (let event = queue.take(); event !== undefined; event = queue.take()) seen.push(event)
  expect(seen.map((event) => (event as { tx?: string } | undefined)?.tx)).toEqual(Array.from({ length: pushed }, (_, i) => String(i)))
  expect(queue.bytes).toBe(0)
})
