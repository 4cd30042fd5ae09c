import { assert } from '@sheetflow/core/assert'
import type pg from 'pg'
import { clientConfig, MAX_STATEMENTS, SESSION, settingsSql, sqlOf } from './connection.ts'
import type { PostgresStoreOptions, Sql } from './connection.ts'
import { Client } from './pg-module.ts'
import { coded } from './store-error.ts'

/** An index over a very large view takes its time. */
const WRITE_MS = 15 * 60_000
const GRACE_MS = 10_000

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
    const client = new Client(clientConfig(this.#options, 'sheetflow writer', WRITE_MS + GRACE_MS))
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

function ignore(): void {}
