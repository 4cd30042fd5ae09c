import type { ViewStatus } from '@sheetflow/core/message'
import type { SheetSchema } from '@sheetflow/core/schema'
import { schemaHash } from '@sheetflow/core/schema-hash'
import type { BoundSheet } from '@sheetflow/formula/bound'
import { jsonChanges } from '../program/view-changes.ts'
import type { ViewChanges } from '../program/view-changes.ts'
import type { ViewOutput } from '../program/view-output.ts'
import type { Receipts } from './receipts.ts'
import type { PublishedView, Running } from './running.ts'
import type { ViewChange } from './step-output.ts'

/**
 * How a view stands with its readers.
 *
 *   absent ──all its tables loaded──▶ live ──new epoch──▶ suspended ──loaded──▶ live, generation + 1
 *                                      ├──run begins──▶ live, status stale ──loaded──▶ live, status ready
 *                                      ├──a dead letter of a table──▶ live, status stale ──healed──▶ live, status ready
 *                                      └──no sheet of the deployment──▶ retired; its generations go on counting
 *
 *   lost: readers have rows of an earlier life, and this one does not have theirs yet; as suspended, but they have not been told.
 */
interface ViewState {
  generation: number
  phase: 'absent' | 'live' | 'suspended' | 'retired' | 'lost'
  status: ViewStatus
  /** Of the definition that the live generation was filled from. */
  hash: string
}

/** For checkpoints. */
export type SavedViews = Readonly<Record<string, Readonly<ViewState>>>

/** Generations and statuses of a graph's views, and what each step publishes of them (FORMATS 5). */
export class Views {
  readonly #states = new Map<string, ViewState>()
  /** Views that a store asked to have again. */
  readonly #refill = new Set<string>()
  /** Views of the deployment before, with the last schema that readers saw. */
  readonly #retired = new Set<string>()
  /** Has nobody but `step` changed how a view stands since the last step? */
  #settled = false

  refill(views: readonly string[]): void {
    this.#settled = false
    for (const view of views) this.#refill.add(view)
  }

  /** Every view is published anew, or called stale until it can be: the output stream and this state have lost each other. */
  refillAll(): void {
    this.#settled = false
    for (const [view, state] of this.#states) {
      this.#refill.add(view)
      if (state.phase === 'suspended') state.phase = 'lost'
    }
  }

  /** Generations that readers know of an earlier life, by view. */
  countOnFrom(generations: ReadonlyMap<string, number>): void {
    this.#settled = false
    for (const [view, generation] of generations) this.#states.set(view, { generation, phase: 'lost', status: 'ready', hash: '' })
  }

  /** Is this view being read, with rows that are right? */
  isLive(view: string): boolean {
    return this.#states.get(view)?.phase === 'live'
  }

  /** A deployment takes over from `old`: views with the same definition over the same tables go on. */
  activate(running: Running, old: Running | null): void {
    this.#settled = false
    const published = new Set<string>()
    for (const sheet of running.published) {
      const hash = running.hashes.get(sheet.view) ?? ''
      const state = this.#states.get(sheet.view)
      published.add(sheet.view)
      if (state === undefined) this.#states.set(sheet.view, { generation: 0, phase: 'absent', status: 'loading', hash })
      else if (state.hash !== hash || old?.sharesTables(running, sheet.view) === false) {
        state.hash = hash
        if (state.phase === 'live' || state.phase === 'retired') state.phase = 'absent'
      }
    }
    for (const [view, state] of this.#states) {
      if (!published.has(view) && state.phase !== 'retired' && !view.endsWith('._receipts')) this.#retired.add(view)
    }
  }

