import type { DriverSchema } from '../../driver-type.ts'

/** One file a stream. */
export interface SqliteBusConfig {
  readonly type: 'sqlite'
  readonly dir?: string | undefined
}

/** Its part of the configuration. */
export const sqliteBus: DriverSchema<SqliteBusConfig> = ({ z }) =>
  z.object({ type: z.literal('sqlite'), dir: z.string().optional().describe('Folder with one file a stream.') }).strict()
