import { compileDeployment as compile } from 'sheetflow/deploy/compile-deployment'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { Vector } from '@sheetflow/core/position'
import { Graph } from '@sheetflow/engine/graph/graph'
import type { StepOutput } from '@sheetflow/engine/graph/step-output'
import { makeDeployment } from '@sheetflow/workbook/deployment'
import { tableSchema } from '@sheetflow/testkit/bound-graph'
import type { TableSketch } from '@sheetflow/testkit/bound-graph'
import { enterTyped, typedChanges } from './typed-entry.ts'
import type { TypedChanges } from './typed-entry.ts'

/** The time of everything here. */
export const AT = '2026-11-23T10:00:00.000000Z'

const SOURCE = 'shop'
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
  /** The columns of the key. Default: the first. */
  readonly key?: number
  row(i: number): RowJson
}

/** A workbook that runs: its text went through the compiler that deployments go through, into a graph without bus. */
export class LiveWorkbook {
  readonly graph: Graph = new Graph({ name: GRAPH, compile })
  #offset = 0

  /** Deploys; the tables are there and empty, and loading them has begun. */
  constructor({ files, tables }: WorkbookText) {
    const schemas = Object.entries(tables).map(([name, sketch]) => tableSchema(name, sketch))
    for (const schema of schemas) this.graph.source(SOURCE, { kind: 'schema', offset: 0, message: { ...schema, tx: 't', first: 0 } })
    this.commit()
    this.#control('start', Object.keys(tables))
    const deployment = makeDeployment(files, new Map(schemas.map((schema) => [tableId(schema.table), schema])), AT)
    this.graph.inbox({ v: 1, kind: 'deploy', ...deployment })
    this.commit()
    if (this.graph.problem !== null) throw new Error(this.graph.problem.problems.join('\n'))
  }

  /** Snapshot rows of a table, in transactions of 1,000. */
  load(table: string, { count, key = 1, row }: TableRows): void {
    for (let at = 0; at < count; at += LOAD_ROWS) {
      const rows = Array.from({ length: Math.min(LOAD_ROWS, count - at) }, (_, i): RowChange => {
        const made = row(at + i)
        return ['r', made.slice(0, key), made, null]
      })
      this.enter(typedChanges(tableId(table), rows))
      this.commit()
    }
  }

  /** All tables are loaded: the deployment is activated. The output has every row of every view. */
  activate(tables: readonly string[]): StepOutput {
    this.#control('loaded', tables)
    for (const want of this.graph.wants()) if (want.kind === 'activate') this.graph.inbox({ v: 1, kind: 'activate', version: want.version })
    const output = this.commit()
    if (this.graph.active === null) throw new Error('the workbook is not active')
    return output
  }

  enter(changes: TypedChanges): void {
    enterTyped(this.graph, changes)
  }

  /** Ends the step. */
  commit(): StepOutput {
    this.#offset += 1
    return this.graph.commit(AT, [], { [`SF_SRC_${SOURCE}`]: { epoch: 1, offset: this.#offset } } satisfies Vector)
  }

  #control(kind: 'start' | 'loaded', tables: readonly string[]): void {
    this.graph.source(SOURCE, { kind: 'control', offset: 0, message: { v: 1, tx: 't', first: 0, kind, run: 1, tables, state: STATE } })
    this.commit()
  }
}

/** `schema.table` as the engine names it. */
export function tableId(table: string): string {
  return `${SOURCE}!${table}`
}
