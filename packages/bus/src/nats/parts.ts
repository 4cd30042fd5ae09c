import type { StreamInfo as ServerStream } from '@nats-io/jetstream'
import type { Log } from '@sheetflow/core/ports/host'
import type { Control, StreamRecord } from './control.ts'
import type { Link } from './link.ts'

/** What a stream shares with all others of its bus. */
export interface BusParts {
  readonly link: Link
  readonly control: Control
  readonly replicas: number
  /** Who we are in the messages that we write. */
  readonly by: string
  readonly now: () => number
  /** Where it is said that a stream has another history than it had. */
  readonly log: Pick<Log, 'warn'> | null
}

/** What appending, reading and trimming need of their stream. */
export interface StreamDoor {
  readonly name: string
  readonly parts: BusParts
  /** What the server says about the stream; `bus/unknown-stream` if there is none. */
  server(): Promise<ServerStream>
  /** Our record of it. */
  record(server: ServerStream): Promise<StreamRecord>
  /** Does something to the stream that the server made at `created`, and to no other of its name. */
  toThis(created: string, work: () => Promise<unknown>): Promise<void>
  /** Has the stream take these subjects, if it does not yet. */
  cover(subjects: Iterable<string>): Promise<void>
}
