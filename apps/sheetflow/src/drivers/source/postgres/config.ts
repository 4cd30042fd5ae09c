import type { SecretRef } from '../../../config/secret.ts'
import type { DriverSchema } from '../../driver-type.ts'
import type { SourceConfig } from '../source-driver.ts'

/** A database of Postgres. */
export interface PostgresSourceConfig extends SourceConfig {
  readonly type: 'postgres'
  readonly url: string | SecretRef
  /** `schema.table`, with `*` as wildcard. */
  readonly tables: readonly string[]
  /** Key columns of tables without a primary key. */
  readonly keys: Readonly<Record<string, readonly string[]>>
  readonly slot?: string | undefined
  readonly publication?: string | undefined
}

/** As it is written: what has a default may be left out. */
export interface PostgresSourceInput extends Omit<PostgresSourceConfig, 'tables' | 'keys'> {
  readonly tables?: readonly string[] | undefined
  readonly keys?: Readonly<Record<string, readonly string[]>> | undefined
}

/** Its part of the configuration. */
export const postgresSource: DriverSchema<PostgresSourceConfig, PostgresSourceInput> = ({ z, name, secretOrText }) =>
  z
    .object({
      type: z.literal('postgres'),
      url: secretOrText.describe('Connection URL, best a secret: secret("SHOP_URL").'),
      tables: z.array(z.string().min(1)).min(1).default(['public.*']).describe('Tables to capture: schema.table, with * as wildcard.'),
      keys: z
        .record(z.string(), z.array(z.string().min(1)).min(1))
        .default({})
        .describe('Key columns of tables that have no primary key.'),
      slot: name.optional().describe('Replication slot; default sheetflow_<source>.'),
      publication: name.optional().describe('Publication; default sheetflow_<source>.'),
      commands: z.string().optional().describe('Module whose default export is defineCommands({…}).'),
    })
    .strict()
