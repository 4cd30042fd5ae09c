import path from 'node:path'
import type { DriverHome } from '../../driver-type.ts'
import type { ArchiveDriver } from '../archive-driver.ts'
import type { FilesArchiveConfig } from './config.ts'

/** Segments as files of a folder, which processes on several machines may share. */
export function driver({ dir }: FilesArchiveConfig, { root, data }: DriverHome): ArchiveDriver {
  const folder = dir === undefined ? path.join(data, 'archive') : path.resolve(root, dir)
  return {
    open: async () => {
      const { openFileArchive } = await import('@sheetflow/store/archive/file-archive-store')
      return await openFileArchive(folder)
    },
    incoming: path.join(folder, 'incoming'),
  }
}
