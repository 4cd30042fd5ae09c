import { must } from '@sheetflow/core/assert'
import { parseTimestamp } from '@sheetflow/core/calendar'
import type { CaptureState, Deployment, GraphInbox, RowChange } from '@sheetflow/core/message'
import type { StateStore } from '@sheetflow/core/ports/state-store'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import { Graph } from '@sheetflow/engine'
import { Checkpoints } from '@sheetflow/engine/graph/checkpoint'
import { localTime } from '@sheetflow/formula/value/zone'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import type { Book, TableState } from '@sheetflow/testkit/recalc/model'
import { differenceOf } from '@sheetflow/testkit/recalc/compare-view'
import { Recalculation } from '@sheetflow/testkit/recalc/recalculate'
import type { Case, CaseStep, KnownSheet, TryBook } from '@sheetflow/testkit/random-book/case'
import { filesOf } from '@sheetflow/testkit/random-book/case'
import { compileGraph } from '@sheetflow/workbook'
import { makeDeployment, staleNames } from '@sheetflow/workbook/deployment'
import { compileDeployment } from '../../src/deploy/compile-deployment.ts'
import { SourceModel } from './source-model.ts'
import { ViewReader } from './view-reader.ts'

/**
 * How a case ended. `refused`: the workbook does not compile, so nothing was tried. `wanting`: the graph asks for what it must not need. `broken`: something was
 * thrown.
 */
export type Outcome =
  | { readonly kind: 'right'; readonly checks: number }
  | { readonly kind: 'refused' | 'wrong' | 'wanting' | 'broken'; readonly step: number; readonly message: string }

/** More than this is not waited for: so often a graph does not want something in a row. */
const PATIENCE = 20
const NO_STATE: CaptureState = { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} }

