/** Milliseconds since 1970. */
export type ClockSource = () => number

/** Numbers in [0, 1). */
export type RandomSource = () => number

/** Calls back later. A page has timers; a simulation brings its own. */
export interface Timers {
  /** Calls `task` once, after `ms` or more, in a turn of its own; returns a function that calls it off. */
  after(ms: number, task: () => void): () => void
}

/** The timers of the page. */
export const PAGE_TIMERS: Timers = {
  after: (ms, task) => {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
}
