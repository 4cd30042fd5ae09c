/**
 * One transaction of a million rows, in the middle of small ones, and then the process is killed while a second one is under way (F22). Expected: the rows of a transaction become visible together,
 * however long it takes; nobody sees a part of it; what all processes hold stays within their bound.
 */
import { LONG, runs } from '@sheetflow/testkit/runs'
import { expect, test } from 'vitest'
import { until } from './fault-ring.ts'
import { BUSES, onRing } from './on-each-bus.ts'

const ROWS = runs(10_000, 1_000_000)
/** What a transaction may take of the process that has all roles, which has just begun, while it is under way (ADR 030)… */
const TRANSACTION_BYTES = 600e6
/** …beside its rows, which stay: the state of each. Seen in all: 590 MiB. */
const ROW_BYTES = 250

test.runIf(LONG).each(BUSES)('over %s', async (bus) => {
  await onRing(bus, { follows: 'sums' }, async (ring) => {
    await ring.writer.many(100)
    await ring.shows(100)
    const before = ring.memory()
    await ring.writer.many(ROWS)
    await ring.shows(100 + ROWS)
    const grown = ring.memory() - before
    console.info(JSON.stringify({ bus, rows: ROWS, grownMiB: grown }))
    expect(grown * 1024 * 1024).toBeLessThan(TRANSACTION_BYTES + ROWS * ROW_BYTES)
    await ring.writer.many(ROWS)
    const read = async (): Promise<number> => Number(/"source_rows_total":(\d+)/.exec((await ring.ask('/readyz')).text)?.[1])
    await until(
      async () => (await read()) > 100 + ROWS,
      async () => `the second one has not begun: ${String(await read())} rows were read`,
    )
    await ring.kill()
    // It was under way.
    expect(ring.seen).toBe(100 + ROWS)
    await ring.ready()
    await ring.shows(100 + 2 * ROWS)
    await ring.settled()
  })
})
