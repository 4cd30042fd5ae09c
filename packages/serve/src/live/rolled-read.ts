import { holds } from '@sheetflow/core/breakage'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { ChannelDescription } from '@sheetflow/core/wire'
import type { StoreWatch } from './store-watch.ts'
import type { TransactionRing } from './transaction-ring.ts'

/** A row with its key. Columns that were not read are null. */
export interface KeyedRow {
  readonly key: KeyJson
  readonly row: RowJson
}

/** Rows as the store held them at `offset`. */
export interface StoreRows {
  readonly offset: number
  readonly rows: readonly KeyedRow[]
}

/** What a rolled read needs from the graph's router. */
export interface RollContext {
  readonly ring: TransactionRing
  readonly watch: StoreWatch
  readonly clock: Clock
  readonly log: Log
  /** Aborts when the graph is followed no more: nobody waits for rows then. */
  readonly signal: AbortSignal
  /** The offset of the last routed transaction. */
  position(): number
  /**
   * Resolves with true once `position() ≥ offset`. With false if the stream ends before it: that is a place of another history (FORMATS 3), as where a bus was restored from a backup, and the router
   * would come there by other transactions; or if this history has ended meanwhile; or a while after `isWanted` has become false.
   */
  routed(offset: number, isWanted: () => boolean): Promise<boolean>
  /** The offset of the view's last transaction that cannot be told row by row; 0 if there is none. */
  resetAt(view: string): number
  /** The first `limit` rows of the channel (its order, else by key), read from the store now. */
  readRows(description: ChannelDescription, limit: number, signal: AbortSignal): Promise<StoreRows>
}

/** Store rows and what happened to the view since: together they are the rows at `position`. */
export interface RolledRows {
  readonly rows: readonly KeyedRow[]
  /** There are no more rows than these. */
  readonly isAll: boolean
  readonly changes: readonly RowChange[]
  readonly position: number
}

const RETRY_MS = 20
/** Before a read with more rows: others get their turn. */
const SHORT_RETRY_MS = 1

/** What is read, and for how long it is wanted. */
export interface RolledRequest {
  readonly description: ChannelDescription
  readonly limit: number
  /** False: its generation is over, or nobody waits for it any more. */
  isWanted(): boolean
  readonly signal: AbortSignal
}

/**
 * Reads the rows of a channel from the store, which may stand before or behind the router, and hands them over together with the changes
 * between the store's place W and the router's place R (FORMATS 8, Window): if W > R it waits until R ≥ W, else the ring holds what lies in (W, R].
 *
 * `use` runs in one turn with nothing routed in between. If it answers false, so many rows have gone since that they did not suffice: the read is
 * done again with as many more. Resolves with false, never having called `use` with success, when the rows are not wanted any more.
 */
export async function readRolled(context: RollContext, request: RolledRequest, use: (rolled: RolledRows) => boolean): Promise<boolean> {
  const { view } = request.description
  let { limit } = request
  const isWanted = (): boolean => !context.signal.aborted && !request.signal.aborted && request.isWanted()
  while (isWanted()) {
    using _pin = context.ring.pin(context.position())
    await context.watch.reached(context.resetAt(view))
    const read = await tryRead(context, request, limit)
    if (read === null) continue
    context.watch.saw(read.offset)
    const isThere = await context.routed(read.offset, isWanted)
    if (!isWanted()) return false
    if (!isThere || read.offset < context.resetAt(view)) {
      // The store has to take this history over. Or a reset came while it was being read, or another copy of the store answered.
      await context.clock.sleep(RETRY_MS, request.signal)
      continue
    }
    if (!context.ring.covers(read.offset)) {
      await context.watch.reached(context.ring.from)
      continue
    }
    const position = context.position()
    const changes = holds('refill-roll-forward') ? changesOf(context.ring, view, read.offset, position) : []
    if (use({ rows: read.rows, isAll: read.rows.length < limit, changes, position })) return true
    limit = request.limit + changes.length
    await context.clock.sleep(SHORT_RETRY_MS, request.signal)
  }
  return false
}

async function tryRead(context: RollContext, { description, signal }: RolledRequest, limit: number): Promise<StoreRows | null> {
  try {
    return await context.readRows(description, limit, signal)
  } catch (error) {
    if (!signal.aborted) {
      context.log.warn('live read failed, trying again', { view: description.view, error: String(error) })
      await context.clock.sleep(RETRY_MS, signal)
    }
    return null
  }
}

function changesOf(ring: TransactionRing, view: string, after: number, to: number): RowChange[] {
  const changes: RowChange[] = []
  for (const transaction of ring.between(after, to)) {
    for (const rows of transaction.views) if (rows.view === view) changes.push(...rows.rows)
  }
  return changes
}
