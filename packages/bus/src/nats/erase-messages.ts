import { nuid } from '@nats-io/transport-node'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { Control } from './control.ts'
import { assertStill, busFailure } from './failure.ts'
import { openLink } from './link.ts'
import type { NatsBusOptions } from './nats-bus.ts'
import { NatsStream } from './nats-stream.ts'
import { scan } from './scan.ts'
import { Trimmer } from './trimmer.ts'
import { decodeMessage } from './wire-message.ts'

/** What is to be forgotten of a stream on NATS. */
export interface EraseRequest {
  readonly stream: string
  /** Shall this message go? */
  readonly wanted: (message: StoredMessage) => boolean
  /** Up to this offset the archive has the stream, so that it may be cut there; 0: nowhere. */
  readonly archivedTo: number
  /** False: only looks. */
  readonly erase: boolean
}

/** What became of the messages that were wanted. */
export interface EraseReport {
  /** Overwritten on the server's disk (or would be). */
  readonly erased: number
  /** Still there: the stream could not be cut behind them. */
  readonly left: number
  /** When the last of those that are left was stored, milliseconds since 1970; 0: none is. */
  readonly lastAt: number
}

/**
 * Forgets messages of a stream. A server cannot change a message, and one that is missing in the middle of a stream is damage to its readers. So the stream is
 * cut behind the last of them that the archive has and no reader needs: `first` is raised, then each is deleted in the server's secure way (its bytes are overwritten
 * in the file). What else stands before the cut is dropped by the next trim; readers find it in the archive. A process that is killed on the way has cut too far for nobody; a second call does the rest.
 */
export async function eraseMessages(options: NatsBusOptions, { stream, wanted, archivedTo, erase }: EraseRequest): Promise<EraseReport> {
  await using link = await openLink(options)
  const replicas = options.replicas ?? 1
  const now = (): number => options.clock?.now() ?? Date.now()
  const control = new Control(link, replicas)
  const door = new NatsStream({ link, control, replicas, by: nuid.next(), now, log: options.log ?? null }, stream)
  try {
    await door.info()
    const { created } = await door.server()
    const places = await link.patiently(async () => {
      const found: { readonly seq: number; readonly at: number }[] = []
      for await (const pulled of scan(link, stream, {})) {
        for (const { message, seq } of pulled) {
          const stored = decodeMessage(stream, message, seq)
          if (wanted(stored)) found.push({ seq, at: stored.storedAt })
        }
      }
      return found
    })
    const border = Math.min(archivedTo, await new Trimmer(door).retained())
    const going = places.filter(({ seq }) => seq <= border)
    const left = places.filter(({ seq }) => seq > border)
    const last = going.at(-1)?.seq
    if (erase && last !== undefined) {
      await control.change(stream, (record) => {
        assertStill(stream, created, record?.created)
        return record!.first > last ? record! : { ...record!, first: last + 1 }
      })
      for (const { seq } of going) await door.toThis(created, () => link.manager.streams.deleteMessage(stream, seq, true))
    }
    return { erased: going.length, left: left.length, lastAt: left.reduce((latest, { at }) => Math.max(latest, at), 0) }
  } catch (error) {
    throw busFailure(stream, error)
  } finally {
    await door.close()
  }
}
