import type { SnapshotRule } from '@sheetflow/core/breakage'

/**
 * Rules of the snapshot that can be switched off, and delays that make races likely. For tests alone: a checker that finds nothing when a rule is off proves
 * nothing (`npm run torture -- --break NAME`).
 */
export interface SnapshotFaults {
  readonly off?: ReadonlySet<SnapshotRule>
  /** Milliseconds that a read sleeps between its snapshot and its rows. */
  readonly readDelayMs?: () => number
}
