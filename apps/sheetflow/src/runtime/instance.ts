import { functionSignatures } from '../functions/load-functions.ts'
import { hostname } from 'node:os'
import { SheetflowError } from '@sheetflow/core/errors'
import type { LoadedConfig } from '../config/load.ts'
import { placesOf } from '../config/places.ts'
import type { Output } from '../cli/output.ts'
import { busDriver, openArchive, openBus } from '../registry.ts'
import { Deployer } from '../deploy/deployer.ts'
import { systemClock } from '../ops/system-clock.ts'
import { aborted } from './aborted.ts'
import { logOf, StructuredJournal, TerminalJournal, type Journal } from './journal.ts'
import { keepArchive } from './archiving.ts'
import { keepWithinLimits } from './retention.ts'
import { chooseRoles } from './role-choice.ts'
import { graphsOf, rolesOf } from './roles.ts'
import { listenForOps } from './ops-server.ts'
import { tellPresence } from './tell-presence.ts'
import { Supervisor } from './supervisor.ts'
import { roleName, type Role, type RolePlan, type RoleReport } from './role.ts'
import { killRolesOnRequest } from './torture-hooks.ts'

/** What a running Sheetflow can be asked where. */
export interface InstanceUrls {
  readonly page: string
  readonly graphql: string
  readonly realtime: string
  readonly metrics: string
}

/** What `serve` says when it listens. */
export interface ReadyInfo {
  readonly urls: InstanceUrls
  /** A token for trying things out, in dev only. */
  readonly token: string | null
  /** Is there a page to be opened? */
  readonly hasPage: boolean
}

/** What a process says when its roles do their work. */
export interface Ready {
  /** Null: it serves nothing. */
  readonly serve: ReadyInfo | null
  /** Where it answers /healthz, /readyz and /metrics beside that; null: nowhere. */
  readonly opsUrl: string | null
}

export interface InstanceOptions {
  readonly loaded: LoadedConfig
  /** Watches the workbooks, serves GraphiQL, prints a token; otherwise logs are JSON lines on stderr. */
  readonly dev: boolean
  /** As `--roles` says them; absent: all. */
  readonly roles?: string | undefined
  readonly output: Output
  /** Aborts when the instance shall drain and end. */
  readonly signal: AbortSignal
  /** How long clients are sent elsewhere before anything ends; asked when the signal has aborted. Default 0. */
  readonly drainMs?: () => number
  /** Called once, when every role does its work. */
  readonly onReady: (info: Ready) => void
  /** Called once, when a graph has published its first change after that. */
  readonly onMoving?: () => void
}

/**
 * Runs all roles until the signal aborts: resolves after they drained, rejects with the error of a role that no retry can mend.
 * The caller holds the lock of the data folder.
 */
export async function runInstance(options: InstanceOptions): Promise<void> {
  const { loaded, output, dev } = options
  const places = placesOf(loaded.config, loaded.root)
  const graphs = graphsOf(loaded.config, places.workbooks)
  const plan: RolePlan = { config: loaded.config, root: loaded.root, graphs, dev }
  const functions = await functionSignatures(loaded)
  using journal = dev ? new TerminalJournal(output) : new StructuredJournal(output)
  await using bus = await openBus(loaded, logOf(journal, 'bus'))
  const driver = await busDriver(loaded)
  await using leases = await driver.openLeases()
  await using presence = await driver.openPresence()
  const holder = holderName()
  await using archive = await openArchive(loaded)
  const roles = await chosenRoles(options, graphs)
  const supervisor = new Supervisor(roles, plan, leases === null ? null : { leases, holder })
  await using ops = await listenForOps(loaded.config.ops, {
    serves: roles.some(({ kind }) => kind === 'serve'),
    log: logOf(journal, 'ops'),
    reports: () => supervisor.reports(),
  })
  const leads = (role: Role): boolean => supervisor.leads(roleName(role))
  const show = (text: string | null): void => supervisor.showDiagnostics(text)
  const deployer = new Deployer({ bus, places, plan, output, journal, leads, functions, watch: dev, show })
  supervisor.on('report', (role, { values }) => deployer.heard(role, values))
  supervisor.on('leads', () => deployer.look())
  const url = whereToAsk(supervisor, ops?.url)
  tellWhenReady(supervisor, ops?.url ?? null, options)
  const stopping = new AbortController()
  const { signal } = stopping
  const fatal = listen(supervisor, journal)
  supervisor.start()
  killRolesOnRequest((role) => supervisor.kill(role))
  // The end of any of them is the end of the whole: what there is nothing to do for is no task.
  const tasks = [deployer.run(signal), keepWithinLimits({ bus, clock: systemClock, plan, journal, leads, signal })]
  const tell = (report: RoleReport): void => supervisor.tell('archive', report)
  if (archive !== null) tasks.push(keepArchive(archive, { bus, plan, journal, leads, tell }, signal))
  if (presence !== null)
    tasks.push(
      tellPresence({ presence, holder, log: logOf(journal, 'presence') }, () => ({ roles: supervisor.reports(), ...url() }), signal),
    )
  try {
    await Promise.race([fatal, aborted(options.signal), ...tasks])
    await Promise.race([fatal, supervisor.drain(options.drainMs?.() ?? 0, systemClock)])
  } finally {
    stopping.abort()
    await supervisor.stop()
    await Promise.allSettled(tasks)
  }
}

