import { setImmediate as turn } from 'node:timers/promises'
import { describeLeases } from '@sheetflow/testkit/kits/leases-kit'
import { SteadyClock } from '@sheetflow/testkit/steady-clock'
import type { Leases } from '@sheetflow/core/ports/leases'
import { leaseTimes, type LeaseTable } from './lease-table.ts'
import { TableLeases } from './table-leases.ts'
import { MemoryLeaseTable } from './testing/memory-table.ts'

const SILENT_MS = 300
const STEP_MS = 7

describeLeases('memory', () => {
  const table = new MemoryLeaseTable()
  const away = new Set<Leases>()
  const clock = new SteadyClock(STEP_MS, turn)
  return Promise.resolve({
    open: () => {
      const here = <T>(ask: () => Promise<T>): Promise<T> => (away.has(leases) ? Promise.reject(new Error('cut off')) : ask())
      const door: LeaseTable = {
        read: (name) => here(() => table.read(name)),
        replace: (record, revision) => here(() => table.replace(record, revision)),
        list: () => here(() => table.list()),
        watch: (name, changed) => table.watch(name, changed),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }
      const leases = new TableLeases(door, leaseTimes(SILENT_MS), clock)
      return Promise.resolve(leases)
    },
    cutOff: (leases) => Promise.resolve(void away.add(leases)),
    [Symbol.asyncDispose]: () => Promise.resolve(clock.stop()),
  })
})
