import type { ConnectionOptions } from 'node:tls'
import { randomUUID } from 'node:crypto'
import { assert } from '@sheetflow/core/assert'
import pg from 'pg'
import { coded, isDisconnected } from './store-error.ts'

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

const DEFAULT_CONNECTIONS = 8
const CONNECT_MS = 15_000
const IDLE_MS = 60_000
/** A question that takes longer is given up: by the server, and, should the server be gone without a word, by us. */
const READ_MS = 30_000
/** An index over a very large view takes its time. */
const WRITE_MS = 15 * 60_000
/** Others have no business on our tables: who waits longer for them says so. */
const LOCK_MS = 10_000
/** A writer that was stopped in the middle of a transaction stands in the way of the next one no longer than this. */
const IDLE_IN_TRANSACTION_MS = 60_000
const GRACE_MS = 10_000
/** After so many prepared statements a connection is replaced by a new one, because those of tables that are gone stay with it. */
const MAX_STATEMENTS = 300

/** What makes texts definite and keeps names from being found elsewhere; `jit` costs more than such statements take. */
const SESSION: Readonly<Record<string, string>> = {
  client_min_messages: 'warning',
  standard_conforming_strings: 'on',
  search_path: 'pg_catalog',
  default_transaction_isolation: 'read committed',
  extra_float_digits: '3',
  jit: 'off',
  lock_timeout: `${LOCK_MS}`,
  idle_in_transaction_session_timeout: `${IDLE_IN_TRANSACTION_MS}`,
}

const READING: Readonly<Record<string, string>> = {
  ...SESSION,
  statement_timeout: `${READ_MS}`,
  default_transaction_read_only: 'on',
}

/**
 * `synchronous_commit = off`: a power cut may take the last transactions with it, never a part of one; rows and position go back together, and
 * what is missing is read from the bus again.
 */
const WRITING: Readonly<Record<string, string>> = {
  ...SESSION,
  statement_timeout: `${WRITE_MS}`,
  synchronous_commit: 'off',
  // Rows are written by their keys, and by nothing else, whatever statistics say of a table that is new.
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_seqscan: 'off',
}

/** A bounded number of connections for reading. A question whose connection breaks is asked once more on another one. */
export class ReadPool implements AsyncDisposable {
  readonly #pool: pg.Pool
  /** Names of the statements that each connection has prepared. */
  readonly #prepared = new WeakMap<pg.PoolClient, Set<string>>()

  constructor(options: PostgresStoreOptions) {
    this.#pool = new pg.Pool({
      ...clientConfig(options, 'sheetflow reader', READ_MS + GRACE_MS),
      max: options.connections ?? DEFAULT_CONNECTIONS,
      idleTimeoutMillis: IDLE_MS,
      // Sent first, so it is done before anything else on this connection.
      onConnect: (client) => void client.query(settingsSql(READING)).catch(ignore),
    })
    // An idle connection that ends is no news: the pool makes another.
    this.#pool.on('error', ignore)
  }

  /** One statement: one snapshot. */
  async ask<R extends object>(what: string, text: string, values: readonly unknown[] = [], name?: string): Promise<R[]> {
    return await coded(what, async () => {
      try {
        return await this.#once<R>(text, values, name)
      } catch (error) {
        if (!isDisconnected(error)) throw error
        return await this.#once<R>(text, values, name)
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#pool.ended && !this.#pool.ending) await this.#pool.end()
  }

  async #once<R extends object>(text: string, values: readonly unknown[], name: string | undefined): Promise<R[]> {
    const client = await this.#pool.connect()
    client.on('error', ignore)
    const names = this.#prepared.get(client) ?? new Set()
    if (name !== undefined) this.#prepared.set(client, names.add(name))
    let broken: boolean = names.size > MAX_STATEMENTS
    try {
      return (await sqlOf(client).query<R>(text, values, name)).rows
    } catch (error) {
      broken ||= isDisconnected(error)
      throw error
    } finally {
      client.off('error', ignore)
      client.release(broken)
    }
  }
}

/** The one connection of a writer: made when it is needed, made again after it broke. Its transactions run one after the other. */
export class WriteSession implements AsyncDisposable {
  readonly #options: PostgresStoreOptions
  #client: pg.Client | null = null
  #names = new Set<string>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: PostgresStoreOptions) {
    this.#options = options
  }

  /** Runs `work` inside one transaction; all of it or nothing, or, when the connection breaks at its end, one of both. */
  transaction<T>(what: string, work: (sql: Sql) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => coded(what, () => this.#transaction(work)))
    this.#last = result.catch(ignore)
    return result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    await this.#close()
  }

  async #transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#connected()
    const { sql, close } = closable(sqlOf(client, this.#names))
    try {
      await client.query('BEGIN')
      const result = await work(sql)
      close()
      await client.query('COMMIT')
      return result
    } catch (error) {
      close()
      await client.query('ROLLBACK').catch(() => this.#close())
      throw error
    }
  }

  async #connected(): Promise<pg.Client> {
    if (this.#names.size > MAX_STATEMENTS) await this.#close()
    if (this.#client !== null) return this.#client
    const client = new pg.Client(clientConfig(this.#options, 'sheetflow writer', WRITE_MS + GRACE_MS))
    client.on('error', () => this.#lost(client))
    client.on('end', () => this.#lost(client))
    await client.connect()
    await client.query(settingsSql(WRITING))
    this.#client = client
    return client
  }

  #lost(client: pg.Client): void {
    if (this.#client === client) this.#client = null
    this.#names.clear()
  }

  async #close(): Promise<void> {
    const client = this.#client
    this.#client = null
    this.#names.clear()
    await client?.end().catch(ignore)
  }
}

function clientConfig({ url, tls }: PostgresStoreOptions, name: string, queryMs: number): pg.ClientConfig {
  return {
    connectionString: url,
    ...(tls === undefined ? {} : { ssl: tls }),
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: queryMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: GRACE_MS,
    types: TYPES,
  }
}

function settingsSql(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `SET ${name} TO '${value}'`)
    .join('; ')
}

function sqlOf(client: pg.Client | pg.PoolClient, names?: Set<string>): Sql {
  return {
    query: async <R extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
      if (name !== undefined) names?.add(name)
      const { rows, rowCount } = await client.query<R>({ text, values: [...values], ...(name === undefined ? {} : { name }) })
      return { rows, count: rowCount ?? 0 }
    },
  }
}

/** What was begun in a transaction and is still at it when it ends must not go on outside of it. */
function closable(sql: Sql): { readonly sql: Sql; readonly close: () => void } {
  let isOpen = true
  return {
    sql: {
      query: (text, values, name) => {
        assert(isOpen, 'a statement belongs to a transaction that is open')
        return sql.query(text, values, name)
      },
    },
    close: () => (isOpen = false),
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

/** A name that no statement of this process had before. */
let statements = 0
export function statementName(): string {
  return `sf_${++statements}`
}

/** What no other writer has, also none of a store that was restored from a backup. */
export function newToken(): string {
  return randomUUID()
}

function ignore(): void {}
