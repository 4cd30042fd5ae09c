import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { archiveStatus } from './archive-status.ts'
import { readArchive } from './read-archive.ts'

/** A stream as it was restored, or would be. */
export interface RestoreReport {
  readonly stream: string
  /** Messages that were appended (or would be). */
  readonly messages: number
  /** Offset of the last message afterwards: what came behind it is lost with the bus. */
  readonly last: number
  /** When that one was stored, milliseconds since 1970. */
  readonly lastAt: number
}

/**
 * Fills a stream that a lost bus had with what the archive has of it, at the same offsets, and gives it a new epoch, since what came after the archive's end is lost. Null: the archive has nothing of it.
 * What is interrupted goes on where it was. `bus/gone`: the archive does not reach back to the beginning, and offsets cannot be left out. `bus/archive-ahead`: the bus has a stream of that name with other messages.
 */
export async function restoreStream(bus: Bus, store: ArchiveStore, stream: string): Promise<RestoreReport | null> {
  const report = await lookToRestore(bus, store, stream)
  if (report === null) return null
  const there = report.last - report.messages
  const { epoch } = await bus.ensure(stream)
  let written = 0
  for await (const { messages } of readArchive(store, stream, { from: 1 })) {
    written = Math.max(written, epochOf(stream, messages))
    const ahead = messages.filter(({ offset }) => offset > there)
    const [begin] = ahead
    if (begin !== undefined) await bus.append(stream, ahead, { expectedLast: begin.offset - 1 })
  }
  await bus.ensure(stream, { epoch: Math.max(epoch, written + 1) })
  return report
}

/** What `restoreStream` would do, or why it would not. Changes nothing; `bus` null: there is none yet. */
export async function lookToRestore(bus: Bus | null, store: ArchiveStore, stream: string): Promise<RestoreReport | null> {
  const { segments, first, last, whole, to } = await archiveStatus(store, stream)
  if (segments === 0) return null
  if (first !== 1 || whole !== last) throw partial(stream, first === 1 ? whole + 1 : 1)
  const there = bus === null ? 0 : await lastOf(bus, stream)
  if (there > last) throw another(stream)
  if (bus !== null && there > 0) await assertSame(bus, store, stream, there)
  return { stream, messages: last - there, last, lastAt: to }
}

/** Is what stands at that offset of the stream what the archive has there? Its last message decides: offsets of one stream are never given twice. */
export async function assertSame(bus: Bus, store: ArchiveStore, stream: string, offset: number): Promise<void> {
  if (!(await isSame(bus, store, stream, offset))) throw another(stream)
}

/** The same as an answer; true also where one of them has nothing there. */
export async function isSame(bus: Bus, store: ArchiveStore, stream: string, offset: number): Promise<boolean> {
  const [archived, stored] = [await archivedAt(store, stream, offset), await storedAt(bus, stream, offset)]
  return archived === null || stored === null || archived.id === stored.id
}

async function archivedAt(store: ArchiveStore, stream: string, offset: number): Promise<StoredMessage | null> {
  for await (const { messages } of readArchive(store, stream, { from: offset })) return messages[0] ?? null
  return null
}

async function storedAt(bus: Bus, stream: string, offset: number): Promise<StoredMessage | null> {
  for await (const [message] of bus.read(stream, { from: offset, untilNow: true })) return message ?? null
  return null
}

async function lastOf(bus: Bus, stream: string): Promise<number> {
  try {
    return (await bus.range(stream)).last
  } catch (error) {
    if (isSheetflowError(error, 'bus/unknown-stream')) return 0
    throw error
  }
}

/** The greatest epoch that stands in ids of ours (`<stream>/<epoch>/<tx>/<first>`); what senders call the messages of an inbox says nothing. */
function epochOf(stream: string, messages: readonly StoredMessage[]): number {
  return messages.reduce((greatest, { id }) => {
    const [name, epoch] = id.split('/', 2)
    return name === stream && Number.isSafeInteger(Number(epoch)) ? Math.max(greatest, Number(epoch)) : greatest
  }, 0)
}

function partial(stream: string, missing: number): SheetflowError {
  return new SheetflowError('bus/gone', `the archive of ${stream} does not have offset ${missing}`, {
    fix: `It cannot be restored from there. Move the folder ${stream} out of the archive: the stream is begun anew at the next start.`,
    details: { stream, missing },
  })
}

function another(stream: string): SheetflowError {
  return new SheetflowError('bus/archive-ahead', `the bus has a stream ${stream} that is not the one in the archive`, {
    fix: `The stream was begun anew. Move the folder ${stream} out of the archive; a new one is begun. To restore the old one instead, take the new one from the bus first.`,
    details: { stream },
  })
}