/** Runs a case through files, compiler and graph, and compares what readers hold with what is recalculated: after every step. */
export async function runCase(one: Case): Promise<Outcome> {
  const ring = new Ring(one)
  let step = -1
  try {
    ring.start()
    for (const [i, next] of one.steps.entries()) {
      step = i
      await ring.step(next)
    }
    ring.end()
    return { kind: 'right', checks: ring.checks }
  } catch (error) {
    if (error instanceof Wrong) return { kind: error.kind, step, message: error.message }
    return { kind: 'broken', step, message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

class Wrong extends Error {
  readonly kind: 'wrong' | 'wanting' | 'refused'

  constructor(kind: 'wrong' | 'wanting' | 'refused', message: string) {
    super(message)
    this.kind = kind
  }
}

/** What is replayed behind a checkpoint. */
type Entered = (graph: Graph) => void

/** One graph with its sources, its reader, and all that is needed to recalculate it. */
class Ring {
  checks = 0
  readonly #reader = new ViewReader()
  readonly #models: Map<string, SourceModel>
  readonly #state: StateStore = memoryStateStore()
  readonly #first: Book
  #graph = newGraph()
  #checkpoints = new Checkpoints(this.#graph)
  /** Everything that entered since the checkpoint, commits among it. */
  #since: Entered[] | null = null
  #now = '2026-11-23T10:00:00.000000Z'
  #book: Book
  #deployment: Deployment | null = null
  /** Of the tables, when the workbook was deployed. */
  #deployed = new Map<string, TableSchema>()
  #open = false
  #runs = 1
  #offset = 0

  constructor({ tables, book }: Case) {
    this.#first = book
    this.#book = book
    this.#models = new Map(tables.map(({ id, schema }) => [id, new SourceModel(schema)]))
  }

  start(): void {
    for (const [id, { schema }] of this.#models) this.#schema(id, schema)
    for (const id of this.#models.keys()) this.#control(id, 'start', 1)
    for (const id of this.#models.keys()) this.#control(id, 'loaded', 1)
    this.#deploy(this.#first)
    this.#check()
  }

  async step(step: CaseStep): Promise<void> {
    if (step.kind !== 'rows') this.#close()
    switch (step.kind) {
      case 'rows':
        for (const { table, rows } of step.changes) this.#rows(table, rows)
        this.#open = true
        if (step.open !== true) this.#close()
        return
      case 'schema':
        must(this.#models.get(step.table)).schema = step.schema
        this.#schema(step.table, step.schema)
        this.#check()
        this.#deploy(this.#book)
        return this.#check()
      case 'deploy':
        this.#deploy(step.book)
        return this.#check()
      case 'tick':
        if (step.now > this.#now) this.#now = step.now
        this.#inbox({ v: 1, kind: 'tick', tick: 'minute', now: step.now })
        return this.#check()
      case 'checkpoint': {
        const delta = this.#checkpoints.take({}, { epoch: 1, offset: this.#offset }, this.#now)
        if (delta === null) return undefined
        await this.#state.save(delta)
        this.#since = []
        return undefined
      }
      case 'restart':
        return this.#restart()
    }
  }

  end(): void {
    this.#close()
  }

  /** A new process: the last checkpoint, then everything behind it once more, which is published to nobody. */
  async #restart(): Promise<void> {
    const saved = await this.#state.load()
    if (saved === null || this.#since === null) return
    this.#graph = newGraph()
    this.#checkpoints = new Checkpoints(this.#graph)
    await this.#checkpoints.restore(saved)
    for (const enter of this.#since) enter(this.#graph)
    this.#check()
  }

  #deploy(book: Book): void {
    const schemas = new Map([...this.#models].map(([id, { schema }]) => [id, schema]))
    const deployment = makeDeployment(filesOf(book), schemas, this.#now, this.#deployment ?? undefined)
    this.#inbox({ v: 1, kind: 'deploy', ...deployment })
    for (let i = 0; this.#graph.active?.deployment.version !== deployment.version; i++) {
      const { problem } = this.#graph
      if (problem !== null) throw new Wrong('refused', problem.problems.join('\n'))
      if (i > PATIENCE) throw new Wrong('wanting', `${deployment.version} is never active; wanted: ${JSON.stringify(this.#graph.wants())}`)
      this.#giveWhatIsWanted()
    }
    // The same text with the same ids is the same deployment: it goes on as it was compiled.
    if (deployment.version !== this.#deployment?.version) this.#deployed = schemas
    this.#book = book
    this.#deployment = deployment
  }

  #giveWhatIsWanted(): void {
    for (const want of this.#graph.wants()) {
      if (want.kind === 'activate') this.#inbox({ v: 1, kind: 'activate', version: want.version })
      else if (want.kind === 'resnapshot') for (const table of want.tables) this.#snapshot(`${want.source}!${table}`)
      else throw new Wrong('wanting', `a row came with its base, and is asked for again: ${JSON.stringify(want)}`)
    }
  }

  #snapshot(id: string): void {
    const model = must(this.#models.get(id))
    this.#runs += 1
    this.#control(id, 'start', this.#runs)
    this.#rowsOf(
      id,
      model.rows().map((row) => ['r', model.keyOf(row), row, null]),
    )
    this.#commit()
    this.#control(id, 'loaded', this.#runs)
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    this.#commit()
    for (let i = 0; this.#graph.mayWant && this.#graph.wants().length > 0 && i < PATIENCE; i++) this.#giveWhatIsWanted()
    this.#check()
  }

  #rows(id: string, rows: readonly RowChange[]): void {
    must(this.#models.get(id)).apply(rows)
    this.#rowsOf(id, rows)
  }

  #rowsOf(id: string, rows: readonly RowChange[]): void {
    if (rows.length === 0) return
    const { schema } = must(this.#models.get(id)).schema
    const [source, table] = splitId(id)
    this.#enter((graph) => graph.source(source, { kind: 'rows', offset: 0, message: { v: 1, tx: 't', first: 0, table, schema, rows } }))
  }

  #schema(id: string, schema: TableSchema): void {
    this.#enter((graph) => graph.source(splitId(id)[0], { kind: 'schema', offset: 0, message: { ...schema, tx: 't', first: 0 } }))
    this.#commit()
  }

  #control(id: string, kind: 'start' | 'loaded', run: number): void {
    const [source, table] = splitId(id)
    const message = { v: 1, tx: 't', first: 0, state: NO_STATE, kind, run, tables: [table] } as const
    this.#enter((graph) => graph.source(source, { kind: 'control', offset: 0, message }))
    this.#commit()
  }

  #inbox(message: GraphInbox): void {
    this.#enter((graph) => graph.inbox(message))
    this.#commit()
  }

  #enter(enter: Entered): void {
    this.#since?.push(enter)
    enter(this.#graph)
  }

  #commit(): void {
    const [at, offset] = [this.#now, ++this.#offset]
    const commit = (graph: Graph): ReturnType<Graph['commit']> => graph.commit(at, [], { SF_SRC_x: { epoch: 1, offset } })
    this.#since?.push(commit)
    this.#reader.apply(commit(this.#graph))
  }

  #check(): void {
    const { ids } = must(this.#deployment)
    const tables = [...this.#models].map(([id, model]): TableState => {
      const schema = must(this.#deployed.get(id))
      return { id, schema, rows: model.rows(schema), ids: ids[id] ?? {} }
    })
    const book = this.#book
    const recalculated = new Recalculation(book, tables, localTime(must(parseTimestamp('timestamptz', this.#now)), book.timeZone))
    const views = Object.keys(book.sheets).map((name) => [`${book.name}.${name}`, recalculated.view(name)] as const)
    const values = recalculated.values()
    for (const [name, view] of values === null ? views : [...views, [`${book.name}.${book.name}_values`, values] as const]) {
      const held = this.#reader.views.get(name)
      if (held === undefined) throw new Wrong('wrong', `there is no view ${name}: ${[...this.#reader.views.keys()].join(' ')}`)
      const difference = differenceOf(view, held.schema, [...held.rows.values()])
      if (difference !== null) throw new Wrong('wrong', `${name}: ${difference}`)
      this.checks += 1
    }
  }
}

function newGraph(): Graph {
  return new Graph({ name: 'g', compile: compileDeployment })
}

function splitId(id: string): [source: string, table: string] {
  const at = id.indexOf('!')
  return [id.slice(0, at), id.slice(at + 1)]
}

/** Compiles for the generator, which leaves out what does not. */
export const tryBook: TryBook = (book, tables, first) => {
  const schemas = new Map(tables.map(({ id, schema }) => [id, schema]))
  const ids = Object.fromEntries(
    first.map(({ id, schema }) => [id, Object.fromEntries(schema.columns.map((column) => [column.name, column.id]))]),
  )
  const files = filesOf(book)
  const { graph } = compileGraph({ files, tables: schemas, ...staleNames({ ids }, schemas, files) })
  if (graph === null) return null
  return graph.sheets.flatMap(({ view, schema }): KnownSheet[] => {
    const name = view.slice(view.indexOf('.') + 1)
    if (book.sheets[name] === undefined) return []
    return [{ name, key: schema.key, columns: schema.columns.map((column) => ({ name: column.name, type: column as ColumnType })) }]
  })
}
