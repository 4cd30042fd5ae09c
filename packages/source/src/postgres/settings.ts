import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import type { Log } from '@sheetflow/core/ports/host'
import type { PostgresAddress } from './session/connect.ts'
import type { SnapshotFaults } from './snapshot/faults.ts'
import type { DatePolicies } from './tables/table-layout.ts'

/** How one Postgres is captured. */
export interface PostgresSettings extends PostgresAddress {
  /** Name of the source: slot and publication are named after it. */
  readonly name: string
  /** `schema.table`, `*` for any part (`public.*`); with `!` in front: not these. */
  readonly tables: readonly string[]
  /** `schema.table` → columns, for tables whose key the database does not know (needs REPLICA IDENTITY FULL). */
  readonly keys?: Readonly<Record<string, readonly string[]>>
  /** `schema.table.column` → what happens to dates that have no place in the calendar. Default: `error`. */
  readonly dates?: DatePolicies
  /** Default `sheetflow_<name>`. */
  readonly slot?: string
  /** Default `sheetflow_<name>`. Made if it is not there. */
  readonly publication?: string
  readonly blobs: BlobStore
  /** Default 1,000. */
  readonly heartbeatMs?: number
  /** Decoded and not yet asked for: above this the socket is paused. Default 8 MiB. */
  readonly queueBytes?: number
  /** Rows of one chunk at most. Default 10,000. */
  readonly chunkRows?: number
  readonly log?: Log
  /**
   * Counts the lives of this source's capture, where a later one may begin while an earlier one is stopped and still holds the slot: its connection is ended. Absent: a slot
   * that is used is `source/slot-in-use`.
   */
  readonly token?: number
  /** For tests alone. */
  readonly faults?: SnapshotFaults
}

/** Name of the slot. */
export function slotOf(settings: PostgresSettings): string {
  return settings.slot ?? `sheetflow_${settings.name}`
}

/** Name of the publication. */
export function publicationOf(settings: PostgresSettings): string {
  return settings.publication ?? `sheetflow_${settings.name}`
}

/** Is a table asked for by the patterns? The last pattern that fits decides. */
export function tableFilter(patterns: readonly string[]): (table: string) => boolean {
  const rules = patterns.map((pattern) => {
    const wanted = !pattern.startsWith('!')
    const source = (wanted ? pattern : pattern.slice(1)).replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
    return { wanted, regex: new RegExp(`^${source}$`, 'u') }
  })
  // What we write at the source ourselves is no table of the business.
  return (table) => !table.startsWith('sheetflow.') && (rules.findLast((rule) => rule.regex.test(table))?.wanted ?? false)
}
