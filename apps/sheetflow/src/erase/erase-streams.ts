import { isoFromMs } from '@sheetflow/core/calendar'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import { rewriteArchive } from '@sheetflow/bus/archive/rewrite-archive'
import { archivedTo } from '@sheetflow/bus/archive/archive-status'
import type { LoadedConfig } from '../config/load.ts'
import { openBusEraser } from '../registry.ts'
import type { StreamErasure } from './erasure.ts'
import type { PlaceReport } from './report.ts'

const HOUR_MS = 3_600_000

/** What erasing a stream needs. */
export interface StreamTools {
  readonly loaded: LoadedConfig
  readonly archive: ArchiveStore | null
  /** False: only counts. */
  readonly erase: boolean
}

/** Erases in one stream: first on the bus, then in its archive, so that nobody can archive what is gone from there already. */
export async function* eraseStream(
  { stream, rule, archived }: StreamErasure,
  { loaded, archive, erase }: StreamTools,
): AsyncGenerator<PlaceReport> {
  const eraser = await openBusEraser(loaded)
  try {
    const to = archive === null || !archived ? 0 : await archivedTo(archive, stream)
    const { erased, left, lastAt } = await eraser({ stream, rule, archivedTo: to, erase })
    yield outcomeOf(`stream ${stream}`, erased)
    if (left > 0) yield remaining(stream, left, lastAt, loaded, archived && archive !== null)
  } catch (error) {
    if (!isSheetflowError(error, 'bus/unknown-stream')) throw error
  }
  if (archive === null || !archived) return
  const { messages } = await rewriteArchive(archive, stream, rule, { dryRun: !erase })
  yield outcomeOf(`archive of ${stream}`, messages)
}

function outcomeOf(place: string, count: number): PlaceReport {
  return { place, outcome: count === 0 ? 'clean' : 'erased', count }
}

function remaining(stream: string, count: number, lastAt: number, { config }: LoadedConfig, hasArchive: boolean): PlaceReport {
  const until = isoFromMs(lastAt + config.limits.retentionHours * HOUR_MS)
  const why = hasArchive
    ? 'the archive or a reader is not so far yet: run this command again in an hour'
    : 'a message on a NATS server cannot be changed, and nothing else keeps what a cut of the stream would take along'
  return { place: `stream ${stream}`, outcome: 'remains', count, until, why }
}
