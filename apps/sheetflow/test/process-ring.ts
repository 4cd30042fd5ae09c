import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openNatsLeases } from '@sheetflow/bus/nats/leases'
import { writersOf } from '@sheetflow/bus/nats/testing/writers'
import { createClient, type Client, type Page } from '@sheetflow/client'
import { devToken } from '@sheetflow/serve/identity/dev-token'
import { leaseHolders } from '@sheetflow/testkit/nats/lease-holders'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { startEmbeddedPostgres, temporaryDataDir, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { WebSocket } from 'ws'
import { queryDatabase } from './query-database.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** What stands before the arguments of `sheetflow` in this repository. */
export const NODE_ARGUMENTS: readonly string[] = ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN]

/** Everything has to have begun by then, on a machine that does much else. */
const FOLLOW_MS = 180_000

const FILES: Readonly<Record<string, string>> = {
  'workbook.yaml': 'time_zone: UTC\nread: {clerk: all}\n',
  'notes.sheet.yaml': 'rows: =shop!notes\nkeep: [id, text]\ncolumns:\n  doubled: =[@id]*2\npublish: {index: [id]}\nread:\n  clerk: all\n',
}

/** What `sheetflow start --json` says when it is ready. */
export interface ReadyEvent {
  readonly urls?: { readonly graphql: string; readonly realtime: string }
  /** Where a process that serves nothing answers. */
  readonly opsUrl?: string
}

/** How the processes of a ring are set up. */
export interface RingOptions {
  /** Silence after which a lease is taken over. */
  readonly silentMs?: number
  /** How long a process that serves sends its clients elsewhere when it is told to end by SIGTERM. */
  readonly drainSeconds?: number
  /** Lines of the block `jetstream` of the server. */
  readonly jetstream?: readonly string[]
}

/** A Postgres with one table, a NATS server, a configuration over both, and the processes that a test starts: `sheetflow start --roles …`. */
export class ProcessRing implements AsyncDisposable {
  readonly nats: NatsServer
  readonly postgres: EmbeddedPostgres
  /** A file here of a stream's name stops whoever appends to that stream next (with `silentMs`). */
  readonly stopFolder: string
  readonly #dir: string
  readonly #pgDir: string
  readonly #drainSeconds: number | undefined
  readonly #secret = randomBytes(32).toString('hex')
  readonly #env: Readonly<Record<string, string>>
  readonly #processes = new Set<RoleProcess>()
  readonly #clients = new Set<Client>()
  #notes = 0

  private constructor(parts: Pick<ProcessRing, 'nats' | 'postgres'>, dir: string, pgDir: string, { silentMs, drainSeconds }: RingOptions) {
    this.nats = parts.nats
    this.postgres = parts.postgres
    this.#dir = dir
    this.#pgDir = pgDir
    this.#drainSeconds = drainSeconds
    this.stopFolder = path.join(dir, 'stop')
    mkdirSync(this.stopFolder)
    this.#env = silentMs === undefined ? {} : { SHEETFLOW_TORTURE: JSON.stringify({ silentMs, stopFolder: this.stopFolder }) }
  }

  static async create(options: RingOptions = {}): Promise<ProcessRing> {
    const dir = mkdtempSync(path.join(tmpdir(), 'processes-'))
    const pgDir = temporaryDataDir()
    const [nats, postgres] = await Promise.all([
      startNats({ jetstream: options.jetstream ?? [] }),
      startEmbeddedPostgres({ dataDir: pgDir, copied: true }),
    ])
    const ring = new ProcessRing({ nats, postgres }, dir, pgDir, options)
    await ring.sql('create table notes (id bigint primary key, text text not null)')
    ring.#configure()
    return ring
  }

