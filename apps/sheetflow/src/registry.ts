import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { EraseReport, StreamReport } from '@sheetflow/bus'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { Leases } from '@sheetflow/core/ports/leases'
import type { Presence } from '@sheetflow/core/ports/presence'
import type { Source } from '@sheetflow/core/ports/source'
import type { SetupCheck } from '@sheetflow/core/setup-check'
import type { Checkpoint, StateStore } from '@sheetflow/core/ports/state-store'
import type { Target } from '@sheetflow/core/ports/target'
import type { ReadableViewStore, ViewStore } from '@sheetflow/core/ports/view-store'
import { must } from '@sheetflow/core/assert'
import type { KeyJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import { SheetflowError } from '@sheetflow/core/errors'
import type { PostgresStoreOptions } from '@sheetflow/store/sql/postgres/connection'
import type { Config, PostgresStoreConfig } from './config/config.ts'
import type { LoadedConfig } from './config/load.ts'
import { placesOf, type Places } from './config/places.ts'
import { LazyBlobs } from './runtime/lazy-blobs.ts'
import { systemClock } from './ops/system-clock.ts'
import { resolveSecret } from './config/secret.ts'
import { natsOptions } from './config/nats-options.ts'
import { secretPlaces } from './config/secret-places.ts'
import { leaseSettings, tortureSettings } from './runtime/torture-hooks.ts'

/**
 * The registry of drivers: the `type` of a part of the configuration → what is behind it. A new driver is a folder in its package
 * and a line here. Modules are loaded when they are needed, so that a thread holds only what its role uses.
 */

/** Opens the bus; with an archive, its streams reach back into that. `log` hears when a server has lost what it knew of a stream. */
export async function openBus(loaded: Pick<LoadedConfig, 'config' | 'root'>, log?: Log): Promise<Bus> {
  const bus = await openStreams(loaded, log)
  const archive = await openArchive(loaded)
  if (archive === null) return bus
  const { ArchivedBus } = await import('@sheetflow/bus/archive/archived-bus')
  return new ArchivedBus(bus, archive)
}

/** Opens the archive of older segments; null if the configuration has none. */
export async function openArchive({ config, root }: Pick<LoadedConfig, 'config' | 'root'>): Promise<ArchiveStore | null> {
  switch (config.archive?.type) {
    case undefined:
      return null
    case 'files': {
      const { openFileArchive } = await import('@sheetflow/store/archive/file-archive-store')
      return await openFileArchive(placesOf(config, root).archive)
    }
  }
}

/** Opens the bus for looking back: what its streams and the archive have is one history. */
export async function openPast(loaded: Pick<LoadedConfig, 'config' | 'root'>): Promise<Bus> {
  const bus = await openStreams(loaded)
  const archive = await openArchive(loaded)
  if (archive === null) return bus
  const { PastBus } = await import('@sheetflow/bus/archive/past-bus')
  return new PastBus(bus, archive)
}

async function openStreams({ config, root }: Pick<LoadedConfig, 'config' | 'root'>, log?: Log): Promise<Bus> {
  switch (config.bus.type) {
    case 'sqlite': {
      const { openSqliteBus } = await import('@sheetflow/bus/sqlite/sqlite-bus')
      return await openSqliteBus({ dir: placesOf(config, root).bus })
    }
    case 'nats': {
      const { openNatsBus } = await import('@sheetflow/bus/nats/nats-bus')
      return await openNatsBus({ ...(await natsOptions(config, config.bus, root)), ...(log === undefined ? {} : { log }) })
    }
  }
}

/** Opens the leases that choose between processes on the same bus; null where the data folder's lock leaves no choice. */
export async function openLeases({ config, root }: Pick<LoadedConfig, 'config' | 'root'>): Promise<Leases | null> {
  switch (config.bus.type) {
    case 'sqlite':
      return null
    case 'nats': {
      const { openNatsLeases } = await import('@sheetflow/bus/nats/leases')
      return await openNatsLeases({ ...(await natsOptions(config, config.bus, root)), ...leaseSettings() })
    }
  }
}

/** Opens the news of all processes on the same bus; null where there is one process alone. */
export async function openPresence({ config, root }: Pick<LoadedConfig, 'config' | 'root'>): Promise<Presence | null> {
  switch (config.bus.type) {
    case 'sqlite':
      return null
    case 'nats': {
      const { openNatsPresence } = await import('@sheetflow/bus/nats/presence')
      return await openNatsPresence(await natsOptions(config, config.bus, root))
    }
  }
}

/** What the bus promises and what stands in its way, for `sheetflow doctor`. */
export async function checkBus({ config, root }: Pick<LoadedConfig, 'config' | 'root'>): Promise<readonly SetupCheck[]> {
  switch (config.bus.type) {
    case 'sqlite':
      return [{ name: 'sync', status: 'ok', message: 'SQLite files: what is confirmed to a source is on this disk' }]
    case 'nats': {
      const { checkNats } = await import('@sheetflow/bus/nats/checks')
      return await checkNats(await natsOptions(config, config.bus, root))
    }
  }
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

/** How this bus forgets: files are rewritten while nobody has them open, a server's stream is cut as far as the archive has it. */
export async function openBusEraser({ config, root }: Pick<LoadedConfig, 'config' | 'root'>): Promise<BusEraser> {
  switch (config.bus.type) {
    case 'sqlite': {
      const { countInStream, rewriteStream } = await import('@sheetflow/bus/sqlite/rewrite-stream')
      const dir = placesOf(config, root).bus
      return ({ stream, rule, erase }) =>
        Promise.try(() => ({ erased: erase ? rewriteStream(dir, stream, rule) : countInStream(dir, stream, rule), left: 0, lastAt: 0 }))
    }
    case 'nats': {
      const { eraseMessages } = await import('@sheetflow/bus/nats/erase-messages')
      const options = await natsOptions(config, config.bus, root)
      return ({ rule, ...request }) => eraseMessages(options, { ...request, wanted: (message) => rule(message) !== null })
    }
  }
}

/** The bus' files, looked at and mended while nobody has them open. */
export interface BusFiles {
  streams(): readonly string[]
  /** The first damage of a stream, and how far it is right. */
  verify(stream: string): StreamReport
  /** Takes the damaged file out of the way, so that the stream is built again; the path where it lies now. */
  setAside(stream: string): string
}

/** The files of the bus, for `verify`. */
export async function openBusFiles(config: Config, places: Places): Promise<BusFiles> {
  switch (config.bus.type) {
    case 'sqlite': {
      const { setStreamAside, streamsIn, verifyStream } = await import('@sheetflow/bus/sqlite/verify')
      return {
        streams: () => streamsIn(places.bus),
        verify: (stream) => verifyStream(places.bus, stream),
        setAside: (stream) => setStreamAside(places.bus, stream),
      }
    }
    case 'nats':
      throw new SheetflowError('app/usage', 'the bus of this configuration is a NATS server, which has no files here', {
        fix: 'The server checks its streams by itself; `nats stream report` shows what it lost.',
      })
  }
}

/** Who opens a source. */
export interface SourceLife {
  readonly log?: Log
  /** Counts the lives of its capture, where several processes might capture it. */
  readonly token?: number | null
}

/** Opens a source by its name in the configuration. */
export async function openSource(
  loaded: Pick<LoadedConfig, 'config' | 'root'>,
  name: string,
  { log, token = null }: SourceLife = {},
): Promise<Source> {
  const source = must(loaded.config.sources[name], `the source ${name} is configured`)
  const url = await resolveSecret(source.url, secretPlaces(loaded.config))
  switch (source.type) {
    case 'postgres': {
      const { PostgresSource } = await import('@sheetflow/source/postgres/postgres-source')
      return new PostgresSource({
        name,
        url: url.reveal(),
        tables: source.tables,
        keys: source.keys,
        // Whoever only looks at a source (init, doctor, lint) leaves no folder behind.
        blobs: new LazyBlobs(() => openBlobs(placesOf(loaded.config, loaded.root))),
        applicationName: 'sheetflow',
        ...(source.slot === undefined ? {} : { slot: source.slot }),
        ...(source.publication === undefined ? {} : { publication: source.publication }),
        ...(log === undefined ? {} : { log }),
        ...(token === null ? {} : { token }),
        ...tortureSettings(),
      })
    }
  }
}

/** Has the source itself a row with this key now? Errors as those of `openSource`. */
export async function isAtSource(
  { config }: Pick<LoadedConfig, 'config'>,
  name: string,
  schema: Pick<TableSchema, 'table' | 'key' | 'columns'>,
  key: KeyJson,
): Promise<boolean> {
  const source = must(config.sources[name], `the source ${name} is configured`)
  const url = await resolveSecret(source.url, secretPlaces(config))
  switch (source.type) {
    case 'postgres': {
      const { hasRow } = await import('@sheetflow/source/postgres/has-row')
      return await hasRow({ url: url.reveal(), applicationName: 'sheetflow' }, schema, key)
    }
  }
}

/** Opens the place where the commands of a source are executed. */
export async function openTarget(loaded: Pick<LoadedConfig, 'config' | 'root'>, name: string, log?: Log): Promise<Target> {
  const source = must(loaded.config.sources[name], `the source ${name} is configured`)
  const url = await resolveSecret(source.url, secretPlaces(loaded.config))
  switch (source.type) {
    case 'postgres': {
      const { openPostgresTarget } = await import('@sheetflow/source/postgres/target/target')
      return openPostgresTarget({
        url: url.reveal(),
        clock: systemClock,
        // Longer than the inbox is kept, so that whatever it delivers again is known.
        retainCommandsMs: (loaded.config.limits.retentionHours + 24) * 3_600_000,
        ...(log === undefined ? {} : { log }),
      })
    }
  }
}

/** Opens a store of views as its one writer. */
export async function openViews(config: Config, places: Places, name: string): Promise<ViewStore> {
  const store = must(config.stores[name], `the store ${name} is configured`)
  switch (store.type) {
    case 'sqlite': {
      const { openSqliteViews } = await import('@sheetflow/store/sql/sqlite/view-store')
      const file = places.store(name)
      mkdirSync(path.dirname(file), { recursive: true })
      return openSqliteViews(file)
    }
    case 'postgres': {
      const { openPostgresViews } = await import('@sheetflow/store/sql/postgres/view-store')
      return await openPostgresViews(await postgresViews(config, name, store))
    }
  }
}

/** Opens a store of views for reading; `store/unavailable` (retry later) while its writer has not created it. */
export async function openViewsForReading(config: Config, places: Places, name: string): Promise<ReadableViewStore> {
  const store = must(config.stores[name], `the store ${name} is configured`)
  switch (store.type) {
    case 'sqlite': {
      const { openSqliteViewsReadOnly } = await import('@sheetflow/store/sql/sqlite/view-store')
      return openSqliteViewsReadOnly(places.store(name))
    }
    case 'postgres': {
      const { openPostgresViewsReadOnly } = await import('@sheetflow/store/sql/postgres/view-store')
      return await openPostgresViewsReadOnly(await postgresViews(config, name, store))
    }
  }
}

/** What stands in the way of a store of views, for `doctor`; nothing of one that is a file. */
export async function checkViews(config: Config, name: string): Promise<readonly SetupCheck[]> {
  const store = must(config.stores[name], `the store ${name} is configured`)
  switch (store.type) {
    case 'sqlite':
      return []
    case 'postgres': {
      const { checkPostgresViews } = await import('@sheetflow/store/sql/postgres/checks')
      return await checkPostgresViews(await postgresViews(config, name, store))
    }
  }
}

async function postgresViews(config: Config, name: string, store: PostgresStoreConfig): Promise<PostgresStoreOptions> {
  const url = await resolveSecret(store.url, secretPlaces(config))
  return { url: url.reveal(), schema: store.schema ?? `sheetflow_${name}`, connections: store.connections }
}

/** Opens the checkpoints of a graph. */
export async function openState(places: Places, graph: string): Promise<StateStore> {
  const { openSqliteState } = await import('@sheetflow/store/state/sqlite-state-store')
  const file = places.state(graph)
  mkdirSync(path.dirname(file), { recursive: true })
  return openSqliteState(file)
}

/** Opens the checkpoint of a graph for looking; it may be in use. */
export async function lendState(places: Places, graph: string): Promise<Disposable & { readonly checkpoint: Checkpoint | null }> {
  const { lendSqliteState } = await import('@sheetflow/store/state/sqlite-state-store')
  return lendSqliteState(places.state(graph))
}

/** Writes a file of SQLite anew, without what was deleted in it. */
export async function forgetDeletedIn(file: string): Promise<void> {
  const { forgetDeleted } = await import('@sheetflow/store/sql/sqlite/forget-deleted')
  forgetDeleted(file)
}

/** Opens the store of big values. */
export async function openBlobs(places: Places): Promise<BlobStore> {
  const { openFileBlobs } = await import('@sheetflow/store/blob/file-blob-store')
  return await openFileBlobs(places.blobs)
}
