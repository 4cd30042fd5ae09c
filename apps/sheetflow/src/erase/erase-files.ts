import { createReadStream, existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import { graphInbox, graphStream, sourceInbox, sourceStream } from '@sheetflow/core/subject'
import { rangeOf } from '@sheetflow/engine/ledger/reading-bus'
import type { BusDriver } from '../drivers/bus/bus-driver.ts'
import type { Ledger } from '../ledger/open-ledger.ts'
import { archiveDriver, busDriver, forgetDeletedIn, openBlobs, storeDriver } from '../registry.ts'
import type { Erasure } from './erasure.ts'
import type { PlaceReport } from './report.ts'

/** Checkpoints: they follow the source, so the row is not in them any more, but its bytes may be in what their files have not used again. */
export async function cleanCheckpoints({ places, graphs }: Ledger, erase: boolean): Promise<readonly PlaceReport[]> {
  const folder = path.join(places.data, 'state')
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.db')) : []
  const known = files.filter((file) => graphs.includes(file.slice(0, -'.db'.length)))
  const reports = await cleanFiles(
    'checkpoints',
    known.map((name) => {
      const file = path.join(folder, name)
      return { file, forgetDeleted: () => forgetDeletedIn(file) }
    }),
    erase,
  )
  const strange = files.filter((file) => !known.includes(file))
  if (strange.length === 0) return reports
  const why = `graphs that are not configured any more follow nothing: delete ${strange.map((file) => path.join(folder, file)).join(', ')}`
  return [...reports, { place: 'checkpoints of other graphs', outcome: 'remains', count: strange.length, why }]
}

/** Stores of views: as checkpoints. */
export async function cleanStores({ loaded }: Ledger, erase: boolean): Promise<readonly PlaceReport[]> {
  const reports: PlaceReport[] = []
  for (const name of Object.keys(loaded.config.stores)) {
    const { bytes } = await storeDriver(loaded, name)
    if (bytes.file === null) reports.push({ place: `store ${name}`, outcome: 'remains', count: 0, why: bytes.whatRemains })
    else reports.push(...(await cleanFiles(`store ${name}`, existsSync(bytes.file) ? [bytes] : [], erase)))
  }
  return reports
}

/** A file that can be written anew without what was deleted in it; `store/unavailable` while it is in use. */
interface Cleanable {
  readonly file: string
  forgetDeleted(): Promise<void>
}

async function cleanFiles(place: string, files: readonly Cleanable[], erase: boolean): Promise<readonly PlaceReport[]> {
  const reports: PlaceReport[] = []
  let done = 0
  for (const { file, forgetDeleted } of files) {
    try {
      if (erase) await forgetDeleted()
      done += 1
    } catch (error) {
      if (!isSheetflowError(error, 'store/unavailable')) throw error
      reports.push({
        place,
        outcome: 'remains',
        count: 1,
        why: `${file} is in use (${error.message}): stop the process that has it open and run this command again`,
      })
    }
  }
  return done === 0 && reports.length > 0 ? reports : [{ place, outcome: done === 0 ? 'clean' : 'erased', count: done }, ...reports]
}

/** Big values of the row that nothing else names. Where that cannot be known they stay. */
export async function eraseBlobs(ledger: Ledger, { trace, streams }: Erasure, erase: boolean): Promise<PlaceReport> {
  const place = 'big values'
  if (trace.blobs.size === 0) return { place, outcome: 'clean', count: 0 }
  const held = new Set<string>()
  for (const stream of allStreams(ledger)) {
    const rule = streams.find((one) => one.stream === stream)?.rule ?? (() => null)
    for await (const messages of everything(ledger.bus, stream)) {
      for (const message of messages) {
        const text = Buffer.from(rule(message, () => undefined) ?? message.body).toString('latin1')
        for (const hash of trace.blobs) if (text.includes(hash)) held.add(hash)
      }
    }
  }
  const storeFiles = await filesOfStores(ledger)
  const elsewhere = storeFiles.includes(null) || (await busDriver(ledger.loaded)).isShared
  // A row whose messages are trimmed stands in checkpoints and stores alone. Before those are written anew this row stands there too.
  const files = erase ? localFiles(ledger, storeFiles) : []
  for (const hash of trace.blobs) if (!held.has(hash) && (elsewhere || (await isNamedIn(files, hash)))) held.add(hash)
  const going = [...trace.blobs].filter((hash) => !held.has(hash))
  if (erase) {
    await using blobs = await openBlobs(ledger.places)
    for (const hash of going) await blobs.delete(hash)
  }
  if (held.size === 0) return { place, outcome: 'erased', count: going.length }
  const why = elsewhere
    ? 'whether other rows have the same value cannot be known from here'
    : `${going.length} were deleted; other rows have the same values`
  return { place, outcome: 'remains', count: held.size, why }
}

/** Half-written files of processes that died, in folders that nobody else uses now. */
export async function clearIncoming({ places, loaded }: Ledger, erase: boolean): Promise<PlaceReport> {
  const archive = await archiveDriver(loaded)
  const folders = [path.join(places.blobs, 'incoming'), ...(archive === null || archive.incoming === null ? [] : [archive.incoming])]
  let count = 0
  for (const folder of folders.filter((one) => existsSync(one))) {
    for (const file of readdirSync(folder)) {
      count += 1
      if (erase) rmSync(path.join(folder, file), { force: true, recursive: true })
    }
  }
  return { place: 'half-written files', outcome: count === 0 ? 'clean' : 'erased', count }
}

/** Files of the bus that no stream of this configuration is: set aside as damaged, or of an earlier configuration. */
export function strangeFiles(ledger: Ledger, bus: BusDriver): readonly PlaceReport[] {
  const strange = bus.strangeFiles(allStreams(ledger))
  if (strange.length === 0) return []
  const why = `no stream of this configuration: look whether they are needed, else delete ${strange.join(', ')}`
  return [{ place: 'other files of the bus', outcome: 'remains', count: strange.length, why }]
}

function* allStreams({ sources, graphs }: Ledger): Generator<string> {
  for (const source of sources) yield* [sourceStream(source), sourceInbox(source)]
  for (const graph of graphs) yield* [graphStream(graph), graphInbox(graph)]
}

async function* everything(bus: Bus, stream: string): ReturnType<Bus['read']> {
  const { first, last } = await rangeOf(bus, stream)
  if (last >= first) yield* bus.read(stream, { from: first, untilNow: true })
}

/** Null for one on a server. */
async function filesOfStores({ loaded }: Ledger): Promise<readonly (string | null)[]> {
  const drivers = await Promise.all(Object.keys(loaded.config.stores).map((name) => storeDriver(loaded, name)))
  return drivers.map(({ bytes }) => bytes.file)
}

function localFiles({ places, graphs }: Ledger, storeFiles: readonly (string | null)[]): readonly string[] {
  const files = [...graphs.flatMap((graph) => [places.state(graph), places.figures(graph)]), ...storeFiles.filter((file) => file !== null)]
  return files.flatMap((file) => [file, `${file}-wal`]).filter((file) => existsSync(file))
}

async function isNamedIn(files: readonly string[], text: string): Promise<boolean> {
  for (const file of files) {
    let rest = ''
    for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
      const seen = rest + String(chunk)
      if (seen.includes(text)) return true
      rest = seen.slice(-text.length)
    }
  }
  return false
}
