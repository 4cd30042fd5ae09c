import { compileDeployment as compile } from 'sheetflow/deploy/compile-deployment'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { Checkpoint } from '@sheetflow/core/ports/state-store'
import type { Vector } from '@sheetflow/core/position'
import { Checkpoints } from '@sheetflow/engine/graph/checkpoint'
import { Graph } from '@sheetflow/engine/graph/graph'
import type { StepOutput } from '@sheetflow/engine/graph/step-output'
import type { EncodedRows } from '@sheetflow/engine/program/view-changes'
import { makeDeployment } from '@sheetflow/workbook/deployment'
import { tableSchema } from '@sheetflow/testkit/bound-graph'
import type { TableSketch } from '@sheetflow/testkit/bound-graph'
import type { LoadClock } from './memory.ts'
import { TypedEntry } from './typed-entry.ts'
import type { TypedChanges } from './typed-entry.ts'

/** The time of everything here. */
export const AT = '2026-11-23T10:00:00.000000Z'

const SOURCE = 'shop'
const SOURCE_STREAM = `SF_SRC_${SOURCE}`
const GRAPH = 'sales'
/** Rows of a transaction while loading. */
const LOAD_ROWS = 1_000
const STATE = { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} }

/** A workbook as its author writes it, and the tables that it is over: `schema.table` of the source `shop`. */
export interface WorkbookText {
  /** Path in the workbooks folder → text. */
  readonly files: Readonly<Record<string, string>>
  readonly tables: Readonly<Record<string, TableSketch>>
}

/** The rows of one table, for loading. */
export interface TableRows {
  readonly count: number
  /** The first column is the key. */
  row(i: number): RowJson
}

/** A workbook that runs: its text went through the compiler that deployments go through, into a graph without bus. */
export class LiveWorkbook {
  readonly graph: Graph
  readonly #typed: TypedEntry
  #offset = 0

  private constructor(graph: Graph) {
    this.graph = graph
    this.#typed = new TypedEntry(graph)
  }

  /** Deploys; the tables are there and empty, and loading them has begun. */
  static deploy({ files, tables }: WorkbookText): LiveWorkbook {
    const workbook = new LiveWorkbook(new Graph({ name: GRAPH, compile }))
    const { graph } = workbook
    const schemas = Object.entries(tables).map(([name, sketch]) => tableSchema(name, sketch))
    for (const schema of schemas) graph.source(SOURCE, { kind: 'schema', offset: 0, message: { ...schema, tx: 't', first: 0 } })
    workbook.commit()
    workbook.#control('start', Object.keys(tables))
    const deployment = makeDeployment(files, new Map(schemas.map((schema) => [tableId(schema.table), schema])), AT)
    graph.inbox({ v: 1, kind: 'deploy', ...deployment })
    workbook.commit()
    if (graph.problem !== null) throw new Error(graph.problem.problems.join('\n'))
    return workbook
  }

  /** Takes a checkpoint back, as a graph does that starts again. */
  static async restore(checkpoint: Checkpoint): Promise<LiveWorkbook> {
    const workbook = new LiveWorkbook(new Graph({ name: GRAPH, compile }))
    await new Checkpoints(workbook.graph).restore(checkpoint)
    return workbook
  }

  /** The whole state. */
  checkpoint(): Checkpoint {
    const delta = new Checkpoints(this.graph).take({}, { epoch: 1, offset: this.#offset }, AT)
    if (delta === null) throw new Error('the state cannot be saved')
    // It is taken back again and again, and a delta gives its pages once.
    const pages = [...delta.pages]
    return {
      head: delta.head,
      async *pages() {
        yield* pages
      },
    }
  }

  /** Snapshot rows of a table, in transactions of 1,000. */
  load(table: string, { count, row }: TableRows, clock: LoadClock): void {
    for (let at = 0; at < count; at += LOAD_ROWS) {
      const changes = clock.leaveOut(() => this.typed(table, snapshotRows(at, Math.min(LOAD_ROWS, count - at), row)))
      this.enter(changes)
      this.commitTyped()
    }
  }

  /** All tables are loaded: the deployment is activated, and every row of every view is taken. Gives how many there are. */
  activate(tables: readonly string[]): number {
    this.#control('loaded', tables)
    for (const want of this.graph.wants()) if (want.kind === 'activate') this.graph.inbox({ v: 1, kind: 'activate', version: want.version })
    const rows = this.commitTyped()
    if (this.graph.active === null) throw new Error('the workbook is not active')
    return rows
  }

  /** Changes of a table (`schema.table`) in the form in which the engine takes them. */
  typed(table: string, rows: readonly RowChange[]): TypedChanges {
    return this.#typed.changes(tableId(table), rows)
  }

  /** Puts them into the open step. */
  enter(changes: TypedChanges): void {
    this.#typed.enter(changes)
  }

  /** Ends the step; its changes as they stand in messages: as the graph role takes them. */
  commit(): StepOutput<EncodedRows> {
    return this.graph.commitAs(AT, [], this.#inputs(), (changes) => changes.bytes())
  }

  /** Ends the step and takes its changes in typed form; gives how many rows of views there are. */
  commitTyped(): number {
    return this.#typed.commit(AT, this.#inputs())
  }

  /** Ends the step and writes its changes into results. */
  readTyped(results: Record<string, string>): void {
    this.#typed.tell(AT, this.#inputs(), results)
  }

  #inputs(): Vector {
    this.#offset += 1
    return { [SOURCE_STREAM]: { epoch: 1, offset: this.#offset } }
  }

  #control(kind: 'start' | 'loaded', tables: readonly string[]): void {
    this.graph.source(SOURCE, { kind: 'control', offset: 0, message: { v: 1, tx: 't', first: 0, kind, run: 1, tables, state: STATE } })
    this.commit()
  }
}

function snapshotRows(from: number, count: number, row: (i: number) => RowJson): RowChange[] {
  return Array.from({ length: count }, (_, i) => {
    const made = row(from + i)
    return ['r', made.slice(0, 1), made, null]
  })
}

/** `schema.table` as the engine names it. */
function tableId(table: string): string {
  return `${SOURCE}!${table}`
}
