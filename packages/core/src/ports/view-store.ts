import type { RowChange, ViewStatus } from '../message.ts'
import type { Position, StoredPosition } from '../position.ts'
import type { QueryPlan, SearchPlan } from '../query-plan.ts'
import type { SheetSchema } from '../schema.ts'

/**
 * Port `ViewStore`: views at rest, one typed table per generation. Written by us alone, by one writer (fenced), in stream order.
 *
 * What callers may rely on:
 * - `apply` makes whole transactions visible, each with its stream's position, in one database transaction: any read sees a prefix of the stream.
 *   Transactions at or below the stored position are skipped (a second delivery changes nothing), but for one that is `anew`.
 * - A transaction with `swap` for a view replaces all of that view's rows by those of the new generation, in the transaction that moves the position.
 * - A value is stored whatever its size. Where a database does not take a row all the same, `apply` fails with `store/refused`, which names the view
 *   (`details.view`) and is never over by itself; nothing of that call is visible, and the next one may leave the view out.
 * - `query` answers all plans of one call from one snapshot, and says as of which position, and how each view stands there. A plan for a generation that is no longer current
 *   fails with `query/not-ready` (retry now).
 */
export interface ViewStore extends AsyncDisposable {
  /** Makes room for a view's generation (tables, indexes). Idempotent; the generation is not visible until a `swap`. `store/refused`: the database has no table of so many columns. */
  ensure(schema: SheetSchema): Promise<void>
  /**
   * Keeps piece `piece` (0, 1, …) of a transaction that is too big for memory and whose commit has not come yet; invisible. `apply` of the
   * transaction with that `tx` and `staged` puts the pieces in front of its own changes. A piece 0 forgets earlier pieces of the stream.
   */
  stage(stream: string, tx: string, piece: number, changes: readonly ViewChanges[]): Promise<void>
  apply(stream: string, transactions: readonly ViewTransaction[]): Promise<void>
  /** One small step of housekeeping (rows of replaced generations are dropped). False when nothing is left to do. */
  tidy(): Promise<boolean>
  query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResult>
  position(stream: string): Promise<StoredPosition | null>
  /** Views that hold a generation now. */
  views(): Promise<readonly StoredView[]>
}

/** The part of a view store that readers use; who only reads opens that alone. */
export type ReadableViewStore = Pick<ViewStore, 'query' | 'position' | 'views'> & AsyncDisposable

/** One output transaction of a graph. */
export interface ViewTransaction {
  readonly position: StoredPosition
  /** ISO time of the commit. */
  readonly at: string
  readonly changes: readonly ViewChanges[]
  /** The stream has another history than that of the stored position (FORMATS 3): this is its first transaction here, wherever it stands. */
  readonly anew?: true
  /** Pieces of it were given to `stage` before. */
  readonly staged?: true
  /** Views of which nothing is taken from these pieces. */
  readonly without?: readonly string[]
}

/** The changes of one view in one transaction, in order. */
export interface ViewChanges {
  readonly view: string
  readonly generation: number
  /** The view's columns changed or it is filled anew: `rows` are all `c` and replace everything. */
  readonly swap: boolean
  readonly status?: ViewStatus
  readonly rows: readonly RowChange[]
}

export interface QueryRequest {
  /** Streams whose positions belong to the answer. */
  readonly streams: readonly string[]
  readonly plans: readonly (QueryPlan | SearchPlan)[]
}

export interface QueryResult {
  readonly positions: Readonly<Record<string, StoredPosition & { readonly at: string }>>
  /** Per plan the JSON text of an array of row objects. */
  readonly rows: readonly string[]
  /** Of every view that the store holds, as of that snapshot. */
  readonly statuses: ReadonlyMap<string, ViewStatus>
}

export interface StoredView {
  readonly view: string
  readonly generation: number
  readonly status: ViewStatus
  /** The stream whose rows these are: another one that has a view of that name knows nothing of them. */
  readonly stream: string
  /** The commit that made this generation visible. How far the view is now says `position(stream)`. */
  readonly position: Position
}
