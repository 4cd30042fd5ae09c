import { collectGarbage } from '@sheetflow/testkit/garbage'
import { expect, test } from 'vitest'
import type { GraphTransaction } from './graph-transaction.ts'
import { TransactionRing } from './transaction-ring.ts'

const MIB = 1024 * 1024

function transaction(offset: number, bytes: number): GraphTransaction {
  return { epoch: 1, offset, tx: `1-${offset}`, at: '', views: [], schemas: [], controls: [], bytes }
}

test('law 12: what the ring has dropped it does not hold any more, however few and big transactions are', async () => {
  const ring = new TransactionRing(10 * MIB, 0)
  const pushed: WeakRef<GraphTransaction>[] = []
  for (let offset = 1; offset <= 500; offset++) {
    const one = transaction(offset, MIB)
    pushed.push(new WeakRef(one))
    ring.push(one)
  }
  await collectGarbage()
  expect(pushed.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(11)
  expect(ring.from).toBe(490)
  expect([...ring.between(495, 500)].map(({ offset }) => offset)).toEqual([496, 497, 498, 499, 500])
})

test('what is pinned stays up to four times the bound; what is not covered is told so', () => {
  const ring = new TransactionRing(10 * MIB, 0)
  using _pin = ring.pin(0)
  for (let offset = 1; offset <= 30; offset++) ring.push(transaction(offset, MIB))
  expect([ring.covers(0), ring.bytes]).toEqual([true, 30 * MIB])
  for (let offset = 31; offset <= 60; offset++) ring.push(transaction(offset, MIB))
  expect([ring.covers(0), ring.covers(20), ring.bytes]).toEqual([false, true, 40 * MIB])
})
