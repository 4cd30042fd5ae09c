import { Bell } from '@sheetflow/core/bell'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { isSheetflowError, type SheetflowError } from '@sheetflow/core/errors'
import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { Deployment, GraphInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import { allTableSchemas, graphInbox, graphInboxSubject, sourceStream } from '@sheetflow/core/subject'
import { compileGraph } from '@sheetflow/workbook/compile/compile-graph'
import { makeDeployment, staleNames } from '@sheetflow/workbook/deployment'
import type { WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import { diagnosticJson, formatDiagnostic, formatDiagnostics } from '@sheetflow/workbook/format-diagnostic'
import type { Places } from '../config/places.ts'
import { systemClock } from '../ops/system-clock.ts'
import { green, type Output } from '../cli/output.ts'
import { errorsIn } from '../cli/print-diagnostics.ts'
import { shownPath } from '../cli/workbooks/selection.ts'
import type { Journal } from '../runtime/journal.ts'
import type { GraphPlan, Role, RolePlan } from '../runtime/role.ts'
import { graphsOf } from '../runtime/roles.ts'
import { lastDeployment } from './last-deployment.ts'
import { readTableSchemas, type TableSchemas } from './table-schemas.ts'
import { watchFolder } from './watch-folder.ts'
import { readWorkbookFiles, type WorkbookFiles } from './workbook-files.ts'

/** What a deployer needs. */
export interface DeployerOptions {
  readonly bus: Bus
  readonly places: Places
  readonly plan: RolePlan
  readonly output: Output
  readonly journal: Journal
  /** Does this process run the role for all? It deploys to the graphs that it runs. */
  readonly leads: (role: Role) => boolean
  /** Asynchronous functions that formulas may call. */
  readonly functions: FunctionSignatures
  /** Follow edits of the workbooks folder. */
  readonly watch: boolean
  /** Shows what is wrong on the page as well; null: nothing is. */
  readonly show: (text: string | null) => void
  /** Default: the machine's. */
  readonly clock?: Clock
}

/** At the very first start a source's stream is not there for a moment. */
const SCHEMA_POLL_MS = 50
/** Sources tell their tables one by one: so long behind the last one that came a first start waits for another before it says that some are unknown. */
const FIRST_TABLES_MS = 5_000
/** A bus that cannot take a deployment now is asked again after this time. */
const RETRY_MS = 1000

/**
 * Turns the workbooks' files into deployments: at the start, after each edit, and when a table's schema changes. Files that do not bind are reported
 * with place, reason and fix, and nothing is sent: the deployment that runs goes on. Looks are taken one after the other; what happens during
 * one leads to one more.
 */
export class Deployer {
  readonly #options: DeployerOptions
  /** What is wrong with the files of a graph, as it was told last. */
  readonly #told = new Map<string, string>()
  /** Errors that the page shows, by graph. */
  readonly #errors = new Map<string, string>()
  /** Deployments that were sent and do not answer yet. */
  readonly #sent = new Map<string, { readonly version: string; readonly atMs: number }>()
  readonly #lookAgain = new Bell()
  #unknownWorkbooks = ''
  readonly #clock: Clock
  #tablesTold = 0
  /** More tables may come. */
  #isEarly = true

  constructor(options: DeployerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** Deploys whenever something changed, until the signal aborts. Rejects only with bugs. */
  async run(signal: AbortSignal): Promise<void> {
    const { places, plan, watch } = this.#options
    signal.addEventListener('abort', () => this.#lookAgain.ring(), { once: true })
    if (watch) watchFolder(places.workbooks, signal, () => this.#lookAgain.ring())
    await Promise.all([this.#deployUntil(signal), ...Object.keys(plan.config.sources).map((source) => this.#followSchemas(source, signal))])
  }

  /** Looks again: this process has begun to run a graph. */
  look(): void {
    this.#lookAgain.ring()
  }

  /** Hears what a graph's role reports, to say when a new version answers. */
  heard(role: string, values: Readonly<Record<string, number | string>>): void {
    const graph = role.startsWith('graph:') ? role.slice('graph:'.length) : ''
    const sent = this.#sent.get(graph)
    if (sent === undefined || values['graph_deployment'] !== sent.version) return
    this.#sent.delete(graph)
    const tookMs = Math.round(performance.now() - sent.atMs)
    this.#options.output.event('live', { graph, version: sent.version, tookMs })
    this.#options.output.note(`${green('live')} ${graph}: the new version answers, ${tookMs} ms after it was read`)
  }

  async #deployUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const heard = this.#lookAgain.next()
      await this.#look(signal)
      await heard
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { bus, plan, journal, leads } = this.#options
    const graphs = plan.graphs.filter(({ graph }) => leads({ kind: 'graph', graph }))
    if (graphs.length === 0) return
    try {
      const tables = await readTableSchemas(bus, Object.keys(plan.config.sources))
      this.#waitForMore(tables.size, signal)
      // Before the first schema is known every reference would be an error; the schemas ring the bell when they come.
      if (tables.size > 0) for (const graph of graphs) await this.#deploy(graph, tables, signal)
      this.#nameUnknownWorkbooks()
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      journal.log('deploy', 'warn', 'deploy.waits', error.toJSON())
      void this.#clock.sleep(RETRY_MS, signal).then(() => this.#lookAgain.ring())
    }
  }

  /** While tables come, whatever time their source takes to begin, one that is missing is not unknown. */
  #waitForMore(told: number, signal: AbortSignal): void {
    if (told === this.#tablesTold) return
    this.#tablesTold = told
    this.#isEarly = true
    void this.#clock.sleep(FIRST_TABLES_MS, signal).then(() => {
      if (told !== this.#tablesTold) return
      this.#isEarly = false
      this.#lookAgain.ring()
    })
  }

  async #deploy({ graph, workbooks }: GraphPlan, tables: TableSchemas, signal: AbortSignal): Promise<void> {
    const atMs = performance.now()
    const { bus, places, functions } = this.#options
    await bus.ensure(graphInbox(graph))
    const previous = await lastDeployment(bus, graph)
    let files: WorkbookFiles
    try {
      files = readWorkbookFiles(places.workbooks, workbooks)
    } catch (error) {
      if (!isSheetflowError(error, 'workbook/unreadable')) throw error
      this.#report(graph, [unreadable(error)], previous !== null)
      // No edit may tell that it can be read again.
      void this.#clock.sleep(RETRY_MS, signal).then(() => this.#lookAgain.ring())
      return
    }
    const { graph: bound, diagnostics } = compileGraph({ files, tables, ...staleNames(previous ?? { ids: {} }, tables, files), functions })
    if (bound === null && previous === null && this.#isEarly && diagnostics.some(isUnknownName)) return
    this.#report(graph, diagnostics, previous !== null)
    if (bound === null) return
    const deployment = makeDeployment(files, tables, new Date(this.#clock.now()).toISOString(), previous ?? undefined, functions)
    if (previous?.version === deployment.version && !countsAnew(previous, deployment)) return
    await this.#send(graph, deployment)
    // The first one is what the start waits for; of later ones somebody wants to know when they answer.
    if (previous !== null) this.#sent.set(graph, { version: deployment.version, atMs })
  }

  async #send(graph: string, deployment: Deployment): Promise<void> {
    const message: GraphInbox = { v: 1, kind: 'deploy', ...deployment }
    const { last } = await this.#options.bus.append(graphInbox(graph), [
      { subject: graphInboxSubject(graph, 'deploy'), id: `deploy/${deployment.version}/${deployment.now}`, body: encodeBody(message) },
    ])
    const { version } = deployment
    this.#options.output.event('deployed', { graph, version, files: Object.keys(deployment.files).length, offset: last })
  }

  /** Says what is wrong, once for as long as it stays the same. */
  #report(graph: string, found: readonly WorkbookDiagnostic[], runs: boolean): void {
    const { output, places } = this.#options
    const diagnostics = found.map((one) => ({ ...one, file: shownPath(places.workbooks, process.cwd(), one.file) }))
    const text = diagnostics.length === 0 ? '' : formatDiagnostics(diagnostics)
    const before = this.#told.get(graph) ?? ''
    if (text === before) return
    this.#told.set(graph, text)
    this.#showOnPage(graph, diagnostics)
    for (const one of diagnostics) output.event('diagnostic', { graph, ...diagnosticJson(one) })
    if (text === '') output.note(`${green('mended')} ${graph}: nothing is wrong with its files`)
    else output.note(`\n${formatDiagnostics(diagnostics, { color: true })}${runs && errorsIn(diagnostics) > 0 ? STAYS : ''}`)
  }

  #showOnPage(graph: string, diagnostics: readonly WorkbookDiagnostic[]): void {
    const errors = diagnostics.filter((one) => one.severity === 'error')
    if (errors.length === 0) this.#errors.delete(graph)
    else this.#errors.set(graph, errors.map((one) => formatDiagnostic(one)).join('\n\n'))
    this.#options.show(this.#errors.size === 0 ? null : [...this.#errors.values()].join('\n\n'))
  }

  /** A graph is a role, and roles are started with the process. */
  #nameUnknownWorkbooks(): void {
    const { plan, places, output } = this.#options
    const known = new Set(plan.graphs.map(({ graph }) => graph))
    const names = graphsOf(plan.config, places.workbooks)
      .map(({ graph }) => graph)
      .filter((graph) => !known.has(graph))
      .join(', ')
    if (names === this.#unknownWorkbooks) return
    this.#unknownWorkbooks = names
    if (names !== '') output.note(`${names}: a new workbook runs from the next start on`)
  }

  /** Rings the bell when a table's schema comes or changes: rare among what a source writes, so looked for now and then, not at every commit. */
  async #followSchemas(source: string, signal: AbortSignal): Promise<void> {
    const { bus } = this.#options
    const subjects = [allTableSchemas(source)]
    let from: number | null = null
    while (!signal.aborted) {
      try {
        const { last } = await bus.range(sourceStream(source))
        if (from === null) this.#lookAgain.ring()
        else for await (const _ of bus.read(sourceStream(source), { from, subjects, untilNow: true, signal })) this.#lookAgain.ring()
        from = last + 1
      } catch (error) {
        if (!isSheetflowError(error)) throw error
        from = null
      }
      await this.#clock.sleep(SCHEMA_POLL_MS, signal)
    }
  }
}

const STAYS = '\n\nthe version before goes on running'

/** Has a source begun its stream anew? The schema that was waited for would never come. */
function countsAnew({ schemas: before = {} }: Deployment, { schemas = {} }: Deployment): boolean {
  return Object.entries(schemas).some(([table, schema]) => (before[table] ?? 0) > schema)
}

function isUnknownName({ code }: WorkbookDiagnostic): boolean {
  return code === 'formula/unknown-name'
}

/** A file that could not be read, beside what is wrong in those that could. */
function unreadable({ code, message, fix, details }: SheetflowError): WorkbookDiagnostic {
  const place = { file: String(details['file']), line: 1, column: 1, width: 1, source: '' }
  return { code, severity: 'error', ...place, message, ...(fix === undefined ? {} : { fix }) }
}
