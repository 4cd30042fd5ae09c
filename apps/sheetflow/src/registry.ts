import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { BlobStore } from '@sheetflow/core/ports/blob-store'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { Checkpoint, StateStore } from '@sheetflow/core/ports/state-store'
import { must } from '@sheetflow/core/assert'
import type { LoadedConfig } from './config/load.ts'
import { placesOf, type Places } from './config/places.ts'
import type { ArchiveDriver } from './drivers/archive/archive-driver.ts'
import * as archives from './drivers/archives.ts'
import type { BusDriver } from './drivers/bus/bus-driver.ts'
import * as buses from './drivers/buses.ts'
import { loadDriver, type DriverHome } from './drivers/driver-type.ts'
import type { SourceDriver } from './drivers/source/source-driver.ts'
import * as sources from './drivers/sources.ts'
import type { StoreDriver } from './drivers/store/store-driver.ts'
import * as stores from './drivers/stores.ts'
import { LazyBlobs } from './runtime/lazy-blobs.ts'
import { resolveSecret } from './config/secret.ts'
import { secretPlaces } from './config/secret-places.ts'

/**
 * What of the configuration is behind which driver. The tables beside `drivers/driver-type.ts` say which there are; whoever wants to know something
 * of one asks it, and nobody looks at its `type`. Modules are loaded when they are needed, so that a thread holds only what its role uses.
 */

/** Opens the bus; with an archive, its streams reach back into that. `log` hears when a server has lost what it knew of a stream. */
export async function openBus(loaded: Pick<LoadedConfig, 'config' | 'root'>, log?: Log): Promise<Bus> {
  const bus = await (await busDriver(loaded)).open(log)
  const archive = await openArchive(loaded)
  if (archive === null) return bus
  const { ArchivedBus } = await import('@sheetflow/bus/archive/archived-bus')
  return new ArchivedBus(bus, archive)
}

/** Opens the archive of older segments; null if the configuration has none. */
export async function openArchive(loaded: Pick<LoadedConfig, 'config' | 'root'>): Promise<ArchiveStore | null> {
  const driver = await archiveDriver(loaded)
  return driver === null ? null : await driver.open()
}

/** Opens the bus for looking back: what its streams and the archive have is one history. Null where nothing has ever run: looking makes nothing. */
export async function openPastIfThere(loaded: Pick<LoadedConfig, 'config' | 'root'>): Promise<Bus | null> {
  const bus = await (await busDriver(loaded)).openIfThere()
  const archive = bus === null ? null : await openArchive(loaded)
  if (bus === null || archive === null) return bus
  const { pastBus } = await import('@sheetflow/bus/archive/past-bus')
  return pastBus(bus, archive)
}

/** The driver of the bus. */
export async function busDriver(loaded: Pick<LoadedConfig, 'config' | 'root'>): Promise<BusDriver> {
  return await loadDriver(buses, loaded.config.bus, homeOf(loaded))
}

/** What drivers are told of this configuration. */
function homeOf({ config, root }: Pick<LoadedConfig, 'config' | 'root'>): DriverHome {
  return {
    root,
    data: placesOf(config, root).data,
    secret: async (value) => (await resolveSecret(value, secretPlaces(config))).reveal(),
  }
}

/** The driver of the archive; null if the configuration has none. */
export async function archiveDriver(loaded: Pick<LoadedConfig, 'config' | 'root'>): Promise<ArchiveDriver | null> {
  const { archive } = loaded.config
  return archive === undefined ? null : await loadDriver(archives, archive, homeOf(loaded))
}

/** The driver of a source, by its name in the configuration. */
export async function sourceDriver(loaded: Pick<LoadedConfig, 'config' | 'root'>, name: string): Promise<SourceDriver> {
  const source = must(loaded.config.sources[name], `the source ${name} is configured`)
  const blobs = new LazyBlobs(() => openBlobs(placesOf(loaded.config, loaded.root)))
  return await loadDriver(sources, source, { ...homeOf(loaded), name, blobs })
}

/** The driver of a store of views, by its name in the configuration. */
export async function storeDriver(loaded: Pick<LoadedConfig, 'config' | 'root'>, name: string): Promise<StoreDriver> {
  const store = must(loaded.config.stores[name], `the store ${name} is configured`)
  return await loadDriver(stores, store, { ...homeOf(loaded), name })
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