  /**
   * What this step publishes, views sorted by name. `rowsAlone`: nothing entered but rows, so a view to which nothing happened has nothing to say.
   */
  step(running: Running | null, receipts: Receipts, rowsAlone: boolean): readonly ViewChange[] {
    const steps: ViewChange[] = []
    const quiet = rowsAlone && this.#settled
    this.#settled = true
    if (this.#retired.size > 0) {
      for (const view of this.#retired) steps.push(this.#retire(view))
      this.#retired.clear()
    }
    const retired = steps.length
    if (running !== null) {
      for (const sheet of running.published) {
        if (quiet && !sheet.output.mayHaveChanged) continue
        const step = this.#viewStep(sheet)
        if (step !== null) steps.push(step)
      }
    }
    const receiptStep = quiet && !receipts.haveChanged ? null : this.#receiptStep(receipts)
    if (receiptStep !== null) steps.push(receiptStep)
    if (this.#refill.size > 0) this.#refill.clear()
    // Those of the deployment are in order.
    return retired === 0 && receiptStep === null ? steps : steps.sort((a, b) => (a.view < b.view ? -1 : 1))
  }

  save(): SavedViews {
    return Object.fromEntries([...this.#states].map(([view, state]) => [view, { ...state }]))
  }

  restore(saved: SavedViews): void {
    this.#settled = false
    for (const [view, state] of Object.entries(saved)) this.#states.set(view, { ...state })
  }

  #viewStep({ view, bound, output, tables }: PublishedView): ViewChange | null {
    const state = this.#states.get(view)
    if (state === undefined) return null
    let status: ViewStatus = 'ready'
    for (const table of tables) {
      if (!table.loaded) return this.#suspend(view, state)
      if (table.loading || table.letters > 0) status = 'stale'
    }
    if (state.phase !== 'live' || (this.#refill.size > 0 && this.#refill.has(view))) return this.#fill(bound, output, state, status)
    const rows = output.collect()
    const told = state.status === status
    state.status = status
    if (told && rows.size === 0) return null
    const control = told ? null : { generation: state.generation, status }
    return { view, schema: state.generation, control, newSchema: null, rows }
  }

  /** A new epoch of one of its sources: readers keep what they have, as stale, until it is loaded. */
  #suspend(view: string, state: ViewState): ViewChange | null {
    if (state.phase !== 'live' && state.phase !== 'lost') return null
    state.phase = 'suspended'
    state.status = 'stale'
    return {
      view,
      schema: state.generation,
      control: { generation: state.generation, status: 'stale' },
      newSchema: null,
      rows: jsonChanges([]),
    }
  }

  #fill(bound: BoundSheet, output: ViewOutput, state: ViewState, status: ViewStatus): ViewChange {
    state.generation += 1
    state.phase = 'live'
    state.status = status
    return newGeneration(sheetSchema(bound, state.generation), status, output.collectAll())
  }

  #receiptStep(receipts: Receipts): ViewChange | null {
    const { view } = receipts
    const state = this.#states.get(view)
    const rows = receipts.take()
    if (state === undefined || state.phase === 'lost' || (this.#refill.size > 0 && this.#refill.has(view))) {
      const generation = (state?.generation ?? 0) + 1
      this.#states.set(view, { generation, phase: 'live', status: 'ready', hash: '' })
      return newGeneration(receipts.schema(generation), 'ready', jsonChanges(receipts.rows()))
    }
    return rows.length === 0 ? null : { view, schema: state.generation, control: null, newSchema: null, rows: jsonChanges(rows) }
  }

  /** The view is no more: its last generation has no rows and nobody who may read it. */
  #retire(view: string): ViewChange {
    const generation = (this.#states.get(view)?.generation ?? 0) + 1
    this.#states.set(view, { generation, phase: 'retired', status: 'ready', hash: '' })
    const columns = [{ name: 'id', id: 1, type: 'int' as const, null: false }]
    const schema: SheetSchema = {
      v: 1,
      table: view,
      schema: generation,
      hash: schemaHash(['id'], columns),
      key: ['id'],
      columns,
      generation,
      index: [],
      search: [],
      lists: {},
    }
    return newGeneration(schema, 'ready', jsonChanges([]))
  }
}

function newGeneration(schema: SheetSchema, status: ViewStatus, rows: ViewChanges): ViewChange {
  const { table: view, generation } = schema
  return { view, schema: schema.schema, control: { generation, status }, newSchema: schema, rows }
}

function sheetSchema(sheet: BoundSheet, generation: number): SheetSchema {
  const { schema } = sheet
  return { ...schema, v: 1, schema: generation, generation, hash: schemaHash(schema.key, schema.columns) }
}
