import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import pg from 'pg'
import type { PostgresBinaries } from './binaries.ts'
import { startEmbeddedPostgres, temporaryDataDir } from './embedded.ts'
import type { EmbeddedPostgres } from './embedded.ts'
import { chosenBinaries } from './majors.ts'
import type { PostgresServer } from './majors.ts'

/** A real Postgres for one test file: fast because it never syncs, still safe against the kills that tests do. */
export class LivePostgres {
  #server: EmbeddedPostgres
  readonly #settings: Readonly<Record<string, string>>
  readonly #binaries: PostgresBinaries | undefined
  #databases = 0

  private constructor(server: EmbeddedPostgres, settings: Readonly<Record<string, string>>, binaries: PostgresBinaries | undefined) {
    this.#server = server
    this.#settings = settings
    this.#binaries = binaries
  }

  /** `own`: a system of its own; otherwise all have the same system identifier. */
  static async start(settings: Readonly<Record<string, string>> = {}, on?: PostgresServer, own: boolean = false): Promise<LivePostgres> {
    const binaries = await (on === undefined ? chosenBinaries() : on.binaries())
    const all = { fsync: 'off', max_replication_slots: '200', max_wal_senders: '20', max_connections: '100', ...settings }
    const server = await startEmbeddedPostgres({
      dataDir: temporaryDataDir(),
      copied: !own,
      settings: all,
      ...(binaries === undefined ? {} : { binaries }),
    })
    return new LivePostgres(server, all, binaries)
  }

  /** A new database, and its URL. */
  async database(): Promise<string> {
    const name = `t${String(++this.#databases)}`
    await using admin = await connect(this.#server.url)
    await admin.query(`create database ${name}`)
    return this.url(name)
  }

  url(database: string): string {
    return this.#server.url.replace(/\/postgres$/, `/${database}`)
  }

  /** kill -9, then a new server on the same data and port. */
  async crash(): Promise<void> {
    await this.#server.kill9()
    await this.#restart()
  }

  async stop(): Promise<void> {
    await this.#server.stop()
  }

  /** Starts it again after `stop`, with more settings for this time. */
  async restart(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#restart(settings)
  }

  /** The cluster's folder. What is done to it while the server is stopped has to be readable for the user that the server runs as. */
  get dataDir(): string {
    return this.#server.dataDir
  }

  /** The programs it runs; undefined: those that the repository installed. */
  get binaries(): PostgresBinaries | undefined {
    return this.#binaries
  }

  async end(): Promise<void> {
    await this.#server.stop()
    rmSync(dirname(this.#server.dataDir), { recursive: true, force: true })
  }

  async #restart(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const { dataDir, port } = this.#server
    this.#server = await startEmbeddedPostgres({
      dataDir,
      port,
      settings: { ...this.#settings, ...settings },
      ...(this.#binaries === undefined ? {} : { binaries: this.#binaries }),
    })
  }
}

/** A client that is ended by `await using`. Its errors while idle are left to the next query. */
export type TestClient = pg.Client & AsyncDisposable

/** Its commits wait for no standby, whatever the server is set to. */
export async function connect(url: string): Promise<TestClient> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  await client.query('set synchronous_commit = local')
  return Object.assign(client, { [Symbol.asyncDispose]: async () => await client.end().catch(() => {}) })
}

/** `16`: the server's major version. */
export async function majorOf(client: TestClient): Promise<number> {
  const { rows } = await client.query<{ version: string }>(`select current_setting('server_version_num') as version`)
  return Math.floor(Number(rows[0]?.version) / 10_000)
}
