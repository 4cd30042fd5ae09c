import type pg from 'pg'
import { SheetflowError } from '@sheetflow/core/errors'
import type { CaptureState, TableRunState } from '@sheetflow/core/message'
import type { FollowStart } from '@sheetflow/core/ports/source'
import { BlobCollector } from './values/blob-collector.ts'
import type { CatalogueTable } from './catalogue/catalogue.ts'
import { readCatalogue } from './catalogue/catalogue.ts'
import { CatalogueWatch } from './catalogue/catalogue-watch.ts'
import { connectSql, sourceError } from './session/connect.ts'
import { EventQueue } from './log/event-queue.ts'
import { EventWriter } from './log/event-writer.ts'
import { Following, newLife } from './following.ts'
import { LogReader } from './log/log-reader.ts'
import type { Lsn } from './log/lsn.ts'
import { NO_LSN } from './log/lsn.ts'
import type { Origin } from './log/origin.ts'
import { checkOrigin, consistentPointOf, HistoryWitness, NO_ORIGIN, originOf } from './log/origin.ts'
import type { CatalogueQuery } from './catalogue/pg-type.ts'
import { readPublication } from './publication/publication.ts'
import type { PublicationLook } from './publication/publication-watch.ts'
import { PublicationWatch } from './publication/publication-watch.ts'
import type { Unpublished } from './publication/publishable.ts'
import { leaveOut, unpublishable } from './publication/publishable.ts'
import { ReplicationStream } from './log/replication-stream.ts'
import type { PostgresSettings } from './settings.ts'
import { endFormerLives, namedByLife } from './session/former-lives.ts'
import { publicationOf, slotOf, tableFilter } from './settings.ts'
import { createSlot, dropSlot, readSlot } from './log/slot.ts'
import { SnapshotProgress } from './snapshot/progress.ts'
import { SnapshotWork } from './snapshot/snapshot-work.ts'
import type { BookChange, KnownTable } from './tables/table-book.ts'
import { identitiesIn } from './tables/table-identity.ts'
import { TableBook } from './tables/table-book.ts'
import { chooseKey } from './catalogue/table-key.ts'

const QUEUE_BYTES = 8 * 1024 * 1024

/** Where the log is taken up. */
interface Place {
  readonly origin: Origin
  /** Up to here the source was told that everything is safe. */
  readonly confirmed: Lsn
  readonly fresh: boolean
}

/**
 * Connects, decides where to go on, and puts the parts together. A first start (or a new epoch) makes publication and slot; a later one checks that the source
 * still is what the bus knows: `source/slot-lost` and `source/foreign` say that it is not.
 */
export async function openFollowing(given: PostgresSettings, start: FollowStart, signal: AbortSignal): Promise<Following> {
  const settings = namedByLife(given)
  const sql = await connectSql(settings, signal)
  // Making the slot waits for every transaction that runs: the end of the connection is the only way out of that.
  signal.addEventListener('abort', () => void sql.end().catch(() => {}), { once: true })
  const query = oneByOne(sql)
  let stream: ReplicationStream | null = null
  try {
    await refuseStandby(query)
    await endFormerLives(query, settings, signal)
    stream = await ReplicationStream.open(settings, signal)
    const wanted = tableFilter(settings.tables)
    const catalogue = await readCatalogue(query, null)
    const able = capturable(
      settings,
      catalogue.filter((table) => wanted(table.name)),
    )
    const refused = await unknownAndUnpublishable(settings, start, query, able)
    const tables = able.filter((table) => !refused.some(({ oid }) => oid === table.oid))
    const publication = new PublicationWatch(query, publicationOf(settings), refused)
    const published = await publication.begin(tables)
    const place = await takeUp(settings, start, stream, query)
    return assemble({ settings, start, signal, sql, query, stream, place, catalogue, tables, publication, published })
  } catch (error) {
    stream?.[Symbol.dispose]()
    void sql.end().catch(() => {})
    throw sourceError(error)
  }
}

/**
 * What a standby says of slots and timelines is not the primary's word. While a cluster fails over its address may lead to one for a moment, so this is no
 * reason for a new epoch, nor for giving up.
 */
async function refuseStandby(query: CatalogueQuery): Promise<void> {
  const [row] = await query<{ standby: boolean }>('select pg_is_in_recovery() as standby', [])
  if (row?.standby !== true) return
  throw new SheetflowError('source/unreachable', 'This Postgres is a standby, or still recovers', {
    retry: 'later',
    fix: 'Point the URL at the primary.',
  })
}

