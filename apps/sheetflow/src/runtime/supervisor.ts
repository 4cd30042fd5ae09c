import { Worker } from 'node:worker_threads'
import { EventEmitter } from 'node:events'
import { isSheetflowError, type SheetflowError } from '@sheetflow/core/errors'
import type { Clock } from '@sheetflow/core/ports/host'
import type { Lease, Leases } from '@sheetflow/core/ports/leases'
import { BackOff } from './back-off.ts'
import { fromPlainError, toPlainError } from './plain-error.ts'
import type { FromRole, PlainError, RoleThreadData, ToRole } from './protocol.ts'
import { isSingle, roleName, type Role, type RolePlan, type RoleReport } from './role.ts'

/** How long a draining role may take before its thread is ended (docs/faults.md, F31). */
const DRAIN_MS = 10_000
/** A lease that is not had by then is somebody else's. */
const SETTLED_MS = 1_000
/** How long a role that has lost its lease may take to notice: what it still writes is refused. */
const LOST_MS = 2_000
/** A role that lived this long is healthy again: its next restart begins with the shortest pause. */
const HEALTHY_MS = 60_000
/**
 * Megabytes of a thread's heap for what was made just now; V8 makes three parts of it. Left alone it takes 200 in each thread that is busy for a second and keeps them, and a process has a thread for each role: more
 * than all that is alive in them. A third of that costs nothing that could be measured (ADR 030).
 */
const YOUNG_MB = 48
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './role-thread.ts' : './role-thread.js', import.meta.url)

/** What the supervisor tells: see `Supervisor`. */
interface SupervisorEvents {
  ready: [role: string, info: Readonly<Record<string, unknown>>]
  report: [role: string, report: RoleReport]
  /** Another process has the lease of the role. */
  standby: [role: string]
  /** Who does the role cannot be found out, or (null) can again. */
  leases: [role: string, trouble: PlainError | null]
  /** This process has the lease of the role now. */
  leads: [role: string]
  log: [role: string, entry: Extract<FromRole, { kind: 'log' }>]
  restarting: [role: string, error: PlainError, pauseMs: number]
  /** A role ended with an error that no retry can mend: the whole must stop. */
  fatal: [role: string, error: SheetflowError]
}

/** Where several processes may run the same roles: the leases that choose among them, and who this one is. */
export interface Candidacy {
  readonly leases: Leases
  /** Unique among all processes, also those that have ended. */
  readonly holder: string
}

