import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openSqliteBus } from '@sheetflow/bus'
import { openNatsBus } from '@sheetflow/bus/nats/nats-bus'
import { createClient, type Page } from '@sheetflow/client'
import { devToken } from '@sheetflow/serve/identity/dev-token'
import { connect, LivePostgres, type TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { WebSocket } from 'ws'
import { answered, RoleProcess } from '../process-ring.ts'
import { ChainWriter } from './chain-writer.ts'
import { busCounts, type BusCounts } from './bus-counts.ts'
import { PageWatch, QUERIES, sumOf, type Followed } from './page-watch.ts'

/** Which bus a ring is on. `nats`: the addresses of servers that the scenario has started. */
export type RingBus =
  | { readonly type: 'sqlite' }
  | { readonly type: 'nats'; readonly servers: readonly string[]; readonly replicas?: number; readonly syncInterval: 'always' | number }

/** How a ring is set up. */
export interface FaultRingOptions {
  readonly bus: RingBus
  /** Environment of its process beside ours. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder of a SQLite bus; default: in the data folder. */
  readonly busDir?: string
  readonly limits?: Readonly<Record<string, unknown>>
  /** More tables of the source, as SQL, and the sheets over them: file name → text. */
  readonly tables?: string
  readonly sheets?: Readonly<Record<string, string>>
  /** What the client follows; default: all rows. */
  readonly follows?: Followed
  /** More of the block `serve`. */
  readonly serve?: Readonly<Record<string, unknown>>
  /** Settings of the source's server. */
  readonly postgres?: Readonly<Record<string, string>>
}

/** What a run did, and what was to be seen of it. */
export interface RingReport extends BusCounts {
  /** Rows whose transaction was begun, and those whose commit was answered. */
  readonly produced: number
  readonly acknowledged: number
  readonly inView: number
  readonly seen: number
  /** Of what the client saw: rows that went or came a second time, and pictures that were no beginning of the chain. */
  readonly twice: number
  readonly outOfOrder: number
  /** The greatest resident memory of any life of the process so far, MiB. */
  readonly memoryMiB: number
}

const FOLLOW_MS = 300_000
/** Everything has come round when nobody writes: the deadline, generous. */
const ROUND_MS = 300_000
const CANARY = `canary${randomBytes(12).toString('hex')}`
const FILES: Readonly<Record<string, string>> = {
  'workbook.yaml': 'time_zone: UTC\nvalues:\n  number: =ROWS(links[n])\n  total: =SUM(links[n])\nread: {clerk: all}\n',
  'links.sheet.yaml': 'rows: =shop!links\nkeep: [n, prev]\npublish: {index: [n]}\nread:\n  clerk: all\n',
}

/**
 * A source with a chain of rows, one `sheetflow start` over a bus, a client that follows the whole chain, and a writer that is never killed and keeps what was acknowledged. A scenario
 * breaks something; `settled` then waits for the end and checks it.
 */
export class FaultRing implements AsyncDisposable {
  readonly postgres: LivePostgres
  readonly writer: ChainWriter
  readonly dir: string
  process: RoleProcess
  readonly #options: FaultRingOptions
  readonly #url: string
  readonly #secret = `${CANARY}${randomBytes(32).toString('hex')}`
  readonly #lives: RoleProcess[] = []
  readonly #watch = new PageWatch()
  readonly #stack = new AsyncDisposableStack()
  #port = 0
  #memoryMiB = 0

  private constructor(postgres: LivePostgres, url: string, options: FaultRingOptions) {
    this.postgres = postgres
    this.#url = url
    this.#options = options
    this.dir = mkdtempSync(path.join(tmpdir(), 'fault-ring-'))
    this.writer = new ChainWriter(url)
    this.#stack.defer(() => rmSync(this.dir, { recursive: true, force: true }))
    this.#stack.defer(() => postgres.end())
    this.#configure()
    this.process = this.#spawn()
    this.#stack.defer(async () => await this.process.kill())
    this.#stack.defer(() => this.writer.stop())
  }

  /** Runs, with a client that follows, when it resolves. */
  static async start(options: FaultRingOptions): Promise<FaultRing> {
    const postgres = await LivePostgres.start(options.postgres)
    const url = await postgres.database()
    await ChainWriter.prepare(url, options.tables)
    const ring = new FaultRing(postgres, url, options)
    try {
      await ring.ready()
      await ring.#follow()
      return ring
    } catch (error) {
      await ring[Symbol.asyncDispose]()
      throw error
    }
  }

  async ready(): Promise<void> {
    const { urls } = await this.process.ready
    this.#port = Number(new URL(urls?.graphql ?? 'http://127.0.0.1:0').port)
  }

  /** kill -9, and another life over the same data, at the same address. */
  async kill(): Promise<void> {
    this.#noteMemory()
    await this.process.kill()
    this.process = this.#spawn()
  }

  /** Another life after one that has ended. */
  restart(): void {
    this.process = this.#spawn()
  }

  /** One more `sheetflow start`, in the way of the first: at its address, or over its data. It is killed if it does not end by itself. */
  async intruder(into: 'address' | 'data'): Promise<{ readonly code: number | null; readonly output: string }> {
    const [port, data] = into === 'address' ? [this.#port, 'other'] : [0, 'data']
    const one = new RoleProcess(['start', '--json', '--port', String(port), '--data', path.join(this.dir, data)], this.dir, {})
    this.#stack.defer(async () => await one.kill())
    const code = await one.ended
    return { code, output: one.output }
  }

  /** The answer of an operations path. */
  async ask(what: '/healthz' | '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`http://127.0.0.1:${String(this.#port)}${what}`)
    return { status: response.status, text: await response.text() }
  }

  /** The data of an answer by GraphQL; null if there is none, or no process. */
  async query(query: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${String(this.#port)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await this.#token()}` },
      body: JSON.stringify({ query }),
    }).catch(() => null)
    return response === null ? null : (((await response.json()) as { data?: unknown }).data ?? null)
  }

  /** What is to be had at a path of the process. */
  async fetched(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await fetch(`http://127.0.0.1:${String(this.#port)}${path}`)).arrayBuffer())
  }

  /** A connection to the source's database. */
  async connect(): Promise<TestClient> {
    return await connect(this.#url)
  }

  /** What the process holds now, MiB. */
  memory(): number {
    return memoryOf(this.process.pid, 'VmRSS')
  }

  /** What all lives have printed. */
  get output(): string {
    return this.#lives.map(({ output }) => output).join('')
  }

  /** What the client shows now. */
  get seen(): number {
    return this.#watch.seen
  }

  /** What time it is by the clock of the process, to the second. */
  async clock(): Promise<number> {
    const { headers } = await fetch(`http://127.0.0.1:${String(this.#port)}/healthz`)
    return Date.parse(headers.get('date') ?? '')
  }

  /** Resolves when the client shows this many links. */
  async shows(count: number): Promise<void> {
    await until(
      () => this.seen >= count,
      () =>
        `the client shows ${String(this.seen)} of ${String(count)} (${this.#watch.state}); what was said last:\n${this.output.slice(-2_000)}`,
    )
  }

  /**
   * Stops the writer, waits until everything has come round, and checks: view and page are what SQL says (I1), the bus folds to the same (I2), the client never went back (I3), nobody
   * else wrote to the source (I4), nothing is on its way any more (I5), no secret was printed (I6). Throws what is wrong.
   */
  async settled(): Promise<RingReport> {
    await this.writer.stop()
    const links = await this.writer.links()
    await this.shows(links)
    await until(
      async () => (await this.#inView()) === viewOf(links),
      async () => `the view says ${await this.#inView()} instead of ${viewOf(links)}`,
    )
    this.#noteMemory()
    await using bus = await this.#openBus()
    const counts = await busCounts(bus)
    const { twice, outOfOrder } = this.#watch
    const report: RingReport = {
      produced: this.writer.produced,
      acknowledged: this.writer.acknowledged,
      ...counts,
      inView: links,
      seen: this.seen,
      twice,
      outOfOrder,
      memoryMiB: this.#memoryMiB,
    }
    const wrong = [
      ...(links >= this.writer.acknowledged && links <= this.writer.produced ? [] : ['the source holds what its writer did not write']),
      ...(this.seen === links ? [] : ['the client shows what the source does not hold']),
      ...(twice + outOfOrder > 0 ? ['the client saw a row twice, or out of order'] : []),
      ...(counts.inBus === links && counts.deliveredTwice === 0 ? [] : ['the bus does not fold to what the source holds']),
      ...(this.output.includes(CANARY) ? ['a secret was printed'] : []),
    ]
    console.info(JSON.stringify(report))
    if (wrong.length > 0) throw new Error(`${wrong.join('; ')}: ${JSON.stringify(report)}\n${this.output.slice(-2_000)}`)
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }

  async #openBus(): ReturnType<typeof openSqliteBus> {
    const { bus, busDir } = this.#options
    if (bus.type === 'sqlite') return await openSqliteBus({ dir: busDir ?? path.join(this.dir, 'data/bus'), reserveBytes: 0 })
    return await openNatsBus({ servers: bus.servers, syncInterval: bus.syncInterval })
  }

  /** Rows and their sum: a row that counted twice would show. Of a process that is not there: nothing. */
  async #inView(): Promise<string> {
    const data = (await this.query(QUERIES.sums)) as { desk_values?: { number: number; total: number } | null } | null
    const values = data?.desk_values
    return values === null || values === undefined ? '' : `${String(values.number)} rows, sum ${String(values.total)}`
  }

  async #token(): Promise<string> {
    return await devToken(Buffer.from(this.#secret), { user: 'test', role: 'clerk' }, Date.now())
  }

  /** One page for the whole run: it connects again by itself. */
  async #follow(): Promise<void> {
    const { urls } = await this.process.ready
    if (urls === undefined) throw new Error('this process serves nothing')
    const token = await this.#token()
    const make = (): { readonly page: Page; close(): void } => {
      const client = createClient({
        url: urls.graphql,
        realtimeUrl: urls.realtime,
        token: () => token,
        clock: () => Date.now(),
        random: Math.random,
        webSocket: WebSocket,
      })
      return { page: client.page(QUERIES[this.#options.follows ?? 'rows']), close: () => client.close() }
    }
    for (const deadline = performance.now() + FOLLOW_MS; performance.now() < deadline; await pause(100)) {
      const client = make()
      await answered(client.page)
      if (client.page.picture.state === 'live') {
        this.#watch.follow(client.page)
        this.#stack.defer(() => client.close())
        return
      }
      client.close()
    }
    throw new Error(`no view is there:\n${this.output}`)
  }

  #spawn(): RoleProcess {
    const args = ['start', '--json', '--port', String(this.#port), '--data', path.join(this.dir, 'data')]
    const life = new RoleProcess(args, this.dir, this.#options.env ?? {})
    this.#lives.push(life)
    return life
  }

  #noteMemory(): void {
    this.#memoryMiB = Math.max(this.#memoryMiB, memoryOf(this.process.pid, 'VmHWM'))
  }

  #configure(): void {
    const workbook = path.join(this.dir, 'workbooks/desk')
    mkdirSync(workbook, { recursive: true })
    for (const [name, text] of Object.entries({ ...FILES, ...this.#options.sheets })) writeFileSync(path.join(workbook, name), text)
    const { bus, busDir, limits, serve } = this.#options
    const seconds = (interval: 'always' | number): 'always' | number => (interval === 'always' ? interval : interval / 1_000)
    const config = {
      sources: { shop: { type: 'postgres', url: this.#url, tables: ['public.*'] } },
      bus:
        bus.type === 'sqlite'
          ? { ...bus, ...(busDir === undefined ? {} : { dir: busDir }) }
          : { ...bus, syncInterval: seconds(bus.syncInterval) },
      serve: { identity: { secret: this.#secret }, ...serve },
      // The client follows the whole chain: a list that grows beyond this is refused when it is asked for again.
      limits: { listRows: 200_000, ...limits },
    }
    writeFileSync(path.join(this.dir, 'sheetflow.config.json'), JSON.stringify(config))
  }
}

function viewOf(links: number): string {
  return `${String(links)} rows, sum ${String(sumOf(links))}`
}

/** MiB, by the kernel's word; 0 of a process that is gone. */
function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8')
    return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024)
  } catch {
    return 0
  }
}

/** Asks until it is so. Throws with what `why` says when it never is. */
export async function until(is: () => boolean | Promise<boolean>, why: () => string | Promise<string>): Promise<void> {
  for (const deadline = performance.now() + ROUND_MS; performance.now() < deadline; await pause(50)) if (await is()) return
  throw new Error(`never: ${await why()}`)
}
