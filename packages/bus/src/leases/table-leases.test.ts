import { SheetflowError } from '@sheetflow/core/errors'
import { expect, test } from 'vitest'
import type { LeaseClock } from './lease-clock.ts'
import { LEASE_TIMES, leaseTimes, type LeaseTable } from './lease-table.ts'
import { TableLeases } from './table-leases.ts'
import { MemoryLeaseTable } from './testing/memory-table.ts'

test('a table that cannot be made is said: each reason once on end, and when it can be used again', async () => {
  const table = new MemoryLeaseTable()
  let looks = 0
  const reasons: (string | null)[] = ['no rights', 'no rights', 'no room', 'no rights', null]
  const failing: LeaseTable = {
    read: (name) => {
      const reason = reasons[Math.min(looks++, reasons.length - 1)] ?? null
      return reason === null ? table.read(name) : Promise.reject(new SheetflowError('bus/unavailable', reason, { retry: 'later' }))
    },
    replace: (record, revision) => table.replace(record, revision),
    list: () => table.list(),
    watch: () => () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  await using leases = new TableLeases(failing, leaseTimes(50))
  const heard: (string | null)[] = []
  await using lease = await leases.acquire('graph:sales', 'a', new AbortController().signal, (trouble) =>
    heard.push(trouble?.message ?? null),
  )
  expect(lease.token).toBe(1)
  expect(heard).toEqual(['no rights', 'no room', 'no rights', null])
})

test('who is told to stop in the middle of a look waits for no other', async () => {
  const table = new MemoryLeaseTable()
  // It stands still: whoever waits for the next look waits for ever.
  const clock: LeaseClock = { now: () => 0, after: () => () => undefined }
  await using _held = await new TableLeases(table, LEASE_TIMES, clock).acquire('graph:sales', 'a', new AbortController().signal)
  const stop = new AbortController()
  const asked: LeaseTable = {
    read: async (name) => {
      const entry = await table.read(name)
      stop.abort(new Error('stopped'))
      return entry
    },
    replace: (record, revision) => table.replace(record, revision),
    list: () => table.list(),
    watch: () => () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const waits = new TableLeases(asked, LEASE_TIMES, clock).acquire('graph:sales', 'b', stop.signal).catch((error: unknown) => error)
  const turns = async (): Promise<string> => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    return 'it waits'
  }
  expect(await Promise.race([waits, turns()])).toEqual(new Error('stopped'))
})