/** `config/invalid` for a part of the roles on a bus that no other process can reach. */
export async function chosenRoles(
  { loaded, roles }: Pick<InstanceOptions, 'loaded' | 'roles'>,
  graphs: RolePlan['graphs'],
): Promise<readonly Role[]> {
  const all = rolesOf(loaded.config, graphs)
  const chosen = roles === undefined ? all : chooseRoles(roles, all)
  if (chosen.length === all.length || (await busDriver(loaded)).isShared) return chosen
  throw new SheetflowError('config/invalid', '--roles with a part of the roles needs a bus that other processes can reach', {
    fix: "Set  bus: { type: 'nats', servers: ['nats://…'] }, or leave --roles out: then one process does everything.",
  })
}

/** Who this process is: also another one than the one before with the same number on the same machine. */
function holderName(): string {
  return `${hostname()}/${process.pid}/${Date.now().toString(36)}`
}

function listen(supervisor: Supervisor, journal: Journal): Promise<never> {
  supervisor.on('log', (role, { level, event, fields }) => journal.log(role, level, event, fields))
  supervisor.on('restarting', (role, error, pauseMs) => journal.restarting(role, error, pauseMs))
  supervisor.on('leases', (role, trouble) => {
    if (trouble === null) journal.log(role, 'info', 'role.leases', { status: 'back' })
    else journal.log(role, 'warn', 'role.leases', { code: trouble.code, message: trouble.message, fix: trouble.fix })
  })
  return new Promise((_, reject) => {
    supervisor.on('fatal', (_role: string, error: SheetflowError) => reject(error))
  })
}

/** The address at which the process answers /healthz, /readyz and /metrics, once it does. */
function whereToAsk(supervisor: Supervisor, opsUrl: string | undefined): () => { readonly url?: string } {
  let url = opsUrl
  supervisor.on('ready', (role, details) => {
    if (role === 'serve') url ??= new URL((details as unknown as ReadyInfo).urls.metrics).origin
  })
  return () => (url === undefined ? {} : { url })
}

/** Hears when every role has become ready, and when rows move after that. */
function tellWhenReady(
  supervisor: Supervisor,
  opsUrl: string | null,
  { onReady, onMoving }: Pick<InstanceOptions, 'onReady' | 'onMoving'>,
): void {
  let serve: ReadyInfo | null = null
  let told = false
  const look = (): void => {
    const all = Object.values(supervisor.reports()).every(({ state }) => state === 'ready' || state === 'waiting' || state === 'standby')
    if (!all || told) return
    told = true
    onReady({ serve, opsUrl })
    if (onMoving !== undefined) tellWhenMoving(supervisor, onMoving)
  }
  supervisor.on('standby', look)
  supervisor.on('ready', (role, details) => {
    if (role === 'serve') serve = details as unknown as ReadyInfo
    look()
  })
}

/** A graph's count of published changes grows. */
function tellWhenMoving(supervisor: Supervisor, onMoving: () => void): void {
  const before = new Map<string, number>()
  const hear = (role: string, { values }: { values: Readonly<Record<string, number | string>> }): void => {
    const changes = values['graph_changes_total']
    if (typeof changes !== 'number') return
    const known = before.get(role)
    before.set(role, changes)
    if (known === undefined || changes <= known) return
    supervisor.off('report', hear)
    onMoving()
  }
  supervisor.on('report', hear)
}
