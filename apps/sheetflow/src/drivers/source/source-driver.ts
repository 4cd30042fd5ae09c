import type { KeyJson } from '@sheetflow/core/message'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import type { Log } from '@sheetflow/core/ports/host'
import type { Source } from '@sheetflow/core/ports/source'
import type { Target } from '@sheetflow/core/ports/target'
import type { TableSchema } from '@sheetflow/core/schema'
import type { DriverConfig, DriverHome, DriverType } from '../driver-type.ts'

/** One source, as the table of sources has it. */
export type SourceType<Own extends SourceConfig, Input> = DriverType<Own, Input, SourceHome, SourceDriver>

/** What the configuration says of every source, whatever its driver. */
export interface SourceConfig extends DriverConfig {
  /** Module whose default export is `defineCommands({…})`, relative to the configuration. */
  readonly commands?: string | undefined
}

/** What a source is told of the place in which it is opened. */
export interface SourceHome extends DriverHome {
  /** What the configuration calls it. */
  readonly name: string
  /** Where its big values go; opened by the first of them: whoever only looks at a source (init, doctor, lint) leaves no folder behind. */
  readonly blobs: BlobStore
}

/** What the application needs of a source. Nothing is opened, and nobody asked, before one of these is called. */
export interface SourceDriver {
  /** Opens it, for looking or for capturing; it connects when it is asked something. */
  open(life?: SourceLife): Promise<Source>
  /** Has the source itself a row with this key now? `source/unreachable` and its like, as those of the source. */
  hasRow(schema: Pick<TableSchema, 'table' | 'key' | 'columns'>, key: KeyJson): Promise<boolean>
  /** Opens the place where its commands are executed. */
  openTarget(options: TargetOptions): Promise<Target>
}

/** Who opens a source. */
export interface SourceLife {
  readonly log?: Log
  /** Counts the lives of its capture, where several processes might capture it. */
  readonly token?: number | null
}

/** How commands are executed. */
export interface TargetOptions {
  /** So long a command that was executed is known again. */
  readonly retainCommandsMs: number
  readonly log: Log
}
