import { decodeGraphInbox } from '@sheetflow/core/framing/inbox'
import { encodeBody } from '@sheetflow/core/framing/codec'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Deployment, GraphInbox } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import { graphInbox, graphInboxSubject, sourceStream } from '@sheetflow/core/subject'
import { compileGraph } from '@sheetflow/workbook/compile/compile-graph'
import { makeDeployment } from '@sheetflow/workbook/deployment'
import type { WorkbookDiagnostic } from '@sheetflow/workbook/diagnostic'
import { formatDiagnostics } from '@sheetflow/workbook/format-diagnostic'
import type { Places } from '../config/places.ts'
import { systemClock } from '../ops/system-clock.ts'
import type { Output } from '../cli/output.ts'
import type { GraphPlan, RolePlan } from '../runtime/role.ts'
import { readTableSchemas, type TableSchemas } from './table-schemas.ts'
import { watchFolder } from './watch-folder.ts'
import { readWorkbookFiles } from './workbook-files.ts'

/** What a deployer needs. */
export interface DeployerOptions {
  readonly bus: Bus
  readonly places: Places
  readonly plan: RolePlan
  readonly output: Output
  /** Follow edits of the workbooks folder. */
  readonly watch: boolean
  /** Shows what is wrong on the page as well; null: nothing is. */
  readonly show: (text: string | null) => void
}

/**
 * Turns the workbooks' files into deployments: at the start, after each edit, and when a table's schema changes. Files that do not bind are reported
 * with place, reason and fix, and nothing is sent: the deployment that runs goes on.
 */
export class Deployer {
  readonly #options: DeployerOptions
  readonly #problems = new Map<string, string>()
  readonly #lookAgain = new Bell()

  constructor(options: DeployerOptions) {
    this.#options = options
  }

  /** Deploys whenever something changed, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { places, plan, watch } = this.#options
    if (watch) watchFolder(places.workbooks, signal, () => this.#lookAgain.ring())
    for (const source of Object.keys(plan.config.sources)) void this.#followSchemas(source, signal)
    while (!signal.aborted) {
      const heard = this.#lookAgain.next(signal)
      const tables = await readTableSchemas(this.#options.bus, Object.keys(plan.config.sources))
      // Before the first schema is known every reference would be an error; the schemas ring the bell when they come.
      if (tables.size > 0) for (const graph of plan.graphs) await this.#deploy(graph, tables)
      await heard
    }
  }

  async #deploy(graph: GraphPlan, tables: TableSchemas): Promise<void> {
    const files = readWorkbookFiles(this.#options.places.workbooks, graph.workbooks)
    const { graph: bound, diagnostics } = compileGraph({ files, tables })
    this.#report(graph.graph, diagnostics)
    if (bound === null) return
    await this.#options.bus.ensure(graphInbox(graph.graph))
    const previous = await this.#lastDeployment(graph.graph)
    const deployment = makeDeployment(files, tables, new Date(systemClock.now()).toISOString(), previous?.ids)
    if (previous?.version !== deployment.version) await this.#send(graph.graph, deployment)
  }

  async #send(graph: string, deployment: Deployment): Promise<void> {
    const message: GraphInbox = { v: 1, kind: 'deploy', ...deployment }
    const { last } = await this.#options.bus.append(graphInbox(graph), [
      { subject: graphInboxSubject(graph, 'deploy'), id: `deploy/${deployment.version}/${deployment.now}`, body: encodeBody(message) },
    ])
    this.#options.output.event('deployed', {
      graph,
      version: deployment.version,
      files: Object.keys(deployment.files).length,
      offset: last,
    })
  }

  async #lastDeployment(graph: string): Promise<Deployment | null> {
    const [last] = await this.#options.bus.last(graphInbox(graph), graphInboxSubject(graph, 'deploy'))
    if (last === undefined) return null
    const message = decodeGraphInbox(last)
    return message.kind === 'deploy' ? message : null
  }

  #report(graph: string, diagnostics: readonly WorkbookDiagnostic[]): void {
    const { output, show } = this.#options
    const text = diagnostics.length === 0 ? null : formatDiagnostics(diagnostics)
    const before = this.#problems.get(graph) ?? null
    if (text === before) return
    if (text === null) this.#problems.delete(graph)
    else this.#problems.set(graph, text)
    for (const one of diagnostics) output.event('diagnostic', { graph, ...one })
    if (text === null) output.note(`${graph}: all formulas are well`)
    else output.note(formatDiagnostics(diagnostics, { color: process.stderr.isTTY }))
    const errors = [...this.#problems.values()]
    show(errors.length === 0 ? null : errors.join('\n\n'))
  }

  /** Rings the bell when a table's schema comes or changes. */
  async #followSchemas(source: string, signal: AbortSignal): Promise<void> {
    const { bus } = this.#options
    while (!signal.aborted) {
      try {
        const { last } = await bus.range(sourceStream(source))
        this.#lookAgain.ring()
        const subjects = [`sf.src.${source}._schema.>`]
        for await (const _ of bus.read(sourceStream(source), { from: last + 1, subjects, signal })) this.#lookAgain.ring()
      } catch (error) {
        if (!isSheetflowError(error)) throw error
        await systemClock.sleep(SCHEMA_POLL_MS, signal)
      }
    }
  }
}

/** At the very first start a source's stream is not there for a moment. */
const SCHEMA_POLL_MS = 50

/** Wakes one sleeper; rings while it is awake are remembered as one. */
class Bell {
  #wake: (() => void) | null = null
  #rung = false

  ring(): void {
    this.#rung = true
    this.#wake?.()
  }

  /** Resolves at the next ring, or at once if it rang since the last one was heard. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
    this.#rung = false
    this.#wake = null
  }
}