/**
 * Keeps one thread per role alive. A role that only one process may do first takes its lease; a lease lives in this thread, which is never busy for long. States of a role:
 *
 *     standby ──lease──▶ starting ◀── without leases it begins here; with them each restart begins in `standby`
 *     starting ──ready──▶ ready ──ends with an error──▶ restarting ──pause──▶ starting
 *         │               ready ◀──reports a problem, or none──▶ waiting
 *         └── error with retry `never` ──▶ fatal            any ──stop()──▶ stopped
 *     `serve` alone: ready, waiting ──drain()──▶ draining ──stop() or its end──▶ stopped
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  readonly #plan: RolePlan
  readonly #candidacy: Candidacy | null
  readonly #members: readonly Member[]
  readonly #standing = new AbortController()
  #diagnostics: string | null = null
  /** Work of this process that is no role's. */
  readonly #beside = new Map<string, RoleReport>()
  #stopping = false
  #broadcastQueued = false

  constructor(roles: readonly Role[], plan: RolePlan, candidacy: Candidacy | null) {
    super()
    this.#candidacy = candidacy
    this.#plan = plan
    this.#members = roles.map((role) => new Member(role))
  }

  start(): void {
    for (const member of this.#members) this.#begin(member)
  }

  /** How every role is doing now, and what else this process does. */
  reports(): Readonly<Record<string, RoleReport>> {
    return Object.fromEntries([...this.#members.map((m) => [m.name, m.report] as const), ...this.#beside])
  }

  /** Has work that is no role's (the archive) be seen among the roles. */
  tell(name: string, report: RoleReport): void {
    this.#beside.set(name, report)
    this.#broadcast()
  }

  /** Does this process do what the role does, for all? */
  leads(role: string): boolean {
    return this.#members.some((m) => m.name === role && isSingle(m.role) && (this.#candidacy === null || m.lease !== null))
  }

  /** Text that the page's overlay shows; null takes it away. */
  showDiagnostics(text: string | null): void {
    this.#diagnostics = text
    this.#broadcast()
  }

  /** Has what serves send its clients elsewhere, and resolves when the time for that is over. The other roles go on as before; nothing happens where nobody serves. */
  async drain(ms: number, clock: Pick<Clock, 'sleep'>): Promise<void> {
    const serving = this.#members.filter(({ role, worker }) => role.kind === 'serve' && worker !== null)
    if (ms <= 0 || serving.length === 0) return
    for (const member of serving) {
      member.report = { state: 'draining', values: member.report.values }
      member.worker?.postMessage({ kind: 'drain', ms } satisfies ToRole)
    }
    this.#broadcast()
    await clock.sleep(ms)
  }

  /** Asks all roles to drain and resolves when every thread has ended; one that takes longer than it may is ended. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#standing.abort()
    await Promise.all(this.#members.map((member) => this.#end(member)))
  }

  /** Ends a role's thread without warning, as a crash would. For fault tests. */
  async kill(role: string): Promise<void> {
    await this.#members.find((m) => m.name === role)?.worker?.terminate()
  }

  #begin(member: Member): void {
    if (this.#candidacy === null || !isSingle(member.role)) this.#spawn(member)
    else void this.#standBy(member, this.#candidacy)
  }

  async #standBy(member: Member, { leases, holder }: Candidacy): Promise<void> {
    this.#stands(member)
    const hear = (trouble: Error | null): void => this.#leasesAre(member, trouble)
    const lease = await leases.acquire(member.name, holder, this.#standing.signal, hear).catch(() => null)
    if (lease === null) {
      member.report = { state: 'stopped', values: {} }
    } else if (this.#stopping) {
      await lease[Symbol.asyncDispose]()
    } else {
      member.lease = lease
      lease.lost.addEventListener('abort', () => this.#lost(member, lease), { once: true })
      this.emit('leads', member.name)
      this.#spawn(member)
    }
  }

  #stands(member: Member): void {
    member.waits('standby', {})
    this.#broadcast()
    setTimeout(() => member.report.state === 'standby' && this.emit('standby', member.name), SETTLED_MS).unref()
  }

  /** A role that nobody may be doing is not standing by, whatever became of its last life. */
  #leasesAre(member: Member, trouble: Error | null): void {
    const error = trouble === null ? null : toPlainError(trouble)
    if (error === null) this.#stands(member)
    else {
      const fix = error.fix === undefined ? {} : { fix: error.fix }
      member.report = { state: 'waiting', values: {}, problem: `nobody can say who does this: ${error.message}`, ...fix }
      this.#broadcast()
    }
    this.emit('leases', member.name, error)
  }

  /** It may go on with nothing. If it is busy it is ended where it stands, as a crash would. */
  #lost(member: Member, lease: Lease): void {
    const { worker } = member
    if (worker === null || member.lease !== lease) return
    worker.postMessage({ kind: 'stop' } satisfies ToRole)
    member.timer = setTimeout(() => void worker.terminate(), LOST_MS)
  }

  #spawn(member: Member): void {
    const data: RoleThreadData = { role: member.role, plan: this.#plan, token: member.lease?.token ?? null }
    const worker = new Worker(THREAD, {
      workerData: data,
      name: member.name,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    })
    member.started(worker)
    let failure: PlainError | null = null
    worker.on('message', (message: FromRole) => {
      if (message.kind === 'failed') failure = message.error
      else this.#hear(member, message)
    })
    worker.on('error', (error) => (failure = toPlainError(error)))
    worker.on('exit', () => void this.#ended(member, failure))
  }

  #hear(member: Member, message: Exclude<FromRole, { kind: 'failed' }>): void {
    switch (message.kind) {
      case 'ready':
        member.trouble = undefined
        if (member.report.state !== 'draining') member.report = { state: 'ready', values: member.report.values }
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

  async #ended(member: Member, failure: PlainError | null): Promise<void> {
    member.worker = null
    clearTimeout(member.timer)
    const lease = member.lease
    member.lease = null
    // A life that failed gives way: another process may do better.
    await lease?.[Symbol.asyncDispose]()
    if (this.#stopping || member.report.state === 'draining') {
      member.report = { state: 'stopped', values: member.report.values }
      return
    }
    const error = whyEnded(member, lease, failure)
    if (error.retry === 'never') {
      member.report = { state: 'stopped', values: member.report.values, problem: error.message }
      this.emit('fatal', member.name, fromPlainError(error))
      return
    }
    member.trouble = isDisplaced(lease, failure) ? undefined : error.message
    if (performance.now() - member.startedAt > HEALTHY_MS) member.backOff.reset()
    const pauseMs = member.backOff.next(error.retry === 'now')
    member.report = { state: 'restarting', values: member.report.values, problem: error.message }
    this.emit('restarting', member.name, error, pauseMs)
    this.#broadcast()
    member.timer = setTimeout(() => this.#begin(member), pauseMs)
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
    const { worker, lease } = member
    if (worker === null) return
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'stop' } satisfies ToRole)
    const deadline = setTimeout(() => void worker.terminate(), DRAIN_MS)
    await ended
    clearTimeout(deadline)
    await lease?.[Symbol.asyncDispose]()
  }
}

