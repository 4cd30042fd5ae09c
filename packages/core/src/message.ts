import type { FunctionSignatures } from './function-signature.ts'
import type { InboxMessageAt, Position, Vector } from './position.ts'
import type { JsonValue } from './value.ts'

/** `c` create, `u` update, `d` delete, `r` snapshot row, `t` truncate (FORMATS 4). */
export type RowOp = 'c' | 'u' | 'd' | 'r' | 't'

/** A key in JSON form, in the order of the schema's `key`. */
export type KeyJson = readonly JsonValue[]
/** A whole row in JSON form, in the order of the schema's `columns`. */
export type RowJson = readonly JsonValue[]

/**
 * One change of one row: `[op, key, after, before]`. `before` is complete or null; rows of sheets always carry it for `u` and `d`.
 * A changed key is `d` + `c`, adjacent, in one message. `["t", null, null, null]` empties the table.
 */
export type RowChange = readonly [op: RowOp, key: KeyJson | null, after: RowJson | null, before: RowJson | null]

/** A command that caused a transaction. */
export interface Cause {
  readonly id: string
  readonly user: string | null
}

/** What every message of a source or graph stream has: `first` is its ordinal in the transaction `tx`. */
export interface MessageHead {
  readonly v: 1
  readonly tx: string
  readonly first: number
  /** On the first message of a transaction above `limits.stepRows`: readers spill. */
  readonly big?: true
}

/** Changes of one table inside one transaction; `first` is the ordinal of its first row. */
export interface RowsMessage extends MessageHead {
  readonly table: string
  readonly schema: number
  readonly rows: readonly RowChange[]
  /** Indexes of rows that were something else before their content was erased (ADR 022). */
  readonly erased?: readonly number[]
  /** A transaction of one message and no causes carries its commit, and none follows. */
  readonly commit?: CommitBody
}

/** The part of a commit that may also ride in the only message of its transaction. */
export interface CommitBody {
  /** When it became visible in the source: ISO, UTC, 6 decimals. Of a graph: the greatest of its inputs. */
  readonly at: string
  /** Source streams: the source's last known place in its own log. */
  readonly mark?: string
  /** Source streams: up to which offset of the source's inbox all commands are finished. */
  readonly inbox?: number
  /** What the inbox held at that offset. Left out where the commit rides in another message, and where nothing has been read (ADR 036). */
  readonly inboxAt?: InboxMessageAt
  /** Graph streams: up to where each input was read. */
  readonly inputs?: Vector
  readonly causes: readonly Cause[]
  /** Rows by table. */
  readonly counts: Readonly<Record<string, number>>
}

/** Closes a transaction. Its offset is the transaction's position. */
export interface CommitMessage extends MessageHead, CommitBody {}

/** Where a source's stream stands, in each of its control messages: the last one is enough to resume. */
export interface CaptureState {
  readonly origin: { readonly system: string; readonly timeline: string; readonly slot: string }
  readonly epochs: readonly (readonly [epoch: number, offset: number])[]
  readonly tables: Readonly<Record<string, TableRunState>>
}

/** Snapshot progress of one table. `run` counts up for ever per source. */
export interface TableRunState {
  readonly run: number
  /** Is this run under way: has its `start` been published, and not yet the `loaded` that ends it? */
  readonly start: boolean
  /** Has `loaded` of this run (or an earlier one, `loaded` stays true over later runs) been published? */
  readonly loaded: boolean
  /** Exact key text of the last row that was published; null before the first. */
  readonly last: readonly string[] | null
  readonly finished: boolean
  /** Keys (exact text) that have to be read again. */
  readonly repair: readonly (readonly string[])[]
  /** What the source knows the table by, whatever its name (opaque; the driver's own): tells a rename from a new table, and a rewrite. */
  readonly identity?: string
}

/** Control messages of a source (subject `_ctl`). */
export type SourceControl = MessageHead & { readonly state: CaptureState; readonly commit?: CommitBody } & (
    | { readonly kind: 'gate' }
    | { readonly kind: 'start' | 'loaded'; readonly run: number; readonly tables: readonly string[] }
    | {
        readonly kind: 'chunk'
        readonly run: number
        readonly table: string
        readonly last: readonly string[] | null
        readonly finished: boolean
        readonly repair: readonly (readonly string[])[]
        readonly snapshot: string
        /** A chunk that answers `reread`: exactly these keys. */
        readonly keys?: readonly (readonly string[])[]
      }
    | { readonly kind: 'epoch'; readonly epoch: number; readonly reason: string; readonly from: Position | null }
    | { readonly kind: 'drop'; readonly table: string }
    | { readonly kind: 'rename'; readonly table: string; readonly to: string }
  )

