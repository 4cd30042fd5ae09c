import type { ArchiveType } from './archive/archive-driver.ts'
import { filesArchive, type FilesArchiveConfig } from './archive/files/config.ts'

/** The table of archives: each name is a `type` of `archive` in a configuration. */
export const files: ArchiveType<FilesArchiveConfig> = { config: filesArchive, load: () => import('./archive/files/driver.ts') }
