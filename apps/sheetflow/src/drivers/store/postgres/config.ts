import type { SecretRef } from '../../../config/secret.ts'
import type { DriverSchema } from '../../driver-type.ts'

/** Views in a schema of Postgres: `serve` processes on any machine read them. */
export interface PostgresStoreConfig {
  readonly type: 'postgres'
  readonly url: string | SecretRef
  /** Absent: `sheetflow_<name of the store>`. */
  readonly schema?: string | undefined
  /** Connections for reading at most, of each process. */
  readonly connections: number
}

/** As it is written: what has a default may be left out. */
export interface PostgresStoreInput extends Omit<PostgresStoreConfig, 'connections'> {
  readonly connections?: number | undefined
}

/** Its part of the configuration. */
export const postgresStore: DriverSchema<PostgresStoreConfig, PostgresStoreInput> = ({ z, name, secretOrText }) =>
  z
    .object({
      type: z.literal('postgres'),
      url: secretOrText.describe('Connection URL, best a secret: secret("VIEWS_URL").'),
      schema: name.max(63).optional().describe("The store's own schema; default sheetflow_<store>."),
      connections: z.number().int().min(1).max(100).default(8).describe('Connections for reading at most, of each process.'),
    })
    .strict()
