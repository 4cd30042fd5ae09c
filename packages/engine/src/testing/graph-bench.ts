import { must } from '@sheetflow/core/assert'
import { rowStart } from '@sheetflow/core/framing/byte-block'
import type { RowBytes } from '@sheetflow/core/framing/byte-block'
import { SheetflowError } from '@sheetflow/core/errors'
import type { CaptureState, Cause, Deployment, GraphInbox, RowChange } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { Graph } from '../graph/graph.ts'
import type { StepOutput, ViewStep } from '../graph/step-output.ts'
import type { StepRows, ViewChanges } from '../program/view-changes.ts'
import { compileFrom } from './compile-from.ts'
import { Reader } from './reader.ts'

export const NOW = '2026-11-23T10:00:00.000000Z'

export const NO_STATE: CaptureState = { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} }

/** A deployment whose files name one of the graphs of a bench. */
export function deployment(version: string): Deployment {
  return { version, files: {}, ids: {}, language: 1, now: NOW }
}

/** A graph without bus: pieces in, outputs checked and read. `graphs` are what versions compile to. */
export class GraphBench {
  readonly graph: Graph
  readonly reader: Reader
  #n = 0
  #offset = 0

  /** `reader`: who has read an earlier life of this graph. */
  constructor(graphs: Readonly<Record<string, BoundGraph>>, reader: Reader = new Reader()) {
    this.reader = reader
    this.graph = new Graph({ name: 'g', compile: compileFrom(graphs) })
  }

  /** The tables of a graph, empty and loaded, and the deployment active. */
  start(version: string, bound: BoundGraph): void {
    for (const { source, schema } of bound.tables) this.schema(source, schema)
    for (const { source, schema } of bound.tables) this.control(source, { kind: 'start', run: 1, tables: [schema.table] })
    for (const { source, schema } of bound.tables) this.control(source, { kind: 'loaded', run: 1, tables: [schema.table] })
    this.deploy(version)
  }

  deploy(version: string): void {
    this.inbox({ v: 1, kind: 'deploy', ...deployment(version) })
    this.wanted()
  }

  /** Does what the graph wants of its own inbox. */
  wanted(): void {
    for (const want of this.graph.wants()) if (want.kind === 'activate') this.inbox({ v: 1, kind: 'activate', version: want.version })
  }

  inbox(message: GraphInbox): ReadStep {
    this.graph.inbox(message)
    return this.commit()
  }

  schema(source: string, schema: TableSchema): ReadStep {
    this.graph.source(source, { kind: 'schema', offset: 0, message: { ...schema, tx: 't', first: 0 } })
    return this.commit()
  }

  control(source: string, control: ControlSketch): ReadStep {
    this.graph.source(source, {
      kind: 'control',
      offset: 0,
      message: { v: 1, tx: 't', first: 0, state: NO_STATE, ...control },
    })
    return this.commit()
  }

  /** One transaction: changes of tables (`source!schema.table`), in order. */
  rows(...changes: readonly (readonly [table: string, ...rows: readonly RowChange[]])[]): ReadStep {
    this.enter(...changes)
    return this.commit()
  }

  /** Changes that enter a step; `commit` ends it. */
  enter(...changes: readonly (readonly [table: string, ...rows: readonly RowChange[]])[]): void {
    for (const [id, ...rows] of changes) {
      const [source = '', table = ''] = id.split('!')
      const { schema } = must(this.graph.tables.get(id), `a table named ${id}`).schema
      const message = { v: 1, tx: 't', first: 0, table, schema, rows } as const
      if (rows.length > 0) this.graph.source(source, { kind: 'rows', offset: ++this.#offset, message })
    }
  }

  /** A message of that table that cannot be read enters. */
  enterDead(source: string, table: string): void {
    const error = new SheetflowError('core/bad-message', 'is not JSON')
    this.graph.source(source, { kind: 'dead', offset: ++this.#offset, table, error })
  }

  commit(causes: readonly Cause[] = []): ReadStep {
    this.#n += 1
    const output = this.graph.commitAs(NOW, causes, { SF_SRC_x: { epoch: 1, offset: this.#n } }, checkedRows)
    this.reader.apply(output)
    return { ...output, views: output.views.map((view) => ({ ...view, rows: [...view.rows] })) }
  }
}

/** A step of which every row has been read. */
export interface ReadStep extends StepOutput {
  readonly views: readonly (ViewStep & { readonly rows: readonly RowChange[] })[]
}

/** A control message of a source without its head. */
export type ControlSketch =
  | { readonly kind: 'start' | 'loaded'; readonly run: number; readonly tables: readonly string[] }
  | { readonly kind: 'epoch'; readonly epoch: number; readonly reason: string; readonly from: null }
  | { readonly kind: 'drop'; readonly table: string }
  | { readonly kind: 'rename'; readonly table: string; readonly to: string }

/** Changes as JSON. Their bytes must be the same JSON, and their cells too; these are made as they are read where they are many. */
function checkedRows(changes: ViewChanges): StepRows {
  const rows = changes.json()
  if (changes.isMany) return rows
  const { lanes } = changes
  const texts = [...changes.bytes().parts].flatMap(rowTexts)
  for (const [i, row] of [...rows].entries()) {
    const text = JSON.stringify(row)
    if (texts[i] !== text) throw new Error(`row ${i} is ${text}, its bytes are ${texts[i]}`)
    if (lanes === null) continue
    const [op, slot] = [lanes.op(i), lanes.slot(i)]
    const cells: RowChange = [
      op,
      lanes.keys.map((column) => (op === 'd' ? column.jsonBefore(slot) : column.json(slot))),
      op === 'd' ? null : lanes.columns.map((column) => column.json(slot)),
      op === 'c' ? null : lanes.columns.map((column) => column.jsonBefore(slot)),
    ]
    if (JSON.stringify(cells) !== text) throw new Error(`row ${i} is ${text}, its cells are ${JSON.stringify(cells)}`)
  }
  return rows
}

function rowTexts({ bytes, ends }: RowBytes): string[] {
  return ends.map((end, i) => new TextDecoder().decode(bytes.subarray(rowStart(ends, i), end)))
}
