import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { queryDatabase } from './query-database.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MAIN = path.join(ROOT, 'apps/sheetflow/src/main.ts')
const SHOP = path.join(ROOT, 'examples/shop')

/** What `--json` says when everything runs. */
export interface ReadyEvent {
  readonly event: 'ready'
  readonly urls: { readonly page: string; readonly graphql: string; readonly realtime: string; readonly metrics: string }
  readonly token: string
  /** The shop's own database. */
  readonly database: string
}

/** What a command printed, and how it ended. */
export interface Said {
  readonly out: string
  readonly err: string
  readonly code: number | null
}

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * The demo shop as a user runs it: `examples/shop/start.ts` in a process of its own, its data in a temporary folder, its workbooks in a copy that
 * may be edited. It can be stopped and started again over the same data.
 */
export class RunningShop implements AsyncDisposable {
  /** The copy of the workbooks. */
  readonly workbooks: string
  /** Its data folder. */
  readonly data: string
  readonly #dir: string
  readonly #port: number
  readonly #env: Readonly<Record<string, string>>
  #process: ChildProcess | null = null
  #ended: Promise<Ended> | null = null
  #output = ''
  #database = ''

  private constructor(dir: string, port: number, env: Readonly<Record<string, string>>) {
    this.#dir = dir
    this.#env = env
    this.#port = port
    this.workbooks = path.join(dir, 'workbooks')
    this.data = path.join(dir, 'data')
    cpSync(path.join(SHOP, 'workbooks'), this.workbooks, { recursive: true })
  }

  /** A new one, not running yet. `env`: what its environment says beside ours. */
  static async create(env: Readonly<Record<string, string>> = {}): Promise<RunningShop> {
    return new RunningShop(mkdtempSync(path.join(tmpdir(), 'ring-')), await freePort(), env)
  }

  /** What the process has said so far, for a test that fails. */
  get output(): string {
    return this.#output
  }

  /** Starts it; resolves when it is ready. `rate`: transactions a second that the demo writes by itself. */
  start(rate: number): Promise<ReadyEvent> {
    const args = [
      '--conditions=source',
      path.join(SHOP, 'start.ts'),
      '--json',
      '--port',
      String(this.#port),
      '--data',
      this.data,
      '--rate',
      String(rate),
    ]
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, NODE_OPTIONS: '', SHEETFLOW_WORKBOOKS: this.workbooks, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    this.#ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
    return new Promise((resolve, reject) => {
      let rest = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        const ready = lines.filter((line) => line.startsWith('{"event":"ready"'))[0]
        if (ready !== undefined) resolve(this.#ready(JSON.parse(ready) as ReadyEvent))
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#output += text))
      child.once('exit', (code) => reject(new Error(`the shop ended with ${String(code)} before it was ready:\n${this.#output}`)))
    })
  }

  #ready(event: ReadyEvent): ReadyEvent {
    this.#database = event.database
    return event
  }

  /** Ctrl-C; how it ended. */
  async stop(): Promise<Ended | null> {
    this.#process?.kill('SIGINT')
    return this.#ended
  }

  /** Runs `sheetflow` over the shop's data, as somebody beside it would. */
  sheetflow(args: readonly string[]): Promise<Said> {
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', MAIN, ...args, '--data', this.data],
      {
        cwd: SHOP,
        env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', SHEETFLOW_WORKBOOKS: this.workbooks },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const said = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text))
    return new Promise((resolve) => child.once('close', (code) => resolve({ ...said, code })))
  }

  /** Asks the shop's database. */
  async sql(text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    return await queryDatabase(this.#database, text, values)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
