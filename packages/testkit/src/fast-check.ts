import fc from 'fast-check'
import { SEED } from './runs.ts'

/** A run of a property that takes so long may hang, and the deadline of its test would end it without a word. */
const TOLD_AFTER_MS = 60_000

// Properties draw from the seed of the run; one that fails names its own, and its path.
fc.configureGlobal({ seed: SEED })

fc.installGlobalPlugin(() => ({
  decorateRun: (run) => (value) => {
    const running = run(value)
    if (!(running instanceof Promise)) return running
    const tell = setTimeout(
      () => console.error(`after ${TOLD_AFTER_MS / 1_000} s a property still runs for ${fc.stringify(value)}`),
      TOLD_AFTER_MS,
    )
    return running.finally(() => clearTimeout(tell))
  },
}))

/** The library of properties, begun at this run's seed. Tests import it from here. */
export { fc }
