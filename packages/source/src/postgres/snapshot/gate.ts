import { setTimeout as pause } from 'node:timers/promises'
import type { CatalogueQuery } from '../catalogue/pg-type.ts'
import type { DbSnapshot } from './visibility.ts'
import { parseSnapshot, sees } from './visibility.ts'

const FIRST_POLL_MS = 5
const LAST_POLL_MS = 100

/**
 * Resolves when every transaction that began before the call has ended *and become visible* (FORMATS 6.1). What such a transaction did may
 * stand in the log before the place from which we look, or not be published at all; after the gate every snapshot sees it.
 *
 * An own transaction id is taken first: `xmax` of a snapshot is only one above the last id that *ended*, so the ids that run at or above it
 * would not be listed. A long transaction at the source delays the first chunk; nothing else helps.
 */
export async function passGate(query: CatalogueQuery, signal: AbortSignal): Promise<void> {
  const [own] = await query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid', [])
  const older = [...(await currentSnapshot(query)).running].filter((xid) => xid < Number(own?.xid ?? 0))
  for (let wait = FIRST_POLL_MS; older.length > 0; wait = Math.min(wait * 2, LAST_POLL_MS)) {
    signal.throwIfAborted()
    const { running } = await currentSnapshot(query)
    if (!older.some((xid) => running.has(xid))) return
    await pause(wait, undefined, { signal })
  }
}

/**
 * Resolves when statements see this transaction (low 32 bits of its id), or after `atMostMs`: it may be delivered before it is visible, for a moment or for as
 * long as it waits for a standby.
 */
export async function untilVisible(query: CatalogueQuery, xid32: number, atMostMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + atMostMs
  for (let wait = FIRST_POLL_MS; !sees(await currentSnapshot(query), xid32) && performance.now() < deadline; wait *= 2) {
    await pause(wait, undefined, { signal })
  }
}

/** What a statement of now would see. */
async function currentSnapshot(query: CatalogueQuery): Promise<DbSnapshot> {
  const [row] = await query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot', [])
  return parseSnapshot(row?.snapshot ?? '')
}
