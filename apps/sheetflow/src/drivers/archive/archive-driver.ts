import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { DriverConfig, DriverHome, DriverType } from '../driver-type.ts'

/** One archive, as the table of archives has it. */
export type ArchiveType<Own extends ArchiveConfig> = DriverType<Own, Own, DriverHome, ArchiveDriver>

/** What the configuration says of every archive, whatever its driver. */
export interface ArchiveConfig extends DriverConfig {
  /** A message is in the archive at the latest so long after it was stored: what is lost with the bus is not older. Default an hour. */
  readonly afterSeconds?: number | undefined
}

/** What the application needs of an archive. */
export interface ArchiveDriver {
  /** Opens it; what it needs is made. */
  open(): Promise<ArchiveStore>
  /** The folder of what it writes and has not finished, which whoever is alone with it may empty; null: it leaves nothing half-written here. */
  readonly incoming: string | null
}
