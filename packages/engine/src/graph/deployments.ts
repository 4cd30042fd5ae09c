import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Deployment, RowChange } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { BoundGraph } from '@sheetflow/formula/bound'
import type { FormulaFaults } from '../program/formula-faults.ts'
import type { StepClock } from '../program/step-clock.ts'
import type { StepTimes } from '../program/step-times.ts'
import type { Pool } from '../state/pool.ts'
import type { Calls, SavedShown } from './calls.ts'
import type { Compile } from './compile.ts'
import type { Edits } from './edits.ts'
import type { DeployProblem, GraphMeta, SavedDeployment } from './graph-meta.ts'
import { Running } from './running.ts'
import type { SourceTables } from './source-tables.ts'
import { splitId } from './split-id.ts'
import type { Views } from './views.ts'

/** What deployments are made from and run over. */
export interface DeploymentsHost {
  readonly compile: Compile
  readonly tables: SourceTables
  readonly pool: Pool
  readonly views: Views
  readonly edits: Edits
  readonly clock: StepClock
  readonly faults: FormulaFaults
  readonly calls: Calls
  readonly times: StepTimes
}

/**
 * The deployments of a graph: one answers, the next one may wait for schemas, be filled beside it and take over at the end of a step.
 *
 *     deploy → waiting ──prepare: it compiles──▶ prepared, being filled ──activate, swap──▶ active
 */
export class Deployments {
  readonly #host: DeploymentsHost
  #active: Running | null = null
  #prepared: Running | null = null
  /** Deployed, but it does not compile against the schemas that are known: tried again when one comes. */
  #waiting: (DeployProblem & { readonly deployment: Deployment }) | null = null
  #running: readonly Running[] = []
  #schemasChanged = false
  #activating = false
  /** Told to be activated before it was prepared. */
  #activateSoon: string | null = null
  #usesChanged = false

  constructor(host: DeploymentsHost) {
    this.#host = host
  }

  /** The one that answers now. */
  get active(): Running | null {
    return this.#active
  }

  get prepared(): Running | null {
    return this.#prepared
  }

  /** Every one that runs: the active one first. */
  get running(): readonly Running[] {
    return this.#running
  }

  /** Why the last deployment is not prepared; null: it is, or there is none. */
  get problem(): DeployProblem | null {
    return this.#waiting
  }

  /** Does the prepared one take over at the end of this step? */
  get activating(): boolean {
    return this.#activating
  }

  /** Has the set of those that run changed since the tables were told what is used (`usesTold`)? */
  get usesChanged(): boolean {
    return this.#usesChanged
  }

  usesTold(): void {
    this.#usesChanged = false
  }

  /** A schema has come: what waits may compile now. */
  schemasChanged(): void {
    this.#schemasChanged = true
  }

