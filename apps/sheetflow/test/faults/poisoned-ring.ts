import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient, type Client, type Page } from '@sheetflow/client'
import type { DeadLetter, DeadLetters } from '@sheetflow/core/dead-letter'
import { encodeBody } from '@sheetflow/core/framing/codec'
import type { CommitBody, RowChange } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import { sourceStream, tableSubject } from '@sheetflow/core/subject'
import { lastLetters } from '@sheetflow/engine/letters/last-letters'
import { devToken } from '@sheetflow/serve/identity/dev-token'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { startEmbeddedPostgres, temporaryDataDir, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { WebSocket } from 'ws'
import { loadByLine } from '../../src/cli/load-by-line.ts'
import { openBus } from '../../src/registry.ts'
import { answered, RoleProcess } from '../process-ring.ts'
import { queryDatabase } from '../query-database.ts'

const STREAM = sourceStream('shop')
const FOLLOW_MS = 60_000
const NOTES = tableSubject('shop', 'public.notes')

const FILES: Readonly<Record<string, string>> = {
  'workbook.yaml': 'time_zone: UTC\nread: {clerk: all}\n',
  'notes.sheet.yaml': 'rows: =shop!notes\nkeep: [id, text]\npublish: {index: [id]}\nread:\n  clerk: all\n',
  'others.sheet.yaml': 'rows: =shop!others\nkeep: [id]\nread:\n  clerk: all\n',
}

/** A line of `dlq … --json`. */
export type LetterLine = DeadLetter & {
  readonly event: string
  readonly graph: string
  readonly message?: { readonly bytes: number } | null
}

interface Urls {
  readonly graphql: string
  readonly realtime: string
  readonly metrics: string
}

/** A Postgres that can be away, one `sheetflow start` over a bus of either kind, and a hand that puts messages on that bus. */
export class PoisonedRing implements AsyncDisposable {
  readonly #dir = mkdtempSync(path.join(tmpdir(), 'poison-'))
  readonly #pgDir: string
  readonly #secret = randomBytes(32).toString('hex')
  readonly #nats: NatsServer | null
  #postgres: EmbeddedPostgres
  #process: RoleProcess | null = null
  readonly #clients = new Set<Client>()
  #forged = 0
  #urls: Urls | null = null

  private constructor(postgres: EmbeddedPostgres, nats: NatsServer | null, pgDir: string) {
    this.#postgres = postgres
    this.#nats = nats
    this.#pgDir = pgDir
  }

  static async create(bus: 'sqlite' | 'nats'): Promise<PoisonedRing> {
    const pgDir = temporaryDataDir()
    const [postgres, nats] = await Promise.all([
      startEmbeddedPostgres({ dataDir: pgDir, copied: true }),
      bus === 'nats' ? startNats() : null,
    ])
    const ring = new PoisonedRing(postgres, nats, pgDir)
    await ring.sql('create table notes (id bigint primary key, text text not null)')
    await ring.sql('create table others (id bigint primary key)')
    ring.#configure()
    return ring
  }

  async start(): Promise<void> {
    const child = new RoleProcess(['start', '--json', '--port', '0', '--data', this.#data], this.#dir, {})
    this.#process = child
    this.#urls = (await child.ready).urls as Urls
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    this.#clients.clear()
    await this.#process?.stop()
    this.#process = null
  }

  /** What the process said, for a test that fails. */
  get output(): string {
    return this.#process?.output ?? ''
  }

  async postgresAway(): Promise<void> {
    await this.#postgres.stop()
  }

  async postgresBack(): Promise<void> {
    const { port, dataDir } = this.#postgres
    this.#postgres = await startEmbeddedPostgres({ dataDir, port })
  }

  /** A page of this query, followed. It is asked for until its view is there. */
  async follow(query: string): Promise<Page> {
    if (this.#urls === null) throw new Error('it does not run')
    const { graphql: url, realtime: realtimeUrl } = this.#urls
    const token = await devToken(Buffer.from(this.#secret), { user: 'test', role: 'clerk' }, Date.now())
    const host = { url, realtimeUrl, token: () => token, clock: () => Date.now(), random: Math.random, webSocket: WebSocket }
    for (const deadline = performance.now() + FOLLOW_MS; ; await pause(100)) {
      const client = createClient(host)
      const page = client.page(query)
      await answered(page)
      if (page.picture.error === null) {
        this.#clients.add(client)
        return page
      }
      client.close()
      if (performance.now() > deadline) throw new Error(`no view is there: ${JSON.stringify(page.picture)}\n${this.output}`)
    }
  }

  async metrics(): Promise<string> {
    return await (await fetch(this.#urls?.metrics ?? '')).text()
  }

  /** Runs a command beside the process, or without one; its lines. */
  async run(...args: readonly string[]): Promise<readonly LetterLine[]> {
    const child = new RoleProcess([...args, '--json', '--data', this.#data], this.#dir, {})
    await child.ended
    return child.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LetterLine)
  }

  /** How the letters stand, as the bus says. */
  async letters(): Promise<DeadLetters> {
    return await this.onBus(async (bus) => await lastLetters(bus, 'desk'))
  }

  /** A transaction of the notes as a broken writer would put it on the bus. Its offset. */
  async forge(rows: readonly unknown[]): Promise<number> {
    return await this.onBus(async (bus) => {
      const { commit, epoch } = await lastCommit(bus)
      const tx = `ctl-forged${++this.#forged}`
      const body = { v: 1, table: 'public.notes', schema: 1, tx, first: 0, rows: rows as RowChange[], commit }
      const message = { subject: NOTES, id: `${STREAM}/${epoch}/${tx}/0`, body: encodeBody(body) }
      return (await bus.append(STREAM, [message])).last
    })
  }

  /** Bytes on the subject of the notes that are no message at all. Their offset. */
  async garbage(text: string): Promise<number> {
    const id = `garbage-${++this.#forged}`
    return await this.onBus(async (bus) => (await bus.append(STREAM, [{ subject: NOTES, id, body: new TextEncoder().encode(text) }])).last)
  }

  async onBus<T>(what: (bus: Bus) => Promise<T>): Promise<T> {
    await using bus = await openBus(await loadByLine({ config: path.join(this.#dir, 'sheetflow.config.json'), data: this.#data }))
    return await what(bus)
  }

  async sql(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return await queryDatabase(this.#postgres.url, text, values)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#postgres.stop()
    await this.#nats?.[Symbol.asyncDispose]()
    for (const dir of [this.#dir, path.dirname(this.#pgDir)]) rmSync(dir, { recursive: true, force: true })
  }

  get #data(): string {
    return path.join(this.#dir, 'data')
  }

  #configure(): void {
    const workbook = path.join(this.#dir, 'workbooks/desk')
    mkdirSync(workbook, { recursive: true })
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(workbook, name), text)
    const bus = this.#nats === null ? { type: 'sqlite' } : { type: 'nats', servers: [this.#nats.url], syncInterval: 'always' }
    const config = {
      sources: { shop: { type: 'postgres', url: this.#postgres.url, tables: ['public.*'] } },
      bus,
      serve: { identity: { secret: this.#secret } },
    }
    writeFileSync(path.join(this.#dir, 'sheetflow.config.json'), JSON.stringify(config))
  }
}

/** Of the source's stream, as its next transaction would repeat it, and the epoch. */
async function lastCommit(bus: Bus): Promise<{ readonly commit: CommitBody; readonly epoch: number }> {
  const { first, last, epoch } = await bus.range(STREAM)
  let commit: CommitBody | undefined
  for await (const messages of bus.read(STREAM, { from: Math.max(first, last - 200), untilNow: true })) {
    for (const { subject, body } of messages) {
      const json = JSON.parse(new TextDecoder().decode(body)) as Partial<CommitBody> & { readonly commit?: CommitBody }
      if (json.commit !== undefined) commit = json.commit
      else if (subject.endsWith('._commit')) commit = json as CommitBody
    }
  }
  if (commit === undefined) throw new Error('the source has committed nothing')
  const { at, mark = '', inbox = 0 } = commit
  return { epoch, commit: { at, mark, inbox, causes: [], counts: {} } }
}
