import { postgresStore, type PostgresStoreConfig, type PostgresStoreInput } from './store/postgres/config.ts'
import { sqliteStore, type SqliteStoreConfig } from './store/sqlite/config.ts'
import type { StoreType } from './store/store-driver.ts'

/** The table of stores: each name is a `type` of one of `stores` in a configuration. */
export const sqlite: StoreType<SqliteStoreConfig> = { config: sqliteStore, load: () => import('./store/sqlite/driver.ts') }
export const postgres: StoreType<PostgresStoreConfig, PostgresStoreInput> = {
  config: postgresStore,
  load: () => import('./store/postgres/driver.ts'),
}
