import { isoFromMs } from '@sheetflow/core/calendar'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { rewriteArchive } from '@sheetflow/bus/archive/rewrite-archive'
import { archivedTo } from '@sheetflow/bus/archive/archive-status'
import type { LoadedConfig } from '../config/load.ts'
import { busDriver } from '../registry.ts'
import type { StreamErasure } from './erasure.ts'
import type { PlaceReport } from './report.ts'

const HOUR_MS = 3_600_000
/** So many offsets are named in a line. */
const NAMED = 20
const UNREAD = 'unreadable in '

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
  const eraser = await (await busDriver(loaded)).openEraser()
  const onBus = new Unread()
  try {
    const to = archive === null || !archived ? 0 : await archivedTo(archive, stream)
    const { erased, left, lastAt } = await eraser({ stream, rule: (message) => rule(message, onBus.hear), archivedTo: to, erase })
    yield outcomeOf(`stream ${stream}`, erased)
    if (left > 0) yield remaining(stream, left, lastAt, loaded, archived && archive !== null)
    yield* onBus.report(`stream ${stream}`, loaded)
  } catch (error) {
    if (!isSheetflowError(error, 'bus/unknown-stream')) throw error
  }
  if (archive === null || !archived) return
  const inArchive = new Unread()
  const { messages } = await rewriteArchive(archive, stream, (message) => rule(message, inArchive.hear), { dryRun: !erase })
  yield outcomeOf(`archive of ${stream}`, messages)
  yield* inArchive.report(`archive of ${stream}`, null)
}

/** Messages of one place that cannot be read, by offset with the time at which they were stored. */
class Unread {
  readonly #messages = new Map<number, number>()

  /** `loaded` null: of an archive, which keeps everything. */
  report(where: string, loaded: LoadedConfig | null): readonly PlaceReport[] {
    if (this.#messages.size === 0) return []
    const offsets = [...this.#messages.keys()].sort((a, b) => a - b)
    const named = `${offsets.slice(0, NAMED).join(', ')}${offsets.length > NAMED ? ', …' : ''}`
    const goes = loaded === null ? 'An archive keeps it' : 'It goes with its stream'
    const until = loaded === null ? {} : { until: leaves(Math.max(...this.#messages.values()), loaded) }
    const why = `what cannot be read may tell of the row, and stays as it is: offset ${named} (look: sheetflow dlq list). ${goes}`
    return [{ place: `${UNREAD}${where}`, outcome: 'unknown', count: offsets.length, ...until, why }]
  }

  readonly hear = ({ offset, storedAt }: StoredMessage): void => {
    this.#messages.set(offset, storedAt)
  }
}

/** Is it about messages that cannot be read? */
export function isUnread({ place }: PlaceReport): boolean {
  return place.startsWith(UNREAD)
}

/** When what was stored then goes by itself. */
function leaves(at: number, { config }: LoadedConfig): string {
  return isoFromMs(at + config.limits.retentionHours * HOUR_MS)
}

function outcomeOf(place: string, count: number): PlaceReport {
  return { place, outcome: count === 0 ? 'clean' : 'erased', count }
}

function remaining(stream: string, count: number, lastAt: number, loaded: LoadedConfig, hasArchive: boolean): PlaceReport {
  const until = leaves(lastAt, loaded)
  const why = hasArchive
    ? 'the archive or a reader is not so far yet: run this command again in an hour'
    : 'a message on a NATS server cannot be changed, and nothing else keeps what a cut of the stream would take along'
  return { place: `stream ${stream}`, outcome: 'remains', count, until, why }
}
