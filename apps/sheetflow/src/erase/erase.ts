import { hostname } from 'node:os'
import path from 'node:path'
import { claimArchive, type ArchiveClaimant } from '@sheetflow/bus/archive/claim-archive'
import { isoFromMs } from '@sheetflow/core/calendar'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import { graphInbox, sourceStream } from '@sheetflow/core/subject'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'
import type { Ledger } from '../ledger/open-ledger.ts'
import { systemClock } from '../ops/system-clock.ts'
import { busDriver, openArchive } from '../registry.ts'
import { beginRecord, writeRecord } from './audit.ts'
import { cleanCheckpoints, cleanStores, clearIncoming, eraseBlobs, strangeFiles } from './erase-files.ts'
import { eraseStream, type StreamTools } from './erase-streams.ts'
import type { Erasure } from './erasure.ts'
import { OUT_OF_REACH, type PlaceReport } from './report.ts'
import { lettersOfRow } from './row-letters.ts'
import { tellsElsewhere } from './stream-rules.ts'

/** What became of an erasure. */
export interface Erased {
  readonly places: readonly PlaceReport[]
  /** The record's file; null: nothing was changed. */
  readonly record: string | null
}

/**
 * Erases the row, or counts what would be erased; `onPlace` hears of each place when it is done. The caller has seen that nothing stands in the way, and on a bus of files holds the
 * lock of the data folder. Every step leaves each file old or new, and doing it again does the rest; the stream of the source comes last, because it alone says what to look for in the others.
 */
export async function eraseRow(
  ledger: Ledger,
  erasure: Erasure,
  { dryRun, onPlace }: { readonly dryRun: boolean; readonly onPlace: (place: PlaceReport) => void },
): Promise<Erased> {
  await using archive = await openArchive(ledger.loaded)
  if (!dryRun && archive !== null) await assertArchived(ledger, erasure, archive)
  // The lock of the data folder does not keep others from an archive that several folders share.
  await using _claim = dryRun || archive === null ? null : await claimArchive(archive, claimant(ledger))
  const folder = path.join(ledger.places.data, 'erasures')
  const record = beginRecord(folder, erasure.row)
  if (!dryRun) await writeRecord(folder, record)
  const places: PlaceReport[] = []
  for await (const place of eachPlace(ledger, erasure, { loaded: ledger.loaded, archive, erase: !dryRun })) {
    places.push(place)
    onPlace(place)
  }
  if (dryRun) return { places, record: null }
  return { places, record: await writeRecord(folder, { ...record, finished: isoFromMs(systemClock.now()), places }) }
}

/** The data folder, whose lock the caller holds: what a former process left there is this one's to end. */
function claimant({ places }: Ledger): ArchiveClaimant {
  return { place: `${hostname()}:${path.resolve(places.data)}`, about: { pid: process.pid, since: isoFromMs(systemClock.now()) } }
}

/** What is not archived yet cannot leave a server; once the source's stream is erased nobody would know what to look for in it. */
async function assertArchived({ loaded }: Ledger, { streams }: Erasure, archive: ArchiveStore): Promise<void> {
  for (const one of streams.filter(({ archived }) => archived)) {
    for await (const { outcome, place, count } of eraseStream(one, { loaded, archive, erase: false })) {
      if (outcome !== 'remains') continue
      throw new SheetflowError(
        'erase/not-yet',
        `the archive, or a reader, is not yet behind ${count} messages of the ${place} that tell of the row`,
        {
          fix: "'sheetflow archive' shows how far it is: let Sheetflow run until it is up to date, and try again.",
        },
      )
    }
  }
}

async function* eachPlace(ledger: Ledger, erasure: Erasure, tools: StreamTools): AsyncGenerator<PlaceReport> {
  const { erase } = tools
  const own = sourceStream(erasure.row.source)
  for (const one of erasure.streams) if (one.stream !== own) yield* eraseStream(one, tools)
  yield* await cleanCheckpoints(ledger, erase)
  yield* await cleanStores(ledger, erase)
  yield await eraseBlobs(ledger, erasure, erase)
  const bus = await busDriver(ledger.loaded)
  if (!bus.isShared) yield await clearIncoming(ledger, erase)
  for (const one of erasure.streams) if (one.stream === own) yield* eraseStream(one, tools)
  yield* await lettersOfRow(ledger, erasure.row)
  for (const graph of ledger.graphs) yield* await typedIn(ledger, erasure, graph)
  yield* [...strangeFiles(ledger, bus), ...madeOfIt(erasure), ...OUT_OF_REACH]
}

/** Edits and answers of functions in a graph's inbox are no copies of the row: they are told, not changed. */
async function typedIn({ bus, loaded }: Ledger, { telling }: Erasure, graph: string): Promise<readonly PlaceReport[]> {
  const stream = graphInbox(graph)
  const { first, last } = await rangeOf(bus, stream)
  let count = 0
  let lastAt = 0
  if (last >= first && telling.count > 0) {
    for await (const messages of bus.read(stream, { from: first, untilNow: true })) {
      for (const message of messages) {
        if (!tellsElsewhere(message, telling)) continue
        count += 1
        lastAt = message.storedAt
      }
    }
  }
  if (count === 0) return []
  const until = isoFromMs(lastAt + loaded.config.limits.retentionHours * 3_600_000)
  const why = 'typed into a sheet, or asked of a function: it is no copy of the row. Change it in the sheet'
  return [{ place: `typed in ${stream}`, outcome: 'remains', count, ...(loaded.config.archive === undefined ? { until } : {}), why }]
}

/** What the search by values cannot find. */
function madeOfIt({ trace, telling, unknownLineage }: Erasure): readonly PlaceReport[] {
  const short = trace.values.length + trace.common - telling.count
  const lineage =
    unknownLineage.length === 0
      ? ''
      : `; the sheets of ${unknownLineage.join(', ')} are not known, so rows of theirs were found by values alone`
  const why =
    `in the history of sheets the row itself and ${telling.count} of its values were looked for; ${short} that are short, or that other rows have too, and what formulas made of it ` +
    `(sums, initials) were not${lineage}`
  return [{ place: 'what formulas made of it', outcome: 'unknown', count: 0, why }]
}
