import type { ReadableViewStore, ViewStore } from '@sheetflow/core/ports/view-store'
import type { SetupCheck } from '@sheetflow/core/setup-check'
import type { DriverConfig, DriverHome, DriverType } from '../driver-type.ts'

/** One store of views, as the table of stores has it. */
export type StoreType<Own extends DriverConfig, Input = Own> = DriverType<Own, Input, StoreHome, StoreDriver>

/** What a store is told of the place in which it is opened. */
export interface StoreHome extends DriverHome {
  /** What the configuration calls it. */
  readonly name: string
}

/** What the application needs of a store of views. Nothing is opened, and nobody asked, before one of these is called. */
export interface StoreDriver {
  /** Opens it as its one writer; what it needs is made. */
  open(): Promise<ViewStore>
  /** Opens it for reading, beside its writer; `store/unavailable` (retry later) while that has not created it. */
  openForReading(): Promise<ReadableViewStore>
  /** What stands in its way, for `sheetflow doctor`. One that cannot be reached is a finding. */
  check(): Promise<readonly SetupCheck[]>
  /** Where its bytes lie, those of deleted rows among them. */
  readonly bytes: StoreFile | BytesElsewhere
}

/** A store that is a file of this machine. While the file is not there the store holds nothing. */
interface StoreFile {
  readonly file: string
  /** Writes the file anew, without what was deleted in it; `store/unavailable` while somebody has it open. */
  forgetDeleted(): Promise<void>
}

/** A store on a server. It may hold rows, and name big values, whether it can be reached or not. */
interface BytesElsewhere {
  readonly file: null
  /** How the bytes of deleted rows leave it, for whoever has a row erased. */
  readonly whatRemains: string
}
