import type { DriverSchema } from '../../driver-type.ts'

/** Views in a file of this machine: one process, or several on it. */
export interface SqliteStoreConfig {
  readonly type: 'sqlite'
  readonly file?: string | undefined
}

/** Its part of the configuration. */
export const sqliteStore: DriverSchema<SqliteStoreConfig> = ({ z }) =>
  z
    .object({ type: z.literal('sqlite'), file: z.string().optional().describe('The file; default views-<store>.db in the data folder.') })
    .strict()
