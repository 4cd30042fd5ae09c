import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SheetflowError } from '@sheetflow/core/errors'
import type { PostgresBinaries } from './binaries.ts'
import { embeddedBinaries, pathHash, reachableByOthers, runsAsRoot } from './binaries.ts'
import { copyCluster, lastLines, makeCluster, unprivileged } from './cluster.ts'

/** How `startEmbeddedPostgres` shall run. */
export interface EmbeddedOptions {
  /** Folder of the cluster; made by `initdb` when it is not there. If only root can reach it, a folder under the temporary one stands in. */
  readonly dataDir: string
  /** Absent: a free one. */
  readonly port?: number
  /** `postgresql.conf` settings beside `wal_level=logical`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Of the superuser `postgres`; SCRAM is asked for on every connection. */
  readonly password?: string
  /** Stops the server when it aborts. */
  readonly signal?: AbortSignal
  /** Absent: those that npm brought. */
  readonly binaries?: PostgresBinaries
  /**
   * A new cluster is a copy of one that `initdb` made once on this machine: there at once, with the password `postgres`, and with the system identifier that all
   * copies have. For tests that do not ask whether two servers are one.
   */
  readonly copied?: boolean
  /** A server that a killed process left running on this folder is stopped first. For callers that hold the folder by a lock of their own. */
  readonly replacesLeftOver?: boolean
}

/** A running server. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** `postgres://postgres:…@127.0.0.1:port/postgres` */
  readonly url: string
  readonly port: number
  /** Where the cluster really is. */
  readonly dataDir: string
  readonly version: string
  readonly pid: number
  /** Resolves when the server process has ended, with what it said last; the last line names the signal if one ended it. */
  readonly ended: Promise<string>
  /** Ends sessions, writes a checkpoint, stops. Resolves when the process has ended. */
  stop(): Promise<void>
  /** Ends the server as a power cut would: no goodbye, no checkpoint. Resolves when its processes are gone. */
  kill9(): Promise<void>
}

/** A busy machine takes its time. */
const START_MS = 180_000
const POLL_MS = 10
/** So long the sessions of a killed server have to notice. */
const ORPHAN_MS = 3_000

/**
 * Starts a Postgres over `dataDir` and resolves when it takes connections. A lock file left behind by a killed server is cleared away.
 * Errors: `app/port-in-use`, `app/locked` (another server runs on this folder), `source/unreachable` (it does not start; holds its last words).
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = options.binaries ?? embeddedBinaries()
  const dataDir = reachableDataDir(resolve(options.dataDir))
  const password = options.password ?? 'postgres'
  if (options.replacesLeftOver === true) await stopLeftOver(dataDir)
  clearStaleLock(dataDir)
  if (!existsSync(join(dataDir, 'PG_VERSION')))
    await (options.copied === true ? copyCluster(binaries, dataDir) : makeCluster(binaries, dataDir, password))
  const port = options.port ?? (await freePort())
  if (options.port !== undefined) await assertPortFree(options.port)
  const server = await launch(binaries, dataDir, port, options.settings ?? {})
  const stop = (): Promise<void> => end(server, 'SIGINT')
  options.signal?.addEventListener('abort', () => void stop(), { once: true })
  if (options.signal?.aborted === true) await stop()
  return {
    url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${String(port)}/postgres`,
    port,
    dataDir,
    version: binaries.version,
    pid: server.pid,
    ended: server.ended,
    stop,
    kill9: async () => {
      const children = childrenOf(server.pid)
      await end(server, 'SIGKILL')
      await endOrphans(children)
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** A new empty folder for a throw-away cluster. Remove it with `rmSync` when the server has ended. */
export function temporaryDataDir(): string {
  const parent = mkdtempSync(join(tmpdir(), 'sheetflow-pg-'))
  chmodSync(parent, 0o755)
  return join(parent, 'data')
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening, failed) => {
    server.once('error', failed)
    server.listen(0, '127.0.0.1', listening)
  })
  const address = server.address()
  await new Promise<void>((closed) => void server.close(() => closed()))
  if (address === null || typeof address === 'string') throw new SheetflowError('app/port-in-use', 'No free port', { retry: 'later' })
  return address.port
}

interface Server {
  readonly pid: number
  readonly child: ChildProcess
  readonly ended: Promise<string>
}

function reachableDataDir(wanted: string): string {
  if (!runsAsRoot() || reachableByOthers(dirname(wanted))) return wanted
  return join(tmpdir(), `sheetflow-data-${pathHash(wanted)}`, 'data')
}

async function assertPortFree(port: number): Promise<void> {
  const probe = createServer()
  await new Promise<void>((free, taken) => {
    probe.once('error', (cause) =>
      taken(
        new SheetflowError('app/port-in-use', `Port ${String(port)} is taken`, {
          fix: 'Stop the other program or choose another port.',
          cause,
        }),
      ),
    )
    probe.listen(port, '127.0.0.1', () => void probe.close(() => free()))
  })
}

