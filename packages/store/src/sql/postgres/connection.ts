import type { ConnectionOptions } from 'node:tls'
import type pg from 'pg'

/** Where a store of views lies. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string
  /** The schema that is the store's alone: `[a-z][a-z0-9_]*`, at most 63 letters. */
  readonly schema: string
  /** Connections for reading at most (default 8); a writer has one more. */
  readonly connections?: number
  /** Beyond what the URL's `sslmode` says: certificates. */
  readonly tls?: ConnectionOptions | boolean
}

/** Runs statements on one connection. */
export interface Sql {
  /** Rows are objects of what Postgres prints, but small numbers, flags and JSON. `name`: prepared once per connection under it. */
  query<R extends object>(text: string, values?: readonly unknown[], name?: string): Promise<{ readonly rows: R[]; readonly count: number }>
}

const CONNECT_MS = 15_000
/** Others have no business on our tables: who waits longer for them says so. */
const LOCK_MS = 10_000
/** A writer that was stopped in the middle of a transaction stands in the way of the next one no longer than this. */
const IDLE_IN_TRANSACTION_MS = 60_000
const KEEP_ALIVE_MS = 10_000
/** After so many prepared statements a connection is replaced by a new one, because those of tables that are gone stay with it. */
export const MAX_STATEMENTS: number = 300

/** What makes texts definite and keeps names from being found elsewhere; `jit` costs more than such statements take. */
export const SESSION: Readonly<Record<string, string>> = {
  client_min_messages: 'warning',
  standard_conforming_strings: 'on',
  search_path: 'pg_catalog',
  default_transaction_isolation: 'read committed',
  extra_float_digits: '3',
  jit: 'off',
  lock_timeout: `${LOCK_MS}`,
  idle_in_transaction_session_timeout: `${IDLE_IN_TRANSACTION_MS}`,
}

/** How a connection is made; one whose answer takes longer than that is taken for broken. */
export function clientConfig({ url, tls }: PostgresStoreOptions, name: string, queryMs: number): pg.ClientConfig {
  return {
    connectionString: url,
    ...(tls === undefined ? {} : { ssl: tls }),
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: queryMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: TYPES,
  }
}

/** A large view is filled in one transaction: no limit that an administrator has set for others may end it. From Postgres 17 on there is one for the whole of it. */
const UNLIMITED = `SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout'`

/** Sets what has to be set before anything else. */
export function settingsSql(settings: Readonly<Record<string, string>>): string {
  return [...Object.entries(settings).map(([name, value]) => `SET ${name} TO '${value}'`), UNLIMITED].join('; ')
}

/** @param names gets the names under which something was prepared */
export function sqlOf(client: pg.Client | pg.PoolClient, names?: Set<string>): Sql {
  return {
    query: async <R extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
      if (name !== undefined) names?.add(name)
      const { rows, rowCount } = await client.query<R>({ text, values: [...values], ...(name === undefined ? {} : { name }) })
      return { rows, count: rowCount ?? 0 }
    },
  }
}

/** Everything as Postgres prints it, except flags, numbers and JSON of our own catalogue. */
const TYPES: { getTypeParser: (oid: number) => (text: string) => unknown } = {
  getTypeParser: (oid) => {
    switch (oid) {
      case 16:
        return (text) => text === 't'
      case 20:
      case 21:
      case 23:
        return Number
      case 114:
        return (text): unknown => JSON.parse(text)
      default:
        return (text) => text
    }
  },
}
