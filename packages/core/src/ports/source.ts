import type { Cause, SourceControl } from '../message.ts'
import type { TableSchema } from '../schema.ts'
import type { SetupCheck } from '../setup-check.ts'

/**
 * Port `Source`: change capture of one connected system.
 *
 * What callers may rely on:
 * - `follow` yields the events of the source's log in commit order; the changes of one transaction are not interleaved with another's.
 *   A transaction is delivered in pieces, never held in memory; after a reconnect it may be delivered again from its start under the same `tx`.
 * - Snapshot rows requested by `snapshot` come out of `follow` at the place where they are right (FORMATS 6), as transactions `snap-<run>-<n>`.
 * - Nothing is confirmed to the source but by `confirm`. The caller calls it with marks that the bus has fsynced; the driver may confirm less.
 * - Back-pressure: when the consumer does not ask for the next event, the source's socket is paused; keepalives are answered all the same.
 * - `follow` ends only by its signal or by an error with a code: `source/unreachable` (later), `source/slot-in-use` (later),
 *   `source/slot-lost` and `source/foreign` (now: start again with a new epoch), `source/not-ready`, `source/auth` (never).
 */
export interface Source extends AsyncDisposable {
  /** Tables, their schemas and everything that stands in the way of capture, each with its fix. */
  discover(signal?: AbortSignal): Promise<Discovery>
  follow(start: FollowStart, signal: AbortSignal): AsyncIterable<SourceEvent>
  /** Asks for rows; they come out of `follow`. */
  snapshot(request: SnapshotRequest): void
  confirm(mark: string): void
  /** Lag, retained log, confirmed and received marks: names as in `docs/operations.md`. */
  metrics(): Readonly<Record<string, number | string>>
}

/** What `discover` found. */
export interface Discovery {
  readonly server: string
  readonly tables: readonly DiscoveredTable[]
  readonly checks: readonly SetupCheck[]
}

export interface DiscoveredTable {
  readonly schema: Omit<TableSchema, 'schema' | 'hash' | 'v'>
  readonly rows: number
  readonly bytes: number
  /** Why it cannot be captured, with the fix; absent if it can. */
  readonly refused?: { readonly why: string; readonly fix: string }
}

/** Where to go on: the last state that the stream of this source holds, null at the very first start. */
export interface FollowStart {
  /** The last control message on the bus. */
  readonly control: SourceControl | null
  /**
   * Mark and tx of the last commit on the bus. `at`: when the transaction with this mark was committed, if that is known; another history may use the
   * same mark, but not at the same time.
   */
  readonly last: { readonly mark: string; readonly tx: string; readonly at: string | null } | null
  /** A transaction that stands half-written on the bus: `tx` and the ordinal of its next message. */
  readonly half: { readonly tx: string; readonly next: number } | null
  /** The last schema message of every table. */
  readonly schemas: readonly TableSchema[]
}

/** Rows that shall be read: whole tables (a new run) or single keys (exact key text). */
export type SnapshotRequest =
  | { readonly kind: 'tables'; readonly tables: readonly string[] }
  | { readonly kind: 'keys'; readonly table: string; readonly keys: readonly (readonly string[])[] }

/**
 * What `follow` yields. Rows are already in JSON text form to spare the round through objects: `rows` holds one `RowChange` as JSON text each.
 * `begin` … `commit` enclose a transaction; `schema` and `control` may stand inside one.
 */
export type SourceEvent =
  | { readonly kind: 'begin'; readonly tx: string }
  | { readonly kind: 'schema'; readonly schema: TableSchema }
  | { readonly kind: 'rows'; readonly table: string; readonly schema: number; readonly rows: readonly string[] }
  | { readonly kind: 'control'; readonly control: ControlDraft }
  | { readonly kind: 'commit'; readonly at: string; readonly mark: string; readonly causes: readonly Cause[] }
  /** Nothing more to read at once: what is packed should be flushed. */
  | { readonly kind: 'idle' }

/** A control message without the head that framing adds. */
export type ControlDraft = SourceControl extends infer C
  ? C extends SourceControl
    ? Omit<C, 'v' | 'tx' | 'first' | 'commit'>
    : never
  : never
