import type { PostgresStoreOptions } from '@sheetflow/store/sql/postgres/connection'
import type { StoreDriver, StoreHome } from '../store-driver.ts'
import type { PostgresStoreConfig } from './config.ts'

const WHAT_REMAINS =
  'the rows are gone; their bytes leave the tables with VACUUM FULL in its schema, and the log and backups of that server as it is set up'

/** Views in a schema of Postgres: `serve` processes on any machine read them. */
export function driver({ url, schema, connections }: PostgresStoreConfig, { name, secret }: StoreHome): StoreDriver {
  const options = async (): Promise<PostgresStoreOptions> => ({
    url: await secret(url),
    schema: schema ?? `sheetflow_${name}`,
    connections,
  })
  return {
    open: async () => {
      const { openPostgresViews } = await import('@sheetflow/store/sql/postgres/view-store')
      return await openPostgresViews(await options())
    },
    openForReading: async () => {
      const { openPostgresViewsReadOnly } = await import('@sheetflow/store/sql/postgres/view-store')
      return await openPostgresViewsReadOnly(await options())
    },
    check: async () => {
      const { checkPostgresViews } = await import('@sheetflow/store/sql/postgres/checks')
      return await checkPostgresViews(await options())
    },
    bytes: { file: null, whatRemains: WHAT_REMAINS },
  }
}
