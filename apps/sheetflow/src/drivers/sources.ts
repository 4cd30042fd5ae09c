import { postgresSource, type PostgresSourceConfig, type PostgresSourceInput } from './source/postgres/config.ts'
import type { SourceType } from './source/source-driver.ts'

/** The table of sources: each name is a `type` of one of `sources` in a configuration. */
export const postgres: SourceType<PostgresSourceConfig, PostgresSourceInput> = {
  config: postgresSource,
  load: () => import('./source/postgres/driver.ts'),
}
