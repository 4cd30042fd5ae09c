import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '@sheetflow/core/ports/host'

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal })
    } catch {
      // An aborted sleep is over, not failed.
    }
  },
}
