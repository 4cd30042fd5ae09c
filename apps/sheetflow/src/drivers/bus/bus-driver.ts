import type { EraseReport, StreamReport } from '@sheetflow/bus'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { Leases } from '@sheetflow/core/ports/leases'
import type { Presence } from '@sheetflow/core/ports/presence'
import type { SetupCheck } from '@sheetflow/core/setup-check'
import type { DriverConfig, DriverHome, DriverType } from '../driver-type.ts'

/** One bus, as the table of buses has it. */
export type BusType<Own extends DriverConfig> = DriverType<Own, Own, DriverHome, BusDriver>

/** What the application needs of a bus. Nothing is opened, and nobody asked, before one of these is called. */
export interface BusDriver {
  /**
   * Can other processes, on other machines too, work on it at the same time? Where not, one process has all roles, and the lock of the data folder
   * keeps the others off: what lies in that folder nobody else uses then.
   */
  readonly isShared: boolean
  /** Opens its streams; what it needs is made. `log` hears when a server has lost what it knew of a stream. */
  open(log?: Log): Promise<Bus>
  /** Opens its streams for looking, which makes nothing; null where nothing has ever run. */
  openIfThere(): Promise<Bus | null>
  /** Opens the leases that choose between the processes on it; null of one that is not shared: there is no choice. */
  openLeases(): Promise<Leases | null>
  /** Opens the news of all processes on it; null of one that is not shared: there is one process alone. */
  openPresence(): Promise<Presence | null>
  /** What it promises and what stands in its way, for `sheetflow doctor`. One that cannot be reached is a finding. */
  check(): Promise<readonly SetupCheck[]>
  /** How it forgets parts of messages. */
  openEraser(): Promise<BusEraser>
  /** Its files, for `sheetflow verify`; `app/usage` of one that has none here, with who looks after them instead. */
  openFiles(): Promise<BusFiles>
  /** Files of its own on this machine that none of these streams is: set aside as damaged, or of an earlier configuration. */
  strangeFiles(streams: Iterable<string>): readonly string[]
}

/** Forgets parts of messages of one stream, or counts them. */
export type BusEraser = (request: {
  readonly stream: string
  /** A message's body without what shall be forgotten; null: there is nothing in it. */
  readonly rule: (message: StoredMessage) => Uint8Array | null
  /** Up to here the archive has the stream. */
  readonly archivedTo: number
  readonly erase: boolean
}) => Promise<EraseReport>

/** The bus' files, looked at and mended while nobody has them open. */
export interface BusFiles {
  streams(): readonly string[]
  /** The first damage of a stream, and how far it is right. */
  verify(stream: string): StreamReport
  /** Takes the damaged file out of the way, so that the stream is built again; the path where it lies now. */
  setAside(stream: string): string
}
