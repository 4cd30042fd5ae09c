import { openSync, writeSync } from 'node:fs'
import { CaptureRole } from '@sheetflow/source/capture/capture-role'
import { remoteArgument } from '@sheetflow/testkit/remote-script'
import { systemClock } from '../../src/ops/system-clock.ts'
import { CHAIN, ChainSource } from './chain-source.ts'
import { openBusIn, type BusKind } from './open-bus.ts'

/** What the recorded process shall do. */
export interface WriterTask {
  readonly dir: string
  readonly journal: string
  readonly kind: BusKind
  readonly until: number
  /** Between two transactions. */
  readonly paceMs: number
}

/**
 * The process whose power is cut: the capture role writes a chain to a bus. What is confirmed to the source is noted in the journal, in that very moment. It ends when the last
 * transaction is confirmed, and leaves everything as it lies.
 */
const { dir, journal, kind, until, paceMs } = remoteArgument() as WriterTask
const notes = openSync(journal, 'a')
const stop = new AbortController()
await using open = await openBusIn(dir, kind)
const source = new ChainSource({
  confirmed: 0,
  until,
  onConfirm: (n) => {
    writeSync(notes, `${String(n)}\n`)
    if (n === until) stop.abort()
  },
  ...(paceMs === 0 ? {} : { pace: () => systemClock.sleep(paceMs) }),
})
await new CaptureRole({ name: CHAIN, source, bus: open.bus, clock: systemClock }).run(stop.signal)
