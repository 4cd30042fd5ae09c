/**
 * The two rules of FORMATS 8 that keep older news from overwriting newer. Both are always on; a test that wants to see that it would notice
 * their absence switches one off.
 */
export interface ClientRules {
  /** Publications at or below a list's offset leave its membership alone. */
  readonly listOffsets: boolean
  /** A value with a smaller offset than the cell's is dropped. */
  readonly cellOffsets: boolean
}

/** Everything as FORMATS 8 says. */
export const ALL_RULES: ClientRules = { listOffsets: true, cellOffsets: true }
