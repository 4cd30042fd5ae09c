import { SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import { RETAIN_RENEW_MS } from '../promises.ts'
import { assertSame } from './restore-stream.ts'
import { listSegments, putSegment } from './segment.ts'
import type { SegmentName } from './segment-name.ts'

/** Under which name the archive keeps a stream from being trimmed. */
const ARCHIVE_READER = 'archive'

export interface ArchiverOptions {
  readonly bus: Bus
  readonly store: ArchiveStore
  readonly stream: string
  readonly clock: Clock
  /** Bytes of messages above which a segment is full; default 8 MiB. */
  readonly segmentBytes?: number
  /** A message is in the archive at the latest so long after it was stored; default one hour. */
  readonly lingerMs?: number
  /** Called after each segment: up to where the archive reaches. */
  readonly onSegment?: (last: number) => void
}

const SEGMENT_BYTES = 8 * 1024 * 1024
const LINGER_MS = 3_600_000

/**
 * Copies a stream into the archive, segment by segment, from where the archive ends, until the signal aborts. The stream is retained up to there: a trim
 * takes nothing that is not archived yet. `bus/unknown-stream` while there is none. Two archivers of one stream lose nothing; the later one leaves out what it finds there, and if they write the same
 * messages at one moment readers take each offset once.
 */
export async function archiveStream(options: ArchiverOptions, signal: AbortSignal): Promise<void> {
  const { bus, stream } = options
  const { ends, from } = await begin(options)
  const over = new AbortController()
  const batches = bus.read(stream, { from, signal: AbortSignal.any([signal, over.signal]) })[Symbol.asyncIterator]()
  try {
    await copy(options, ends, batches, signal)
  } finally {
    // An archive that cannot be written is tried again and again: what was read ahead for this time, and who waits for more, goes.
    over.abort()
    void batches.return?.().catch(() => undefined)
  }
}

/** Where the archive ends. While it cannot be told (its disk is away, its last segment is damaged) the stream keeps all that it has: after a day nobody would wait for us any more. */
async function begin(options: ArchiverOptions): Promise<{ readonly ends: ArchiveEnd; readonly from: number }> {
  const { bus, stream } = options
  try {
    const ends = new ArchiveEnd(options, await endOf(options))
    return { ends, from: await ends.next() }
  } catch (error) {
    const { first } = await bus.range(stream)
    await bus.retain(stream, ARCHIVE_READER, first - 1)
    throw error
  }
}

async function copy(
  { clock, segmentBytes = SEGMENT_BYTES, lingerMs = LINGER_MS }: ArchiverOptions,
  ends: ArchiveEnd,
  batches: AsyncIterator<readonly StoredMessage[]>,
  signal: AbortSignal,
): Promise<void> {
  const waiting: StoredMessage[] = []
  let bytes = 0
  /** When the oldest of them was taken. */
  let inHand = 0
  for (let next = batches.next(); ;) {
    const [oldest] = waiting
    // Messages of a clock that has been set back since are of the future; in hand they are from now on.
    const since = oldest === undefined ? 0 : Math.min(oldest.storedAt, inHand)
    const come = await before(
      next,
      clock,
      oldest === undefined ? RETAIN_RENEW_MS : Math.min(lingerMs, since + lingerMs - clock.now()),
      signal,
    )
    if (come?.done === true || signal.aborted) return
    for (const message of come?.value ?? []) {
      if (waiting.length === 0) inHand = clock.now()
      waiting.push(message)
      bytes += message.body.byteLength
      if (bytes < segmentBytes) continue
      await ends.add(waiting.splice(0))
      bytes = 0
    }
    if (come !== null) next = batches.next()
    else if (waiting.length === 0) await ends.renew()
    else {
      await ends.add(waiting.splice(0))
      bytes = 0
    }
  }
}

/** Where the archive of a stream ends. */
class ArchiveEnd {
  readonly #options: ArchiverOptions
  #last: SegmentName | null

  constructor(options: ArchiverOptions, last: SegmentName | null) {
    this.#options = options
    this.#last = last
  }

  /** The first offset that is not in it and that the stream still has. */
  async next(): Promise<number> {
    const { bus, store, stream } = this.#options
    const { first, last } = await bus.range(stream)
    const end = this.#last?.last ?? 0
    if (end > last) {
      throw new SheetflowError('bus/archive-ahead', `the archive of ${stream} reaches to ${end}, the stream only to ${last}`, {
        fix: `The stream was begun anew. Move the folder ${stream} out of the archive; a new one is begun.`,
      })
    }
    // One that was begun anew and has grown beyond the archive's end looks as if it went on there.
    if (end >= first) await assertSame(bus, store, stream, end)
    await bus.retain(stream, ARCHIVE_READER, Math.max(end, first - 1))
    return Math.max(end + 1, first)
  }

  /** Says again what is archived: of a reader that is silent for a day nobody waits for. */
  async renew(): Promise<void> {
    const { bus, stream } = this.#options
    if (this.#last !== null) await bus.retain(stream, ARCHIVE_READER, this.#last.last)
  }

  async add(messages: readonly StoredMessage[]): Promise<void> {
    const { store, stream, onSegment } = this.#options
    const there = await listSegments(store, stream)
    this.#last = there.at(-1) ?? null
    for (const run of missingRuns(messages, there)) {
      const prev = there.findLast(({ last }) => last < (run[0]?.offset ?? 0))?.sha256 ?? null
      this.#last = await putSegment(store, stream, run, { prev, replaces: [] })
    }
    await this.renew()
    if (this.#last !== null) onSegment?.(this.#last.last)
  }
}

/**
 * What nobody has archived meanwhile, in runs of neighbours. Another archiver may have been here while this one waited, or was stopped; and what that one wrote may have been rewritten
 * since (`rewriteArchive`): messages of before must not come back beside it.
 */
function missingRuns(messages: readonly StoredMessage[], there: readonly SegmentName[]): readonly (readonly StoredMessage[])[] {
  const runs: StoredMessage[][] = []
  for (const message of messages) {
    const { offset } = message
    if (there.some(({ first, last }) => first <= offset && offset <= last)) continue
    const run = runs.at(-1)
    if (run?.at(-1)?.offset === offset - 1) run.push(message)
    else runs.push([message])
  }
  return runs
}

async function endOf({ store, stream }: ArchiverOptions): Promise<SegmentName | null> {
  return (await listSegments(store, stream)).at(-1) ?? null
}

/** What comes first: `next`, or the end of that time (null). */
async function before<T>(next: Promise<T>, clock: Clock, ms: number, signal: AbortSignal): Promise<T | null> {
  const waiting = new AbortController()
  try {
    const end = clock.sleep(Math.max(0, ms), AbortSignal.any([signal, waiting.signal]))
    return await Promise.race([next, end.then(() => null)])
  } finally {
    waiting.abort()
  }
}
