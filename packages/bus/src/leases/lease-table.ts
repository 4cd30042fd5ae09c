/** What stands in the table about a name. A renewal counts `beat` up, so that who watches sees a change. */
export interface LeaseRecord {
  readonly name: string
  readonly holder: string | null
  readonly token: number
  readonly beat: number
}

/** A record and its revision, which is another after each change. */
export interface LeaseEntry {
  readonly record: LeaseRecord
  readonly revision: number
}

/** The durable table that leases are kept in: one record a name, replaced by compare and set. Every call may fail while the table is away. */
export interface LeaseTable extends AsyncDisposable {
  read(name: string): Promise<LeaseEntry | null>
  /** The new revision; null if the record's revision is not `revision` (0: there is none). */
  replace(record: LeaseRecord, revision: number): Promise<number | null>
  list(): Promise<readonly LeaseRecord[]>
  /** Calls back after a change of the name, soon, perhaps, and perhaps too often. Returns what ends that. */
  watch(name: string, changed: () => void): () => void
}

/** The times of leases, in milliseconds. */
export interface LeaseTimes {
  /** A holder renews so often. */
  readonly renewMs: number
  /** A holder that had no renewal confirmed for so long, counted from when it was sent, gives up. */
  readonly holdMs: number
  /** A holder that was silent for so long, as a waiter sees it, is taken over. Longer than `holdMs`. */
  readonly silentMs: number
}

/** A holder that was killed is taken over after five seconds; its successor has the rest of ten to begin. */
export const LEASE_TIMES: LeaseTimes = { renewMs: 1_000, holdMs: 4_000, silentMs: 5_000 }

/** The same proportions for another silence. */
export function leaseTimes(silentMs: number): LeaseTimes {
  return { renewMs: silentMs / 5, holdMs: silentMs * 0.8, silentMs }
}
