import { SheetflowError } from '@sheetflow/core/errors'
import { sourceError } from '../session/connect.ts'
import type { Lsn } from './lsn.ts'
import { lsnFromSql } from './lsn.ts'
import type { CatalogueQuery } from '../catalogue/pg-type.ts'

/** A replication slot as it is. */
export interface SlotState {
  readonly plugin: string
  readonly database: string
  readonly sameDatabase: boolean
  readonly activePid: number | null
  /** Up to where we said that everything is safe. */
  readonly confirmed: Lsn
  /** `reserved`, `extended`, `unreserved` or `lost`. */
  readonly walStatus: string
  /** Bytes of log that are kept for it. */
  readonly retainedBytes: number
  /** Bytes that may still be written before it is in danger; null: no limit. */
  readonly safeBytes: number | null
}

/** Null: there is none. */
export async function readSlot(query: CatalogueQuery, name: string): Promise<SlotState | null> {
  const [row] = await query<{
    plugin: string
    database: string
    same: boolean
    pid: number | null
    confirmed: string | null
    status: string | null
    retained: string | null
    safe: string | null
  }>(
    `select plugin::text, database::text, database = current_database() as same, active_pid as pid, confirmed_flush_lsn::text as confirmed,
            wal_status as status, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::text as retained, safe_wal_size::text as safe
       from pg_replication_slots where slot_name = $1`,
    [name],
  )
  if (row === undefined) return null
  return {
    plugin: row.plugin,
    database: row.database,
    sameDatabase: row.same,
    activePid: row.pid,
    confirmed: lsnFromSql(row.confirmed ?? '0/0'),
    walStatus: row.status ?? 'lost',
    retainedBytes: Number(row.retained ?? 0),
    safeBytes: row.safe === null ? null : Number(row.safe),
  }
}

/** Makes the slot; waits for transactions that run now. No snapshot is exported (FORMATS 6): returns where its log begins. */
export async function createSlot(query: CatalogueQuery, name: string): Promise<Lsn> {
  try {
    const [row] = await query<{ lsn: string }>(`select lsn::text from pg_create_logical_replication_slot($1, 'pgoutput')`, [name])
    return lsnFromSql(row?.lsn ?? '0/0')
  } catch (cause) {
    const error = sourceError(cause)
    if (error.code === 'source/unreachable' && error.details['sqlState'] !== '53400') throw error
    throw new SheetflowError('source/not-ready', `The replication slot cannot be made: ${error.message}`, {
      fix: 'Run `sheetflow doctor`: wal_level, free slots and the REPLICATION privilege are needed.',
      cause,
    })
  }
}

/** Drops the slot; it must not be in use. */
export async function dropSlot(query: CatalogueQuery, name: string): Promise<void> {
  try {
    await query('select pg_drop_replication_slot($1)', [name])
  } catch (cause) {
    throw sourceError(cause)
  }
}
