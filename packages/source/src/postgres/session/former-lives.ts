import type { CatalogueQuery } from '../catalogue/pg-type.ts'
import { slotOf, type PostgresSettings } from '../settings.ts'

/** So long an ended connection may take to let go of the slot. */
const GOING_MS = 5_000
const LOOK_MS = 20

/** The settings with a name for connections that says whose they are and how late a life: `sheetflow_shop/12`. Without a token they stay as they are. */
export function namedByLife(settings: PostgresSettings): PostgresSettings {
  return settings.token === undefined ? settings : { ...settings, applicationName: `${slotOf(settings)}/${String(settings.token)}` }
}

/**
 * Ends the connections that earlier lives of this capture still have: a process that is stopped, or whose machine is gone, would hold the slot until the server gives
 * it up. A life that wakes can not do the same to us, for its number is smaller. Does nothing without a token.
 */
export async function endFormerLives(query: CatalogueQuery, settings: PostgresSettings, signal: AbortSignal): Promise<void> {
  const { token, log, name } = settings
  if (token === undefined) return
  const slot = slotOf(settings)
  const ended = await query<{ pid: number }>(
    // Materialized: a condition beside the call might be looked at after it.
    `with former as materialized (
       select pid from pg_stat_activity
        where datname = current_database() and usename = current_user and split_part(application_name, '/', 1) = $1
          and case when application_name ~ '/[0-9]{1,15}( snapshot)?$' then substring(application_name from '/([0-9]+)')::bigint < $2::bigint else false end)
     select pid from former where pg_terminate_backend(pid)`,
    [slot, String(token)],
  )
  if (ended.length === 0) return
  log?.warn('source.former-life', {
    source: name,
    ended: ended.length,
    message: 'an earlier capture of this source still held its slot; its connections were ended',
  })
  const deadline = performance.now() + GOING_MS
  const pids = ended.map(({ pid }) => pid)
  while (!signal.aborted && performance.now() < deadline) {
    const [still] = await query<{ held: boolean }>(
      'select exists (select from pg_replication_slots where slot_name = $1 and active_pid = any($2)) as held',
      [slot, `{${pids.join(',')}}`],
    )
    if (still?.held !== true) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