/** `postmaster.pid` of a killed server stays; its process id may belong to anything by now, so its command line is asked. */
function clearStaleLock(dataDir: string): void {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0])
  if (Number.isSafeInteger(pid) && pid > 0 && isPostgresOn(pid, dataDir)) {
    throw new SheetflowError('app/locked', `A Postgres (process ${String(pid)}) already runs on ${dataDir}`, {
      fix: 'Stop it, or choose another data folder.',
      details: { pid },
    })
  }
  rmSync(file, { force: true })
}

/** Asks the server on this folder to end as `stop` would, and waits until it has. */
async function stopLeftOver(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0])
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isPostgresOn(pid, dataDir)) return
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + START_MS
  while (isPostgresOn(pid, dataDir) && Date.now() < deadline) await pause(POLL_MS)
}

function isPostgresOn(pid: number, dataDir: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const commandLine = `/proc/${String(pid)}/cmdline`
  if (!existsSync('/proc/self/cmdline')) return true
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').split('\0').includes(dataDir)
}

async function launch(
  binaries: PostgresBinaries,
  dataDir: string,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<Server> {
  const deadline = Date.now() + START_MS
  for (;;) {
    const server = spawnServer(binaries, dataDir, port, settings)
    const outcome = await ready(server, dataDir, deadline)
    if (outcome === 'ready') return server
    // The children of a killed server need a moment to notice and let go of its shared memory.
    if (!/shared memory block .* is still in use|lock file/.test(outcome) || Date.now() > deadline) {
      throw new SheetflowError('source/unreachable', `Postgres did not start: ${outcome}`, {
        fix: `Its log is ${join(dirname(dataDir), 'postgres.log')}. If the cluster is damaged, remove ${dataDir}: it is made anew.`,
        details: { dataDir },
      })
    }
    await pause(POLL_MS * 10)
  }
}

function spawnServer(binaries: PostgresBinaries, dataDir: string, port: number, settings: Readonly<Record<string, string>>): Server {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', wal_level: 'logical', logging_collector: 'off', ...settings }
  const log = join(dirname(dataDir), 'postgres.log')
  const fd = openSync(log, 'a')
  const start = statSync(log).size
  const child = spawn(
    binaries.postgres,
    ['-D', dataDir, '-p', String(port), ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A group of its own: a terminal's Ctrl-C is for us, who stop the server when everything that uses it has drained.
    { ...unprivileged(), stdio: ['ignore', fd, fd], detached: true, windowsHide: true },
  )
  closeSync(fd)
  // Who ends in a hurry must not leave it behind: it shuts down by itself.
  const farewell = (): void => void child.kill('SIGINT')
  process.once('exit', farewell)
  child.once('close', () => process.off('exit', farewell))
  const ended = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message))
    child.once('close', (_, signal) => {
      const words = lastLines(readFileSync(log).subarray(start).toString())
      // Who is killed says nothing: its last line is about something else.
      done(signal === null ? words : `${words}\nended by ${signal}`.trim())
    })
  })
  return { pid: child.pid ?? 0, child, ended }
}

/** Polls the lock file, in which the server writes `ready` as its last line. */
async function ready(server: Server, dataDir: string, deadline: number): Promise<string> {
  const file = join(dataDir, 'postmaster.pid')
  let last: string | null = null
  void server.ended.then((words) => (last = words))
  while (Date.now() < deadline) {
    if (last !== null) return last
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
    if (lines[0] === String(server.pid) && lines[7]?.trim() === 'ready') return 'ready'
    await pause(POLL_MS)
  }
  server.child.kill('SIGKILL')
  return `not ready after ${String(START_MS / 1000)} s`
}

async function end(server: Server, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  if (server.child.exitCode === null && server.child.signalCode === null) server.child.kill(signal)
  await server.ended
}

/** Linux says whose children processes are; elsewhere nobody is known. */
function childrenOf(pid: number): readonly number[] {
  const file = `/proc/${String(pid)}/task/${String(pid)}/children`
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').filter(Boolean).map(Number) : []
}

/**
 * Most sessions of a killed server notice it and end. One that does not look up (a loop; a slot that is made while it waits for a transaction that died with
 * its session) would hold the shared memory, without which no new server starts, for ever.
 */
async function endOrphans(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + ORPHAN_MS
  while (pids.some(isAlive) && Date.now() < deadline) await pause(POLL_MS)
  for (const pid of pids) signalled(pid, 'SIGKILL')
}

function isAlive(pid: number): boolean {
  return signalled(pid, 0)
}

/** False: there is no such process any more. */
function signalled(pid: number, signal: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
