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
  /** The offset of the last routed transaction. */
  position(): number
  /** Resolves once `position() ≥ offset`. */
  routed(offset: number): Promise<void>
  /** The offset of the view's last transaction that cannot be told row by row; 0 if there is none. */
  resetAt(view: string): number
  /** The first `limit` rows of the channel (its order, else by key), read from the store now. */
  readRows(description: ChannelDescription, limit: number, signal: AbortSignal): Promise<StoreRows>
}

/** Store rows and what happened to the view since: together they are the rows at `position`. */
export interface RolledRows {
  readonly rows: readonly KeyedRow[]
  readonly changes: readonly RowChange[]
  readonly position: number
}

const RETRY_MS = 20

/**
 * Reads the rows of a channel from the store, which may stand before or behind the router, and hands them over together with the changes
 * between the store's place W and the router's place R (FORMATS 8, Window): if W > R it waits until R ≥ W, else the ring holds what lies in (W, R].
 *
 * `use` runs in one turn with nothing routed in between. If it answers false, so many rows have gone since that they did not suffice: the read is
 * done again with as many more.
 */
export async function readRolled(
  context: RollContext,
  channel: { readonly description: ChannelDescription; readonly limit: number; readonly signal: AbortSignal },
  use: (rolled: RolledRows) => boolean,
): Promise<void> {
  const { view } = channel.description
  let { limit } = channel
  while (!channel.signal.aborted) {
    using _pin = context.ring.pin(context.position())
    await context.watch.reached(context.resetAt(view))
    const read = await tryRead(context, { ...channel, limit })
    if (read === null) continue
    context.watch.saw(read.offset)
    await context.routed(read.offset)
    if (channel.signal.aborted) return
    if (read.offset < context.resetAt(view)) continue
    if (!context.ring.covers(read.offset)) {
      await context.watch.reached(context.ring.from)
      continue
    }
    const position = context.position()
    const changes = changesOf(context.ring, view, read.offset, position)
    if (use({ rows: read.rows, changes, position })) return
    limit = channel.limit + changes.length
  }
}

async function tryRead(
  context: RollContext,
  channel: { readonly description: ChannelDescription; readonly limit: number; readonly signal: AbortSignal },
): Promise<StoreRows | null> {
  try {
    return await context.readRows(channel.description, channel.limit, channel.signal)
  } catch (error) {
    if (!channel.signal.aborted) {
      context.log.warn('live read failed, trying again', { view: channel.description.view, error: String(error) })
      await context.clock.sleep(RETRY_MS, channel.signal)
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
