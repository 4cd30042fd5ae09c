import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { natsServer, type NatsBinary } from './binaries.ts'

/** How `startNats` shall run. */
export interface NatsOptions {
  /** Default `sheetflow_test`; in a cluster each has another. */
  readonly name?: string
  /** Absent: the first of `natsServers()`. */
  readonly binary?: NatsBinary
  /** Lines of the server's configuration beside those that every test needs (authorization, TLS, cluster). */
  readonly config?: readonly string[]
  /** Lines of the block `jetstream`. `sync_interval` is known to servers from 2.10 on. */
  readonly jetstream?: readonly string[]
  /** The folder to use, with the store of an earlier server if it holds one. Whoever names it removes it. Default: a new one that goes with the server. */
  readonly dir?: string
  /** Largest message; we need 8 MiB, the server's default is 1 MiB. */
  readonly maxPayloadBytes?: number
}

/** A running server with a JetStream store of its own in a temporary folder. */
export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:port` */
  readonly url: string
  /** `http://127.0.0.1:port`, the server's monitoring. */
  readonly monitor: string
  readonly version: string
  readonly dir: string
  readonly pid: () => number
  /** Ends the process as a power cut would end it, without one of the machine; `start` begins again on the same store and ports. */
  kill9(): Promise<void>
  /** Asks the process to end. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops it with SIGSTOP, lets it go on with SIGCONT. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

const START_MS = 60_000
const POLL_MS = 5

/** Starts a server on free ports of 127.0.0.1 and resolves when it takes connections. Its store goes with it when it is disposed of. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const binary = options.binary ?? (await natsServer())
  const server = new Server(binary, options)
  await server.start()
  return server
}

class Server implements NatsServer {
  url = ''
  monitor = ''
  readonly version: string
  readonly dir: string
  readonly #binary: NatsBinary
  readonly #options: NatsOptions
  readonly #keeps: boolean
  #child: ChildProcess | null = null
  #gone: Promise<void> = Promise.resolve()

  constructor(binary: NatsBinary, options: NatsOptions) {
    this.#binary = binary
    this.#options = options
    this.version = binary.version
    this.#keeps = options.dir !== undefined
    this.dir = options.dir ?? mkdtempSync(join(tmpdir(), 'sheetflow-nats-'))
  }

  readonly pid = (): number => this.#child?.pid ?? 0

  async start(): Promise<void> {
    const ports = join(this.dir, 'ports')
    rmSync(ports, { recursive: true, force: true })
    mkdirSync(ports)
    writeFileSync(join(this.dir, 'nats.conf'), this.#config(ports))
    const log = openSync(join(this.dir, 'nats.log'), 'a')
    const child = spawn(this.#binary.path, ['-c', join(this.dir, 'nats.conf')], { stdio: ['ignore', log, log], windowsHide: true })
    closeSync(log)
    const farewell = (): void => void child.kill('SIGKILL')
    process.once('exit', farewell)
    this.#child = child
    this.#gone = new Promise((resolve) => {
      child.once('error', () => resolve())
      child.once('close', () => {
        process.off('exit', farewell)
        resolve()
      })
    })
    await this.#ready(child, ports)
  }

  async kill9(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nobody needs its store any more, so there is nothing to wait for; a stopped process ends of this signal too.
    await this.#end('SIGKILL')
    if (!this.#keeps) rmSync(this.dir, { recursive: true, force: true })
  }

  #config(ports: string): string {
    const { name = 'sheetflow_test', config = [], jetstream = [], maxPayloadBytes = 8 * 1024 * 1024 } = this.#options
    return [
      `server_name: ${name}`,
      `listen: 127.0.0.1:${portOf(this.url)}`,
      `http: 127.0.0.1:${portOf(this.monitor)}`,
      `ports_file_dir: ${JSON.stringify(ports)}`,
      `max_payload: ${String(maxPayloadBytes)}`,
      `jetstream {`,
      `  store_dir: ${JSON.stringify(join(this.dir, 'store'))}`,
      ...jetstream.map((line) => `  ${line}`),
      '}',
      ...config,
      '',
    ].join('\n')
  }

  /** Polls the one file in which the server says where it listens. */
  async #ready(child: ChildProcess, folder: string): Promise<void> {
    const deadline = Date.now() + START_MS
    while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
      const [file] = readdirSync(folder)
      const said = file === undefined ? null : parsed(readFileSync(join(folder, file), 'utf8'))
      if (said !== null) {
        this.url = said.nats[0] ?? ''
        this.monitor = said.monitoring[0] ?? ''
        return
      }
      await pause(POLL_MS)
    }
    await this.#end('SIGKILL')
    throw new Error(`nats-server did not start:\n${readFileSync(join(this.dir, 'nats.log'), 'utf8').split('\n').slice(-12).join('\n')}`)
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child !== null && child.exitCode === null && child.signalCode === null) child.kill(signal)
    await this.#gone
    this.#child = null
  }
}

/** -1: a free one. */
function portOf(url: string): string {
  return url === '' ? '-1' : new URL(url).port
}

interface Ports {
  readonly nats: readonly string[]
  readonly monitoring: readonly string[]
}

/** Null while the file is half written. */
function parsed(text: string): Ports | null {
  try {
    return JSON.parse(text) as Ports
  } catch {
    return null
  }
}
