import pg from 'pg'

/** A session at one of the databases. It may be lost at any moment: what is under way fails then, and `open` is false. */
export class Session {
  readonly pid: number
  open: boolean = true
  readonly #client: pg.Client

  private constructor(client: pg.Client, pid: number) {
    this.#client = client
    this.pid = pid
    client.on('error', () => (this.open = false))
    client.on('end', () => (this.open = false))
  }

  /** Short lock and deadlock timeouts: a writer that is stuck gives up and does something else. */
  static async connect(url: string): Promise<Session> {
    const client = new pg.Client({ connectionString: url, application_name: 'torture' })
    client.on('error', () => undefined)
    await client.connect()
    await client.query(`set deadlock_timeout = '50ms'; set lock_timeout = '3s'`)
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    return new Session(client, rows[0]?.pid ?? 0)
  }

  async rows<R extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.#client.query<R>(sql, [...values])).rows
  }

  /** How many rows it changed. */
  async change(sql: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.#client.query(sql, [...values])).rowCount ?? 0
  }

  async end(): Promise<void> {
    this.open = false
    await this.#client.end().catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}
