import { systemClock } from '../../../ops/system-clock.ts'
import { tortureSettings } from '../../../runtime/torture-hooks.ts'
import type { SourceDriver, SourceHome } from '../source-driver.ts'
import type { PostgresSourceConfig } from './config.ts'

/** By this name the server lists our connections. */
const APPLICATION = 'sheetflow'

/** A database of Postgres, captured by logical replication; commands are transactions in it. */
export function driver({ url, tables, keys, slot, publication }: PostgresSourceConfig, { name, blobs, secret }: SourceHome): SourceDriver {
  return {
    open: async ({ log, token = null } = {}) => {
      const { PostgresSource } = await import('@sheetflow/source/postgres/postgres-source')
      return new PostgresSource({
        name,
        url: await secret(url),
        tables,
        keys,
        blobs,
        applicationName: APPLICATION,
        ...(slot === undefined ? {} : { slot }),
        ...(publication === undefined ? {} : { publication }),
        ...(log === undefined ? {} : { log }),
        ...(token === null ? {} : { token }),
        ...tortureSettings(),
      })
    },
    hasRow: async (schema, key) => {
      const { hasRow } = await import('@sheetflow/source/postgres/has-row')
      return await hasRow({ url: await secret(url), applicationName: APPLICATION }, schema, key)
    },
    openTarget: async ({ retainCommandsMs, log }) => {
      const { openPostgresTarget } = await import('@sheetflow/source/postgres/target/target')
      return openPostgresTarget({ url: await secret(url), clock: systemClock, retainCommandsMs, log })
    },
  }
}