/** Statements of several callers over one session, one after the other. */
function oneByOne(sql: pg.Client): CatalogueQuery {
  let last: Promise<unknown> = Promise.resolve()
  return async <Row>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]> => {
    const result = last.then(async () => await sql.query(text, [...parameters]))
    last = result.catch(() => {})
    return (await result).rows as readonly Row[]
  }
}

/** Tables that can be captured; one that is named without a pattern and cannot is an error, others are passed over. */
function capturable(settings: PostgresSettings, tables: readonly CatalogueTable[]): readonly CatalogueTable[] {
  for (const name of settings.tables.filter((pattern) => !/[*!]/.test(pattern))) {
    if (tables.some((table) => table.name === name)) continue
    throw new SheetflowError('source/unknown-table', `There is no table ${name}`, {
      fix: 'Correct `tables:` of the source, or create the table.',
    })
  }
  return tables.filter((table) => {
    const choice = chooseKey(table, settings.keys?.[table.name])
    if ('key' in choice) return true
    if (settings.tables.includes(table.name)) {
      throw new SheetflowError('source/no-key', `${table.name} cannot be captured: ${choice.why}`, { fix: choice.fix })
    }
    settings.log?.warn('source.refused', { source: settings.name, table: table.name, why: choice.why, fix: choice.fix })
    return false
  })
}

/** Of tables that the bus does not know yet those that cannot be published; none at the very first start, which has to be set up as a whole. */
async function unknownAndUnpublishable(
  settings: PostgresSettings,
  start: FollowStart,
  query: CatalogueQuery,
  tables: readonly CatalogueTable[],
): Promise<readonly Unpublished[]> {
  const known = start.control?.state.tables
  if (known === undefined) return []
  const name = publicationOf(settings)
  const unknown = tables.filter((table) => known[table.name] === undefined)
  const refused = unpublishable(name, await readPublication(query, name), unknown)
  leaveOut(settings, refused)
  return refused
}

async function takeUp(settings: PostgresSettings, start: FollowStart, stream: ReplicationStream, query: CatalogueQuery): Promise<Place> {
  const name = slotOf(settings)
  const slot = await readSlot(query, name)
  const origin = start.control?.state.origin ?? NO_ORIGIN
  if (origin.system !== '') {
    checkOrigin(origin, start.last, stream.identity, name, slot)
    return { origin, confirmed: slot.confirmed, fresh: false }
  }
  if (slot !== null) {
    if (slot.plugin !== 'pgoutput') {
      throw new SheetflowError('source/not-ready', `The replication slot ${name} is somebody else's (${slot.plugin})`, {
        fix: 'Give this source a slot of its own with `slot:`.',
      })
    }
    // Names of slots are the cluster's: dropping it would take another source's place in the log away.
    if (!slot.sameDatabase) {
      throw new SheetflowError(
        'source/not-ready',
        `The replication slot ${name} belongs to the database ${slot.database} of the same server`,
        {
          fix: 'Give this source a slot of its own with `slot:`.',
        },
      )
    }
    if (slot.activePid !== null) {
      throw new SheetflowError('source/slot-in-use', `The replication slot ${name} is used by process ${String(slot.activePid)}`, {
        retry: 'later',
        fix: 'Stop the other Sheetflow, or give this source a slot of its own.',
      })
    }
    await dropSlot(query, name)
  }
  const consistentPoint = await createSlot(query, name)
  return { origin: originOf(stream.identity, name, consistentPoint), confirmed: consistentPoint, fresh: true }
}

interface Assembly {
  readonly settings: PostgresSettings
  readonly start: FollowStart
  readonly signal: AbortSignal
  readonly sql: pg.Client
  readonly query: CatalogueQuery
  readonly stream: ReplicationStream
  readonly place: Place
  readonly catalogue: readonly CatalogueTable[]
  readonly tables: readonly CatalogueTable[]
  readonly publication: PublicationWatch
  /** What its first look saw. */
  readonly published: PublicationLook
}

