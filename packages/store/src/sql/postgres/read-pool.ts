import type pg from 'pg'
import { clientConfig, MAX_STATEMENTS, SESSION, settingsSql, sqlOf } from './connection.ts'
import type { PostgresStoreOptions } from './connection.ts'
import { Pool } from './pg-module.ts'
import { coded, isDisconnected } from './store-error.ts'

/** Connections of a reader, if nothing else is said. */
export const DEFAULT_CONNECTIONS: number = 8

/** A question that takes longer is given up: by the server, and, should the server be gone without a word, by us. */
const READ_MS = 30_000
const GRACE_MS = 10_000
const IDLE_MS = 60_000

const READING: Readonly<Record<string, string>> = {
  ...SESSION,
  statement_timeout: `${READ_MS}`,
  default_transaction_read_only: 'on',
}

/** A bounded number of connections for reading. A question whose connection breaks is asked once more on another one. */
export class ReadPool implements AsyncDisposable {
  readonly #pool: pg.Pool
  /** Names of the statements that each connection has prepared. */
  readonly #prepared = new WeakMap<pg.PoolClient, Set<string>>()

  constructor(options: PostgresStoreOptions) {
    this.#pool = new Pool({
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

function ignore(): void {}
