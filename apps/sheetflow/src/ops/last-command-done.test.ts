import { encodeBody } from '@sheetflow/core/framing/codec'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { InboxMessageAt } from '@sheetflow/core/position'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, test } from 'vitest'
import { finishedInInbox, lastCommandDone } from './last-command-done.ts'

const COMMIT = { at: '2026-11-27T00:00:00.000000Z', mark: 'm', causes: [] }

/** A source that says so of its inbox by a heartbeat, and later by a commit that rides in its rows. */
async function sourceSaying(inbox: number, inboxAt: InboxMessageAt | undefined, riding: number): Promise<MemoryBus> {
  const bus = new MemoryBus()
  await bus.ensure('SF_SRC_shop')
  const packer = new TransactionPacker({ stream: 'SF_SRC_shop', epoch: 1, subjects: sourceSubjects('shop') })
  packer.begin('A')
  packer.commit({ ...COMMIT, inbox, ...(inboxAt === undefined ? {} : { inboxAt }) })
  packer.begin('B')
  packer.rows('public.orders', 1, ['["c",["1"],["1"],null]'])
  packer.commit({ ...COMMIT, inbox: riding, inboxAt: { epoch: 1, tx: 'left out' } })
  await bus.append('SF_SRC_shop', packer.take())
  return bus
}

async function fill(bus: MemoryBus, ids: readonly string[]): Promise<void> {
  await bus.ensure('SF_IN_SRC_shop')
  const body = encodeBody({ v: 1, kind: 'resnapshot', tables: [] })
  for (const id of ids) await bus.append('SF_IN_SRC_shop', [{ subject: 'sf.in.src.shop.resnapshot', id, body }])
}

test('the place that the last commit of its own names counts, also if one that rides in another message says more', async () => {
  const at = { epoch: 1, tx: 'two' }
  const bus = await sourceSaying(2, at, 3)
  expect(await lastCommandDone(bus, 'shop')).toEqual({ offset: 2, at })
  expect(await lastCommandDone(new MemoryBus(), 'shop')).toEqual({ offset: 0 })
})

test('nothing is finished in an inbox that is not the one of which the source speaks', async () => {
  const same = await sourceSaying(2, { epoch: 1, tx: 'two' }, 2)
  await fill(same, ['one', 'two', 'three'])
  expect(await finishedInInbox(same, 'shop')).toBe(2)
  const other = await sourceSaying(2, { epoch: 1, tx: 'two' }, 2)
  await fill(other, ['four', 'five', 'six'])
  expect(await finishedInInbox(other, 'shop')).toBe(0)
  expect(await finishedInInbox(await sourceSaying(2, undefined, 2), 'shop')).toBe(0)
})
