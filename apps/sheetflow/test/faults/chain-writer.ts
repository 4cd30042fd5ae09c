import { setTimeout as pause } from 'node:timers/promises'
import { connect, type TestClient } from '@sheetflow/testkit/postgres/live-postgres'

/**
 * Writes the chain: row `n` in a transaction of its own, naming the row before it. It lives in the process of the test, which nobody kills, and keeps what the source acknowledged. When
 * the answer to a commit is lost it looks whether the row is there before it goes on.
 */
export class ChainWriter {
  /** Rows whose transaction was begun, and those whose commit was answered or found. */
  produced = 0
  acknowledged = 0
  readonly #url: string
  #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(url: string) {
    this.#url = url
  }

  /** Makes the table, and those of `more`. */
  static async prepare(url: string, more = ''): Promise<void> {
    await using client = await connect(url)
    await client.query('create table links (n bigint primary key, prev bigint, text text not null)')
    if (more !== '') await client.query(more)
  }

  /** Writes a row about every so many milliseconds until `stop`. */
  start(everyMs: number): void {
    this.#stop = new AbortController()
    this.#running = this.#run(everyMs, this.#stop.signal)
    // Told by `stop`.
    this.#running.catch(() => undefined)
  }

  /** Ends it; what was begun is finished. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  /** Writes so many rows in one transaction. */
  async many(count: number): Promise<void> {
    await using client = await connect(this.#url)
    this.produced += count
    await client.query(`insert into links select n, nullif(n - 1, 0), 'link ' || n from generate_series($1::bigint, $2::bigint) n`, [
      this.produced - count + 1,
      this.produced,
    ])
    this.acknowledged = this.produced
  }

  /** Rows that stand in the source. Throws if they are no chain. */
  async links(): Promise<number> {
    await using client = await connect(this.#url)
    const { rows } = await client.query<{ n: string; whole: boolean }>(
      'select count(*)::text as n, coalesce(bool_and(coalesce(prev, 0) = n - 1) and max(n) = count(*), true) as whole from links',
    )
    if (rows[0]?.whole !== true) throw new Error('the rows of the source are no chain')
    return Number(rows[0].n)
  }

  async #run(everyMs: number, signal: AbortSignal): Promise<void> {
    let client: TestClient | null = null
    while (!signal.aborted) {
      try {
        client ??= await connect(this.#url)
        await this.#write(client)
        await pause(everyMs, undefined, { signal }).catch(() => undefined)
      } catch {
        await client?.end().catch(() => undefined)
        client = null
        await pause(50)
      }
    }
    await client?.end().catch(() => undefined)
  }

  async #write(client: TestClient): Promise<void> {
    const n = this.acknowledged + 1
    this.produced = n
    const prev = n === 1 ? null : n - 1
    // A row that is there already was committed, and its answer lost.
    await client.query('insert into links values ($1, $2, $3) on conflict (n) do nothing', [n, prev, `link ${String(n)}`])
    this.acknowledged = n
  }
}