  deploy(deployment: Deployment): void {
    if (this.#active?.deployment.version === deployment.version) {
      this.#dropPrepared()
      this.#waiting = null
      return
    }
    if (this.#prepared?.deployment.version === deployment.version) return
    this.#dropPrepared()
    this.#waiting = { deployment, version: deployment.version, problems: [] }
    this.#schemasChanged = true
  }

  /**
   * The deployment of that version takes over at the end of this step. If it still waits for a schema (a state that is built anew may read its
   * streams in another order than the first one did), it does so as soon as it is prepared.
   */
  activate(version: string): void {
    this.#activating = this.#prepared?.deployment.version === version
    this.#activateSoon = this.#waiting?.version === version ? version : null
  }

  /** Compiles what waits, if there is a chance that it compiles now, and fills it from the rows that are there. True: it is prepared now. */
  prepare(): boolean {
    if (!this.#schemasChanged || this.#waiting === null) return false
    this.#schemasChanged = false
    const { deployment } = this.#waiting
    const schemas = this.#host.tables.schemas()
    const unheard = this.#unheardOf(deployment)
    const result = unheard.length > 0 ? { graph: null, problems: unheard } : this.#host.compile(deployment, schemas)
    if (result.graph === null) {
      this.#waiting = { deployment, version: deployment.version, problems: result.problems }
      return false
    }
    this.#waiting = null
    this.#setRunning(this.#active, this.#run(deployment, schemas, result.graph))
    this.#activating = this.#activateSoon === deployment.version
    this.#activateSoon = null
    this.#usesChanged = true
    return true
  }

  /** Tables whose schema it was made for has not come yet: a column that is not known would be taken for one that is gone, for good. */
  #unheardOf({ schemas = {}, tableIds = {} }: Deployment): string[] {
    return Object.entries(schemas).flatMap(([name, schema]) => {
      const [source, table] = splitId(name)
      const known = this.#host.tables.find(source, { id: tableIds[name], table })
      return known?.hasSeen(schema) === true ? [] : [`schema ${schema} of ${name} has not come yet`]
    })
  }

  /** Everything that the old one serves, the prepared one can serve as well. */
  get isPreparedFilled(): boolean {
    const prepared = this.#prepared
    if (prepared === null || prepared.incompleteTables().length > 0) return false
    const { views } = this.#host
    return prepared.graph.sheets.every(({ view }) => !views.isLive(view) || prepared.tablesOf(view).every((table) => table.loaded))
  }

  /** The prepared one takes over. */
  swap(): void {
    this.#activating = false
    const next = must(this.#prepared)
    const old = this.#active
    this.#setRunning(next, null)
    this.#usesChanged = true
    this.#host.views.activate(next, old)
    this.#host.edits.rename(next.deployment.sheetNames ?? {})
    old?.program.retire(next.program)
    next.takeOver()
  }

  edit(view: string, changes: readonly RowChange[], base: boolean): void {
    for (const running of this.#running) running.edit(view, changes, base)
  }

  save(): Pick<GraphMeta, 'active' | 'prepared' | 'waiting' | 'activateSoon'> {
    return {
      active: savedDeployment(this.#active),
      prepared: savedDeployment(this.#prepared),
      waiting: this.#waiting,
      activateSoon: this.#activating ? (this.#prepared?.deployment.version ?? null) : this.#activateSoon,
    }
  }

  /** Rows that wait and show an earlier answer, for a checkpoint. */
  saveShown(): readonly SavedShown[] {
    return this.#running.flatMap(({ deployment: { version }, program }) => {
      const calls = program.ownCalls().map((node) => ({ version, call: node.name, rows: node.shownRows() }))
      return calls.filter(({ rows }) => rows.length > 0)
    })
  }

  /** Takes back what `save` gave, when the tables have their rows again. `engine/checkpoint` if a deployment does not compile any more. */
  resume(meta: Pick<GraphMeta, 'active' | 'prepared' | 'waiting' | 'activateSoon'>): void {
    this.#waiting = meta.waiting
    this.#setRunning(this.#resumed(meta.active), null)
    this.#setRunning(this.#active, this.#resumed(meta.prepared))
    this.#activating = this.#prepared !== null && this.#prepared.deployment.version === meta.activateSoon
    this.#activateSoon = this.#activating ? null : meta.activateSoon
  }

  #resumed(saved: SavedDeployment | null): Running | null {
    if (saved === null) return null
    const schemas = new Map(saved.schemas)
    const result = this.#host.compile(saved.deployment, schemas)
    if (result.graph !== null) return this.#run(saved.deployment, schemas, result.graph)
    throw new SheetflowError('engine/checkpoint', `deployment ${saved.deployment.version} of the checkpoint does not compile any more`, {
      details: { problems: result.problems },
    })
  }

  #run(deployment: Deployment, schemas: ReadonlyMap<string, TableSchema>, graph: BoundGraph): Running {
    const { tables, pool, clock, faults, times, calls, edits } = this.#host
    const running = new Running(deployment, schemas, graph, { tables, pool, clock, faults, times, calls, active: this.#active })
    for (const { view, changes, base } of edits.save()) running.edit(view, changes, base)
    running.finishStep()
    running.fillIfDue()
    return running
  }

  #dropPrepared(): void {
    const prepared = this.#prepared
    if (prepared === null) return
    prepared.program.retire(this.#active?.program ?? null)
    this.#setRunning(this.#active, null)
    this.#activating = false
    this.#usesChanged = true
  }

  #setRunning(active: Running | null, prepared: Running | null): void {
    this.#active = active
    this.#prepared = prepared
    this.#running = [active, prepared].filter((running) => running !== null)
  }
}

function savedDeployment(running: Running | null): SavedDeployment | null {
  return running === null ? null : { deployment: running.deployment, schemas: [...running.schemas] }
}
