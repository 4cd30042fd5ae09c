import { must } from '@sheetflow/core/assert'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { Checkpoints } from '../graph/checkpoint.ts'
import { GraphBench, NOW } from './graph-bench.ts'
import type { Reader } from './reader.ts'
import type { TableChange } from './shop-history.ts'
import { World } from './world.ts'

/** One graph over many deployments: what it wants of its sources it gets, as from a source that knows its rows. */
export class DeploymentBench {
  bench: GraphBench
  /** What the version that answers must show. */
  world: World
  readonly #graphs: Record<string, BoundGraph>

  constructor(version: string, graph: BoundGraph) {
    this.#graphs = { [version]: graph }
    this.bench = new GraphBench(this.#graphs)
    this.bench.start(version, graph)
    this.world = new World(graph)
  }

  get reader(): Reader {
    return this.bench.reader
  }

  rows(...changes: readonly TableChange[]): void {
    const whole = changes.map(([table, ...rows]): TableChange => [table, ...this.#whole(table, rows)])
    this.bench.rows(...whole)
    this.world.apply(whole)
  }

  /** Prepares a version, beside the one that answers. */
  prepare(version: string, graph: BoundGraph, language = 1): void {
    this.#graphs[version] = graph
    this.bench.inbox({ v: 1, kind: 'deploy', version, files: {}, ids: {}, language, now: this.world.now })
  }

  /** What was prepared last answers. */
  activate(): void {
    const { graph } = this.bench
    for (const want of graph.wants()) if (want.kind === 'resnapshot') for (const table of want.tables) this.#snapshot(want.source, table)
    for (const want of graph.wants()) {
      if (want.kind !== 'activate') continue
      this.bench.inbox({ v: 1, kind: 'activate', version: want.version })
      const next = new World(must(this.#graphs[want.version]), undefined, this.world.models)
      next.now = this.world.now
      this.world = next
    }
  }

  deploy(version: string, graph: BoundGraph): void {
    this.prepare(version, graph)
    this.activate()
  }

  tick(now: string): void {
    if (now > this.world.now) this.world.now = now
    this.bench.inbox({ v: 1, kind: 'tick', tick: 'day', now })
  }

  /** Ends the life of the graph, and begins another one from a checkpoint. */
  async restart(): Promise<void> {
    const store = memoryStateStore()
    await store.save(must(new Checkpoints(this.bench.graph).take({}, { epoch: 1, offset: 1 }, NOW)))
    const next = new GraphBench(this.#graphs, this.reader)
    await new Checkpoints(next.graph).restore(must(await store.load()))
    this.bench = next
  }

  #whole(table: string, rows: readonly RowChange[]): readonly RowChange[] {
    const model = must(this.world.models.get(table))
    return rows.map((row) => model.whole(row)).filter((row) => row !== null)
  }

  #snapshot(source: string, table: string): void {
    const id = `${source}!${table}`
    const model = must(this.world.models.get(id))
    const run = must(this.bench.graph.tables.get(id)).run + 1
    const keyOf = (row: RowJson): RowJson =>
      model.schema.key.map((name) => row[model.schema.columns.findIndex((one) => one.name === name)] ?? null)
    this.bench.control(source, { kind: 'start', run, tables: [table] })
    this.bench.rows([id, ...model.rows().map((row): RowChange => ['r', keyOf(row), row, null])])
    this.bench.control(source, { kind: 'loaded', run, tables: [table] })
  }
}
