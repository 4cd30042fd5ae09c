import { Worker } from 'node:worker_threads'
import { EventEmitter } from 'node:events'
import type { SheetflowError } from '@sheetflow/core/errors'
import { BackOff } from './back-off.ts'
import { fromPlainError, toPlainError } from './plain-error.ts'
import type { FromRole, PlainError, RoleThreadData, ToRole } from './protocol.ts'
import { roleName, type Role, type RolePlan, type RoleReport } from './role.ts'

/** How long a draining role may take before its thread is ended (platform F31). */
const DRAIN_MS = 10_000
/** A role that lived this long is healthy again: its next restart begins with the shortest pause. */
const HEALTHY_MS = 60_000
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './role-thread.ts' : './role-thread.js', import.meta.url)

/** What the supervisor tells: see `Supervisor`. */
interface SupervisorEvents {
  ready: [role: string, info: Readonly<Record<string, unknown>>]
  report: [role: string, report: RoleReport]
  log: [role: string, entry: Extract<FromRole, { kind: 'log' }>]
  restarting: [role: string, error: PlainError, pauseMs: number]
  /** A role ended with an error that no retry can mend: the whole must stop. */
  fatal: [role: string, error: SheetflowError]
}

/**
 * Keeps one thread per role alive. States of a role:
 *
 *     starting ──ready──▶ ready ──ends with an error──▶ restarting ──pause──▶ starting
 *         │               ready ◀──reports a problem, or none──▶ waiting
 *         └── error with retry `never` ──▶ fatal            any ──stop()──▶ stopped
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #plan: RolePlan
  readonly #members: readonly Member[]
  #diagnostics: string | null = null
  #stopping = false
  #broadcastQueued = false

  constructor(roles: readonly Role[], plan: RolePlan) {
    super()
    this.#plan = plan
    this.#members = roles.map((role) => new Member(role))
  }

  start(): void {
    for (const member of this.#members) this.#spawn(member)
  }

  /** How every role is doing now. */
  reports(): Readonly<Record<string, RoleReport>> {
    return Object.fromEntries(this.#members.map((m) => [m.name, m.report]))
  }

  /** Text that the page's overlay shows; null takes it away. */
  showDiagnostics(text: string | null): void {
    this.#diagnostics = text
    this.#broadcast()
  }

  /** Asks all roles to drain and resolves when every thread has ended; one that takes longer than it may is ended. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#members.map((member) => this.#end(member)))
  }

  /** Ends a role's thread without warning, as a crash would. For fault tests. */
  async kill(role: string): Promise<void> {
    await this.#members.find((m) => m.name === role)?.worker?.terminate()
  }

  #spawn(member: Member): void {
    const data: RoleThreadData = { role: member.role, plan: this.#plan }
    const worker = new Worker(THREAD, { workerData: data, name: member.name })
    member.started(worker)
    let failure: PlainError | null = null
    worker.on('message', (message: FromRole) => {
      if (message.kind === 'failed') failure = message.error
      else this.#hear(member, message)
    })
    worker.on('error', (error) => (failure = toPlainError(error)))
    worker.on('exit', () => this.#ended(member, failure))
  }

  #hear(member: Member, message: Exclude<FromRole, { kind: 'failed' }>): void {
    switch (message.kind) {
      case 'ready':
        member.report = { state: 'ready', values: member.report.values }
        this.emit('ready', member.name, message.info)
        break
      case 'report':
        member.report = reported(member.report, message.values, message.problem)
        this.emit('report', member.name, member.report)
        break
      case 'log':
        this.emit('log', member.name, message)
        return
    }
    this.#broadcast()
  }

  #ended(member: Member, failure: PlainError | null): void {
    member.worker = null
    if (this.#stopping) {
      member.report = { state: 'stopped', values: member.report.values }
      return
    }
    const error = failure ?? { code: null, message: `${member.name} ended without being asked`, retry: 'later' as const }
    if (error.retry === 'never') {
      member.report = { state: 'stopped', values: member.report.values, problem: error.message }
      this.emit('fatal', member.name, fromPlainError(error))
      return
    }
    if (performance.now() - member.startedAt > HEALTHY_MS) member.backOff.reset()
    const pauseMs = member.backOff.next(error.retry === 'now')
    member.report = { state: 'restarting', values: member.report.values, problem: error.message }
    this.emit('restarting', member.name, error, pauseMs)
    this.#broadcast()
    member.timer = setTimeout(() => this.#spawn(member), pauseMs)
  }

  #broadcast(): void {
    if (this.#broadcastQueued) return
    this.#broadcastQueued = true
    setImmediate(() => {
      this.#broadcastQueued = false
      const message: ToRole = { kind: 'reports', reports: this.reports(), diagnostics: this.#diagnostics }
      for (const member of this.#members) {
        if (member.role.kind === 'serve') member.worker?.postMessage(message)
      }
    })
  }

  async #end(member: Member): Promise<void> {
    clearTimeout(member.timer)
    const worker = member.worker
    if (worker === null) return
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'stop' } satisfies ToRole)
    const deadline = setTimeout(() => void worker.terminate(), DRAIN_MS)
    await ended
    clearTimeout(deadline)
  }
}

/** What a report makes of the one before: a role that is neither starting nor ending is ready or waiting. */
function reported(before: RoleReport, values: RoleReport['values'], problem: string | null): RoleReport {
  if (before.state !== 'ready' && before.state !== 'waiting') return { ...before, values }
  return problem === null ? { state: 'ready', values } : { state: 'waiting', values, problem }
}

/** One role and the thread that lives it at the moment. */
class Member {
  readonly role: Role
  readonly name: string
  readonly backOff: BackOff = new BackOff()
  worker: Worker | null = null
  report: RoleReport = { state: 'starting', values: {} }
  startedAt = 0
  timer: NodeJS.Timeout | undefined

  constructor(role: Role) {
    this.role = role
    this.name = roleName(role)
  }

  started(worker: Worker): void {
    this.worker = worker
    this.startedAt = performance.now()
    this.report = { state: 'starting', values: this.report.values }
  }
}
