import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import type { WriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a start needs to know; it stays the same over all of them. */
export interface ProcessOptions {
  /** Folder with `sheetflow.config.yaml`. */
  readonly project: string
  readonly env: Readonly<Record<string, string>>
  /** File for everything that it says. */
  readonly log: string
  /** More of the command line: `--roles`, … */
  readonly args?: readonly string[]
  /** Exit codes that are no bug before it does its work: what it needs may be away then. */
  readonly mayRefuse?: readonly number[]
}

const MAIN = fileURLToPath(new URL('../../../../../apps/sheetflow/src/main.ts', import.meta.url))
/** Enough for a machine that does ten other things. */
const READY_MS = 90_000
/** Draining takes a moment, on a busy machine more; who takes longer hangs. */
const STOP_MS = 120_000

/** `sheetflow start` as a child process: started, killed without warning, started again. */
export class SheetflowProcess implements AsyncDisposable {
  readonly #options: ProcessOptions
  readonly #log: WriteStream
  #child: ChildProcess | null = null
  #ready: Promise<void> = Promise.resolve()
  #isReady = false
  #isStopping = false
  #isOver = false
  /** Errors that it had no plan for: roles that failed without a code. */
  readonly bugs: string[] = []
  starts = 0

  constructor(options: ProcessOptions) {
    this.#options = options
    this.#log = createWriteStream(options.log, { flags: 'a' })
  }

  /** Of its present life; undefined: it has none. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  get isAlive(): boolean {
    const child = this.#child
    return child !== null && child.exitCode === null && child.signalCode === null
  }

  /** Has its present life said that it does its work? */
  get isReady(): boolean {
    return this.isAlive && this.#isReady
  }

  /** Starts it. `ready` tells when every role does its work. Once the run is over nothing starts any more: a scene may still be under way. */
  start(): void {
    if (this.#isOver) return
    this.#isStopping = false
    this.#isReady = false
    this.starts += 1
    const { project, args: more = [], mayRefuse = [] } = this.#options
    const args = [...process.execArgv, MAIN, 'start', '--json', '--config', `${project}/sheetflow.config.yaml`, ...more]
    const child = spawn(process.execPath, args, {
      cwd: project,
      env: { ...process.env, ...this.#options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#ready = promise
    promise.catch(() => undefined)
    const deadline = setTimeout(() => reject(new Error('sheetflow did not become ready')), READY_MS)
    child.once('exit', (code, signal) => {
      clearTimeout(deadline)
      const refused = !this.#isReady && code !== null && mayRefuse.includes(code)
      if (signal === null && !this.#isStopping && !refused) this.bugs.push(`the process ended by itself with ${code}`)
      reject(new Error(`sheetflow ended: ${signal ?? code}`))
    })
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line, child, resolve))
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => this.#log.write(`${line}\n`))
    promise.finally(() => clearTimeout(deadline)).catch(() => undefined)
  }

  /** Resolves when the last start does its work; rejects if it ended before. */
  async ready(): Promise<void> {
    await this.#ready
  }

  /** kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null || !this.isAlive) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** Ends one role's thread without warning; its supervisor starts it again. */
  killRole(role: string): void {
    if (this.#child?.connected === true) this.#child.send({ kill: role }, () => undefined)
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name)
  }

  /** As Ctrl-C, or as a service manager. Resolves with the exit code once it has drained. */
  async stop(name: 'SIGINT' | 'SIGTERM' = 'SIGINT'): Promise<number | null> {
    const child = this.#child
    if (child === null || !this.isAlive) return null
    this.#isStopping = true
    const gone = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill(name)
    const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    const code = await gone
    clearTimeout(deadline)
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.kill()
    this.#log.end()
  }

  #hear(line: string, child: ChildProcess, ready: () => void): void {
    this.#log.write(`${line}\n`)
    const event = parsed(line)
    if (event['event'] === 'ready') {
      if (child === this.#child) this.#isReady = true
      ready()
    }
    // `app/role-failed` and no code at all: nobody thought of it.
    if (event['event'] === 'restarting' && (event['code'] === 'app/role-failed' || event['code'] === null)) {
      if (!String(event['message']).includes('without being asked')) this.bugs.push(`${String(event['role'])}: ${String(event['message'])}`)
    }
  }
}

function parsed(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {}
  }
}
