/** The time that leases are counted by. It only goes on: what o'clock it is does not matter to them. */
export interface LeaseClock {
  /** Milliseconds since some moment. */
  now(): number
  /** Calls once, not before `ms` have passed. Returns what prevents it. */
  after(ms: number, call: () => void): () => void
}

/** The machine's. */
export const MACHINE_CLOCK: LeaseClock = {
  now: () => performance.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