// over: it names every part once and joins them; there is nothing to take out that would not have to be put back
function assemble({ settings, start, signal, sql, query, stream, place, catalogue, tables, publication, published }: Assembly): Following {
  const state = start.control?.state
  const life = newLife()
  const blobs = new BlobCollector(settings.blobs)
  const known = place.fresh ? knownNames(state?.tables ?? {}, tables) : knownTables(state?.tables ?? {})
  const book = new TableBook(blobs, { dates: settings.dates ?? {}, keys: settings.keys ?? {} }, start.schemas, known)
  const progress = new SnapshotProgress(place.fresh ? forgotten(state?.tables ?? {}) : (state?.tables ?? {}), settings.chunkRows)
  const queue: EventQueue = new EventQueue(settings.queueBytes ?? QUEUE_BYTES, () => following.room())
  const captureState = (): CaptureState => ({
    origin: place.origin,
    epochs: state?.epochs ?? [],
    tables: progress.state((name) => book.identity(name)),
  })
  const written = place.fresh ? NO_LSN : (start.last?.mark ?? place.confirmed)
  const writer = new EventWriter(queue, place.fresh ? place.confirmed : written, captureState)
  const snapshot = new SnapshotWork({
    progress,
    writer,
    life,
    table: (name) => book.byName(name),
    confirmed: place.confirmed,
    faults: settings.faults,
  })
  const witness = new HistoryWitness(place.fresh ? null : start.last, consistentPointOf(place.origin))
  const log = new LogReader({
    book,
    writer,
    snapshot,
    written,
    heartbeat: (name) => following.heartbeat(name),
    witness,
  })
  const watch = new CatalogueWatch(query, life, slotOf(settings), catalogue)
  watch.lookAgain(published.arrived)
  if (place.fresh) book.publishedAt(published.places)
  const changed = place.fresh ? (beginAll({ book, writer, snapshot, progress }, tables), []) : changedSince(book, tables)
  const gone = [...known.keys()].filter((oid) => !tables.some((table) => table.oid === oid))
  const missed = place.fresh
    ? []
    : tables.map(({ oid }) => oid).filter((oid) => wasMissed(known.get(oid), published.places.get(oid), published.missed.includes(oid)))
  const first = { told: book.told, changed, gone, missed, places: published.places }
  const parts = { settings, sql, query, stream, book, progress, blobs, queue, writer, snapshot, log, watch, publication }
  const following: Following = new Following(parts, first, signal)
  return following
}

interface Beginning {
  readonly book: TableBook
  readonly writer: EventWriter
  readonly snapshot: SnapshotWork
  readonly progress: SnapshotProgress
}

/**
 * The first start, or that of an epoch: every table is announced, those of before that this source does not have are dropped, and a run of all tables begins. The
 * source may be another one: oids that are known from before mean nothing here.
 */
function beginAll({ book, writer, snapshot, progress }: Beginning, tables: readonly CatalogueTable[]): void {
  const changes = tables.map((table) => book.fromCatalogue(table)).filter((change): change is BookChange => change !== undefined)
  writer.standalone(`ctl-${String(writer.nextNumber())}`, () => {
    for (const { table, schema } of changes) {
      if (schema) writer.schema(table.layout.schema)
      book.announced(table.oid)
    }
    for (const name of progress.names()) {
      if (book.byName(name) !== undefined) continue
      progress.drop(name)
      writer.control({ kind: 'drop', table: name })
    }
    writer.control({ kind: 'gate' })
    snapshot.begin(changes.map((change) => change.table.name))
  })
}

/**
 * A restart: tables that are as the bus knows them are taken as they are. The others may have changed anywhere in the log that is still to come, so the log
 * decides, and what it does not mention is settled at the first heartbeat.
 */
function changedSince(book: TableBook, tables: readonly CatalogueTable[]): readonly CatalogueTable[] {
  return tables.filter((table) => {
    // New, or renamed: another table may have had its name.
    if (book.knownName(table.oid) !== table.name) return true
    const change = book.fromCatalogue(table)
    if (change !== undefined && !change.schema && !change.run) return false
    book.forget(table.oid)
    return true
  })
}

/** Was something written into a table of before while it was not published? Its place in the publication is another one then, or it has none. */
function wasMissed(known: KnownTable | undefined, place: string | undefined, hadNone: boolean): boolean {
  return known !== undefined && (hadNone || (known.published !== undefined && known.published !== place))
}

/** By oid, from the identities in the run states. */
function knownTables(tables: CaptureState['tables']): ReadonlyMap<number, KnownTable> {
  return new Map([...identitiesIn(tables)].map(([name, identity]) => [identity.oid, { ...identity, name }]))
}

/** In a new epoch a name is all that is known of a table: the source may be another one, in which an oid is somebody else's. */
function knownNames(known: CaptureState['tables'], tables: readonly CatalogueTable[]): ReadonlyMap<number, KnownTable> {
  return new Map(
    tables.flatMap(({ oid, name }) => (known[name] === undefined ? [] : [[oid, { name, storage: '', published: undefined }] as const])),
  )
}

/** After a new epoch nothing that was loaded counts, but runs go on counting. */
function forgotten(tables: CaptureState['tables']): CaptureState['tables'] {
  const reset = (state: TableRunState): TableRunState => ({
    ...state,
    start: false,
    loaded: false,
    last: null,
    finished: false,
    repair: [],
  })
  return Object.fromEntries(Object.entries(tables).map(([name, state]) => [name, reset(state)]))
}