  /** A process with these roles; it may be waited for with `ready`. */
  start(roles: string, { port = 0, data = 'data' }: { readonly port?: number; readonly data?: string } = {}): RoleProcess {
    const args = ['start', '--json', '--roles', roles, '--port', String(port), '--data', path.join(this.#dir, data)]
    const process = new RoleProcess(args, this.#dir, this.#env)
    this.#processes.add(process)
    return process
  }

  /** A process with this command line and environment, as something that starts processes has them. */
  startWith(args: readonly string[], env: Readonly<Record<string, string>>): RoleProcess {
    const process = new RoleProcess(args, this.#dir, { ...this.#env, ...env })
    this.#processes.add(process)
    return process
  }

  /** A place in the ring's folder, for files of a process. */
  folder(name: string): string {
    return path.join(this.#dir, name)
  }

  /** Runs a command to its end; what it printed, line by line. */
  async run(...args: readonly string[]): Promise<readonly string[]> {
    const process = new RoleProcess(args, this.#dir, this.#env)
    await process.ended
    return process.output.trim().split('\n')
  }

  /** A page of all notes, followed at this process. It is asked for until the view is there: who asks before is answered once and follows nothing. */
  async follow(serve: RoleProcess, query = '{ notes(order_by: [{id: desc}], limit: 50) { id text } }'): Promise<Page> {
    const { urls } = await serve.ready
    if (urls === undefined) throw new Error('this process serves nothing')
    const { page } = await this.followAt([urls.graphql], query)
    return page
  }

  /** The same at addresses of GraphQL endpoints, one of which answers. */
  async followAt(urls: readonly string[], query: string): Promise<{ readonly client: Client; readonly page: Page }> {
    const token = await this.token()
    const deadline = performance.now() + FOLLOW_MS
    for (;;) {
      const client = createClient({ url: urls, token: () => token, clock: () => Date.now(), random: Math.random, webSocket: WebSocket })
      const page = client.page(query)
      await answered(page)
      if (page.picture.state === 'live') {
        this.#clients.add(client)
        return { client, page }
      }
      client.close()
      if (performance.now() > deadline) throw new Error(`no view is there: ${JSON.stringify(page.picture)}`)
      await pause(100)
    }
  }

  /** The token of a reader who may see the notes. */
  async token(): Promise<string> {
    return await devToken(Buffer.from(this.#secret), { user: 'test', role: 'clerk' }, Date.now())
  }

  /** Writes a row in a transaction of its own; its text. */
  async note(): Promise<string> {
    this.#notes += 1
    const text = `note ${String(this.#notes)}.`
    await this.sql('insert into notes values ($1, $2)', [this.#notes, text])
    return text
  }

  async sql(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return await queryDatabase(this.postgres.url, text, values)
  }

  /** The process that holds the lease of a role; null: nobody does. */
  async leader(role: string): Promise<RoleProcess | null> {
    await using leases = await openNatsLeases({ servers: [this.nats.url] })
    const pid = (await leaseHolders(leases)).get(role)
    return [...this.#processes].find((process) => process.pid === pid) ?? null
  }

  /** Which bus object wrote each message of a stream, in order: every life of a role has one of its own. */
  async writers(stream: string): Promise<readonly string[]> {
    return await writersOf(this.nats.url, stream)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close()
    await Promise.all([...this.#processes].map((process) => process.kill()))
    await this.nats[Symbol.asyncDispose]()
    await this.postgres.stop()
    for (const dir of [this.#dir, path.dirname(this.#pgDir)]) rmSync(dir, { recursive: true, force: true })
  }

  #configure(): void {
    const workbook = path.join(this.#dir, 'workbooks/desk')
    mkdirSync(workbook, { recursive: true })
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(workbook, name), text)
    const config = {
      stores: { main: { type: 'sqlite', file: 'views.db' } },
      sources: { shop: { type: 'postgres', url: this.postgres.url, tables: ['public.*'] } },
      bus: { type: 'nats', servers: [this.nats.url], syncInterval: 'always' },
      serve: { identity: { secret: this.#secret }, drainSeconds: this.#drainSeconds },
      limits: { listRows: 20_000 },
    }
    writeFileSync(path.join(this.#dir, 'sheetflow.config.json'), JSON.stringify(config))
  }
}

/** Resolves when the page shows what it was answered, or why it was not. */
export async function answered(page: Page): Promise<void> {
  const isOpen = (): boolean => page.picture.state === 'loading' && page.picture.error === null
  if (!isOpen()) return
  await new Promise<void>((resolve) => {
    const off = page.subscribe(() => {
      if (isOpen()) return
      off()
      resolve()
    })
  })
}

/** One `sheetflow` of the operating system. */
export class RoleProcess {
  readonly ready: Promise<ReadyEvent>
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  output = ''

  constructor(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [...NODE_ARGUMENTS, ...args], {
      cwd,
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const out of [this.#child.stdout, this.#child.stderr]) out?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    // A test that is ended from outside leaves nothing running.
    const farewell = (): void => void this.#child.kill('SIGKILL')
    process.once('exit', farewell)
    this.ended = new Promise((resolve) =>
      this.#child.once('close', (code) => {
        process.off('exit', farewell)
        resolve(code)
      }),
    )
    this.ready = this.said('{"event":"ready"').then((line) => JSON.parse(line) as ReadyEvent)
    this.ready.catch(() => undefined)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The first line that begins so; rejects when the process ends without it. */
  async said(start: string): Promise<string> {
    const find = (): string | undefined =>
      this.output
        .split('\n')
        .slice(0, -1)
        .find((line) => line.startsWith(start))
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const line = find()
        if (line !== undefined) resolve(line)
      }
      for (const out of [this.#child.stdout, this.#child.stderr]) out?.on('data', look)
      void this.ended.then(() => {
        look()
        reject(new Error(`the process ended before it said ${start}:\n${this.output}`))
      })
      look()
    })
  }

  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGINT' | 'SIGTERM'): void {
    this.#child.kill(name)
  }

  /** Asks it to end; its exit code. */
  async stop(name: 'SIGINT' | 'SIGTERM' = 'SIGINT'): Promise<number | null> {
    this.signal(name)
    return await this.ended
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }
}
