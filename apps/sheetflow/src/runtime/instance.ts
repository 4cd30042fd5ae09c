import type { SheetflowError } from '@sheetflow/core/errors'
import type { LoadedConfig } from '../config/load.ts'
import { placesOf } from '../config/places.ts'
import type { Output } from '../cli/output.ts'
import { openBus } from '../registry.ts'
import { Deployer } from '../deploy/deployer.ts'
import { aborted } from './aborted.ts'
import { StructuredJournal, TerminalJournal, type Journal } from './journal.ts'
import { keepArchive } from './archiving.ts'
import { keepWithinLimits } from './retention.ts'
import { graphsOf, rolesOf } from './roles.ts'
import { Supervisor } from './supervisor.ts'
import type { RolePlan } from './role.ts'
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

export interface InstanceOptions {
  readonly loaded: LoadedConfig
  /** Watches the workbooks, serves GraphiQL, prints a token; otherwise logs are JSON lines on stderr. */
  readonly dev: boolean
  readonly output: Output
  /** Aborts when the instance shall drain and end. */
  readonly signal: AbortSignal
  /** Called once, when every role does its work. */
  readonly onReady: (info: ReadyInfo) => void
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
  using journal = dev ? new TerminalJournal(output) : new StructuredJournal(output)
  await using bus = await openBus(loaded)
  const supervisor = new Supervisor(rolesOf(loaded.config, graphs), plan)
  const deployer = new Deployer({ bus, places, plan, output, journal, watch: dev, show: (text) => supervisor.showDiagnostics(text) })
  supervisor.on('report', (role, { values }) => deployer.heard(role, values))
  tellWhenReady(supervisor, options)
  const stopping = new AbortController()
  const signal = AbortSignal.any([options.signal, stopping.signal])
  const fatal = listen(supervisor, journal)
  supervisor.start()
  killRolesOnRequest((role) => supervisor.kill(role))
  const tasks = [deployer.run(signal), keepWithinLimits(bus, plan, journal, signal), keepArchive(loaded, { bus, plan, journal }, signal)]
  try {
    await Promise.race([fatal, aborted(signal), ...tasks])
  } finally {
    stopping.abort()
    await supervisor.stop()
    await Promise.allSettled(tasks)
  }
}

function listen(supervisor: Supervisor, journal: Journal): Promise<never> {
  supervisor.on('log', (role, { level, event, fields }) => journal.log(role, level, event, fields))
  supervisor.on('restarting', (role, error, pauseMs) => journal.restarting(role, error, pauseMs))
  return new Promise((_, reject) => {
    supervisor.on('fatal', (_role: string, error: SheetflowError) => reject(error))
  })
}

/** Hears when every role has become ready, and when rows move after that. */
function tellWhenReady(supervisor: Supervisor, { onReady, onMoving }: Pick<InstanceOptions, 'onReady' | 'onMoving'>): void {
  let info: ReadyInfo | null = null
  let told = false
  supervisor.on('ready', (role, details) => {
    if (role === 'serve') info = details as unknown as ReadyInfo
    const all = Object.values(supervisor.reports()).every(({ state }) => state === 'ready' || state === 'waiting')
    if (!all || info === null || told) return
    told = true
    onReady(info)
    if (onMoving !== undefined) tellWhenMoving(supervisor, onMoving)
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
