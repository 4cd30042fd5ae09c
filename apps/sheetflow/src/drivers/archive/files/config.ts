import type { DriverSchema } from '../../driver-type.ts'
import type { ArchiveConfig } from '../archive-driver.ts'

/** Segments as files of a folder. */
export interface FilesArchiveConfig extends ArchiveConfig {
  readonly type: 'files'
  readonly dir?: string | undefined
}

/** Its part of the configuration. */
export const filesArchive: DriverSchema<FilesArchiveConfig> = ({ z }) =>
  z
    .object({
      type: z.literal('files'),
      dir: z.string().optional().describe('Folder; default archive in the data folder.'),
      afterSeconds: z
        .number()
        .positive()
        .optional()
        .describe('A message is archived at the latest so long after it was stored. Default 3600.'),
    })
    .strict()
