import type { SheetflowError } from '@sheetflow/core/errors'
import type { LoadedConfig } from '../config/load.ts'
import { placesOf, type Places } from '../config/places.ts'
import { yellow, type Output } from '../cli/output.ts'
import { openBus } from '../registry.ts'
import { Deployer } from '../deploy/deployer.ts'
import { lockDataFolder } from './lock.ts'
import { graphsOf, rolesOf } from './roles.ts'
import { Supervisor } from './supervisor.ts'
import type { GraphPlan, RolePlan } from './role.ts'

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
}

export interface InstanceOptions {
  readonly loaded: LoadedConfig
  /** Watches the workbooks, serves GraphiQL, prints a token. */
  readonly dev: boolean
  readonly output: Output
  /** Aborts when the instance shall drain and end. */
  readonly signal: AbortSignal
  /** Called once, when every role does its work. */
  readonly onReady: (info: ReadyInfo) => void
}

/**
 * Runs all roles until the signal aborts: resolves after they drained, rejects with the error of a role that no retry can mend.
 * The data folder is locked meanwhile.
 */
export async function runInstance(options: InstanceOptions): Promise<void> {
  const { loaded, output, signal } = options
  const places = placesOf(loaded.config, loaded.root)
  using _lock = lockDataFolder(places.data)
  const graphs = graphsOf(loaded.config, places.workbooks)
  const plan: RolePlan = { config: loaded.config, root: loaded.root, graphs, dev: options.dev }
  const supervisor = new Supervisor(rolesOf(loaded.config, graphs), plan)
  const fatal = listen(supervisor, output)
  tellWhenReady(supervisor, options.onReady)
  supervisor.start()
  await using bus = await openBus(loaded.config, places)
  const deployer = new Deployer({
    bus,
    places,
    plan,
    output,
    watch: options.dev,
    show: (text: string | null) => supervisor.showDiagnostics(text),
  })
  const deploying = deployer.run(signal)
  try {
    await Promise.race([fatal, deploying, aborted(signal)])
  } finally {
    await supervisor.stop()
    await deploying.catch(() => undefined)
  }
}

/** Graphs and places without running anything, for `lint`, `test` and `fmt`. */
export function survey(loaded: LoadedConfig): { readonly places: Places; readonly graphs: readonly GraphPlan[] } {
  const places = placesOf(loaded.config, loaded.root)
  return { places, graphs: graphsOf(loaded.config, places.workbooks) }
}

function listen(supervisor: Supervisor, output: Output): Promise<never> {
  supervisor.on('log', (role, { level, event, fields }) => {
    if (level === 'debug' && !output.verbose) return
    output.event('log', { role, level, name: event, ...fields }, undefined)
    if (level === 'warn' || level === 'error' || output.verbose) output.note(logLine(role, level, event, fields))
  })
  supervisor.on('restarting', (role, error, pauseMs) => {
    output.event('restarting', { role, code: error.code, message: error.message, pauseMs })
    output.note(
      `${yellow('restarting')} ${role} in ${pauseMs} ms: ${error.message}${error.fix === undefined ? '' : `\n  fix ${error.fix}`}`,
    )
    if (error.stack !== undefined && output.verbose) output.note(error.stack)
  })
  return new Promise((_, reject) => {
    supervisor.on('fatal', (_role: string, error: SheetflowError) => reject(error))
  })
}

function logLine(role: string, level: string, event: string, fields: Readonly<Record<string, unknown>>): string {
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [level, role, event, ...rest].join(' ')
}

function tellWhenReady(supervisor: Supervisor, onReady: (info: ReadyInfo) => void): void {
  let info: ReadyInfo | null = null
  let told = false
  supervisor.on('ready', (role, details) => {
    if (role === 'serve') info = details as unknown as ReadyInfo
    const all = Object.values(supervisor.reports()).every((report) => report.state === 'ready')
    if (!all || info === null || told) return
    told = true
    onReady(info)
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