/** State of a view for its readers. */
export type ViewStatus = 'ready' | 'loading' | 'stale'

/** Control message of a graph: first in its transaction; that view's rows there are all `c` and replace everything. */
export type GraphControl = MessageHead & {
  readonly kind: 'view'
  readonly view: string
  readonly generation: number
  readonly status: ViewStatus
  readonly commit?: CommitBody
}

/** Inbox of a graph. Each message is its own commit. */
export type GraphInbox = { readonly v: 1 } & (
  | { readonly kind: 'tick'; readonly tick: 'day' | 'minute' | 'every'; readonly sheet?: string; readonly now: string }
  | {
      readonly kind: 'result'
      readonly function: string
      readonly version: string
      readonly args: readonly JsonValue[]
      readonly value: JsonValue
    }
  | { readonly kind: 'edit'; readonly sheet: string; readonly base?: true; readonly changes: readonly RowChange[] }
  | ({ readonly kind: 'deploy' } & Deployment)
  | { readonly kind: 'activate'; readonly version: string }
  | { readonly kind: 'refill'; readonly views: readonly string[] }
  | ({ readonly kind: 'receipt' } & ReceiptEvent)
  /** Somebody decides about dead letters: the source is asked once more, or they are forgotten. */
  | { readonly kind: 'letter'; readonly action: 'retry' | 'drop'; readonly ids: readonly string[] }
)

/** The text of a graph's files with the ids that its names stand for. Replay needs the text. */
export interface Deployment {
  /** Content hash: equal files, ids, and types and keys of what they use, equal version. */
  readonly version: string
  /** Path inside the workbooks folder (`sales/open_orders.sheet.yaml`) → text. */
  readonly files: Readonly<Record<string, string>>
  /** `source!schema.table` → column name → column id, as the names stood when it was made. */
  readonly ids: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** `source!schema.table`, as its files call it → the source's id of that table. Absent: of a time before tables had ids, its names go by name. */
  readonly tableIds?: Readonly<Record<string, string>>
  /**
   * `source!schema.table`, as in `ids` → number of the schema that it was made for: it waits until that one or a later one is known, since what a graph has not
   * heard of yet cannot be told from what is gone. Absent: of a time before.
   */
  readonly schemas?: Readonly<Record<string, number>>
  /** Names of sheets that are called otherwise now: `workbook.sheet` → `workbook.sheet` of its files. */
  readonly sheetNames?: Readonly<Record<string, string>>
  /** Asynchronous functions that its formulas call: a replay binds by these and asks nobody (ADR 029). Absent: none. */
  readonly functions?: FunctionSignatures
  /** Version of the formula language. */
  readonly language: number
  /** ISO time at which it was made: replay reads no clock. */
  readonly now: string
}

/** Inbox of a source. */
export type SourceInbox = { readonly v: 1 } & (
  | ({ readonly kind: 'command' } & Command)
  | { readonly kind: 'resnapshot'; readonly tables: readonly string[] }
  | { readonly kind: 'reread'; readonly table: string; readonly keys: readonly (readonly string[])[] }
)

/** A client's intention on its way to the source. */
export interface Command {
  /** ULID made by the client: the idempotency key. */
  readonly id: string
  readonly name: string
  readonly payload: Readonly<Record<string, JsonValue>>
  readonly user: string | null
  /** Verified claims of the token; `claims.role` is the role in which the reader acts. */
  readonly claims: Readonly<Record<string, JsonValue>>
  /** Commands of one `order` run one after the other. */
  readonly order: string
  /** ISO time at which the server took it. */
  readonly at: string
  readonly validForMs: number
}

/** What became of a command. They have one order (`receipt.ts`): of what is learnt, the greatest stands. */
export type ReceiptStatus = 'accepted' | 'rejected' | 'expired' | 'failed' | 'done' | 'unknown' | 'applied'

/** One thing that was learnt about a command; see `receipt.ts` for how events add up. */
export interface ReceiptEvent {
  readonly id: string
  readonly user: string | null
  readonly status: ReceiptStatus
  readonly code?: string
  readonly result?: JsonValue
  readonly at: string
}