/** What a report makes of the one before: a role that is neither starting nor ending is ready or waiting. */
function reported(before: RoleReport, values: RoleReport['values'], problem: string | null): RoleReport {
  if (before.state !== 'ready' && before.state !== 'waiting') return { ...before, values, ...(problem === null ? {} : { problem }) }
  return problem === null ? { state: 'ready', values } : { state: 'waiting', values, problem }
}

/** A writer that was fenced off where leases choose has only been too slow to notice that another one runs: it stands by again. */
function whyEnded(member: Member, lease: Lease | null, failure: PlainError | null): PlainError {
  const reason: unknown = lease?.lost.reason
  if (isSheetflowError(reason)) return toPlainError(reason)
  const error = failure ?? { code: null, message: `${member.name} ended without being asked`, retry: 'later' as const }
  return isDisplaced(lease, failure) ? { ...error, retry: 'later' } : error
}

/** Did the life end because another process leads now? */
function isDisplaced(lease: Lease | null, failure: PlainError | null): boolean {
  if (lease === null) return false
  return isSheetflowError(lease.lost.reason) || failure?.code === 'bus/fenced' || failure?.code === 'store/fenced'
}

/** One role and the thread that lives it at the moment. */
class Member {
  readonly role: Role
  readonly name: string
  readonly backOff: BackOff = new BackOff()
  worker: Worker | null = null
  lease: Lease | null = null
  report: RoleReport = { state: 'starting', values: {} }
  /** Why its last life failed, until one has become ready: a role that fails again and again is `starting` for most of the time. */
  trouble: string | undefined
  startedAt = 0
  timer: NodeJS.Timeout | undefined

  constructor(role: Role) {
    this.role = role
    this.name = roleName(role)
  }

  started(worker: Worker): void {
    this.worker = worker
    this.startedAt = performance.now()
    this.waits('starting', this.report.values)
  }

  waits(state: 'standby' | 'starting', values: RoleReport['values']): void {
    this.report = { state, values, ...(this.trouble === undefined ? {} : { problem: this.trouble }) }
  }
}
