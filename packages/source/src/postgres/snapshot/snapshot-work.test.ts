import { expect, test } from 'vitest'
import { EventQueue } from '../log/event-queue.ts'
import { EventWriter } from '../log/event-writer.ts'
import { NO_LSN } from '../log/lsn.ts'
import type { CapturedTable } from '../tables/table-book.ts'
import { SnapshotProgress } from './progress.ts'
import { SnapshotWork } from './snapshot-work.ts'

function work(): SnapshotWork {
  const progress = new SnapshotProgress({})
  const state = { origin: { system: '1', timeline: '1', slot: 's@0/0' }, epochs: [], tables: {} }
  const writer = new EventWriter(new EventQueue(1_000_000, () => {}), NO_LSN, () => state)
  // What a table looks like does not matter here.
  const table = (name: string): CapturedTable => ({ name }) as unknown as CapturedTable
  return new SnapshotWork({ progress, writer, life: 'life', confirmed: NO_LSN, table })
}

test('a gate that was on its way opens nothing for a run that began meanwhile', () => {
  const snapshot = work()
  snapshot.begin(['public.t', 'public.u'])
  const waiting = snapshot.waitingForGate()
  snapshot.begin(['public.t'])
  snapshot.gated(waiting)
  expect(snapshot.nextRead()?.request.table).toBe('public.u')
  const again = snapshot.waitingForGate()
  expect(again).toHaveLength(1)
  snapshot.failed({ table: 'public.u', run: 1, number: 1, scope: { kind: 'range', after: null, limit: 1 } })
  snapshot.gated(again)
  expect(snapshot.waitingForGate()).toEqual([])
})

test('nor for keys that were asked for meanwhile', () => {
  const snapshot = work()
  snapshot.reread('public.t', [['1']])
  const waiting = snapshot.waitingForGate()
  snapshot.reread('public.t', [['2']])
  snapshot.gated(waiting)
  expect(snapshot.nextRead()?.request.scope).toEqual({ kind: 'reread', keys: new Set(['1']) })
  expect(snapshot.waitingForGate()).toHaveLength(1)
})
