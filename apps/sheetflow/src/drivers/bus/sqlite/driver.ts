import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { DriverHome } from '../../driver-type.ts'
import type { BusDriver, BusEraser, BusFiles } from '../bus-driver.ts'
import type { SqliteBusConfig } from './config.ts'

/** Streams in files of the data folder: one process has them, whoever holds its lock. */
export function driver({ dir }: Pick<SqliteBusConfig, 'dir'>, { root, data }: DriverHome): BusDriver {
  const folder = dir === undefined ? path.join(data, 'bus') : path.resolve(root, dir)
  const open = async (): Promise<Bus> => {
    const { openSqliteBus } = await import('@sheetflow/bus/sqlite/sqlite-bus')
    return await openSqliteBus({ dir: folder })
  }
  return {
    isShared: false,
    open,
    openIfThere: async () => (existsSync(folder) ? await open() : null),
    openLeases: () => Promise.resolve(null),
    openPresence: () => Promise.resolve(null),
    check: () => Promise.resolve([{ name: 'sync', status: 'ok', message: 'SQLite files: what is confirmed to a source is on this disk' }]),
    openEraser: () => eraserOf(folder),
    openFiles: () => filesOf(folder),
    strangeFiles: (streams) => strangeFilesIn(folder, streams),
  }
}

/** Files are rewritten while nobody has them open. */
async function eraserOf(folder: string): Promise<BusEraser> {
  const { countInStream, rewriteStream } = await import('@sheetflow/bus/sqlite/rewrite-stream')
  return ({ stream, rule, erase }) =>
    Promise.try(() => ({ erased: erase ? rewriteStream(folder, stream, rule) : countInStream(folder, stream, rule), left: 0, lastAt: 0 }))
}

async function filesOf(folder: string): Promise<BusFiles> {
  const { setStreamAside, streamsIn, verifyStream } = await import('@sheetflow/bus/sqlite/verify')
  return {
    streams: () => streamsIn(folder),
    verify: (stream) => verifyStream(folder, stream),
    setAside: (stream) => setStreamAside(folder, stream),
  }
}

function strangeFilesIn(folder: string, streams: Iterable<string>): readonly string[] {
  if (!existsSync(folder)) return []
  const known = new Set([...streams].map((stream) => `${stream}.db`))
  return readdirSync(folder)
    .filter((file) => /\.db(\.damaged-\d+)?$/.test(file) && !known.has(file))
    .map((file) => path.join(folder, file))
}
