import { must } from '@sheetflow/core/assert'
import type { RowJson } from '@sheetflow/core/message'
import type { BoundGraph } from '@sheetflow/formula/bound'
import { recompute } from '@sheetflow/testkit/oracle/oracle'
import { expect } from 'vitest'
import { localNow } from '../program/clock.ts'
import { NOW } from './graph-bench.ts'
import type { Reader } from './reader.ts'
import type { TableChange } from './shop-history.ts'
import { TableModel } from './table-model.ts'

/** The source tables as they are, and what a graph's sheets must be for them: recomputed by the oracle. */
export class World {
  readonly graph: BoundGraph
  readonly models: ReadonlyMap<string, TableModel>
  /** ISO time that the graph has been told last. */
  now: string = NOW
  readonly #zone: string

  /** `models`: those of another world whose tables are these; absent: all tables are empty. */
  constructor(graph: BoundGraph, zone = 'Europe/Warsaw', models: World['models'] = emptyModels(graph)) {
    this.graph = graph
    this.#zone = zone
    this.models = models
  }

  apply(changes: readonly TableChange[]): void {
    for (const [table, ...rows] of changes) must(this.models.get(table)).apply(rows)
  }

  /** The published columns of every sheet, computed anew, by view. */
  recomputed(): Readonly<Record<string, readonly RowJson[]>> {
    const tables = Object.fromEntries([...this.models].map(([id, model]) => [id, model.rows()]))
    const sheets = recompute(this.graph, tables, must(localNow(this.now, this.#zone)))
    const cells = (view: string, published: readonly number[]): RowJson[] =>
      must(sheets[view]).map((row) => published.map((i) => row[i] ?? null))
    return Object.fromEntries(this.graph.sheets.map(({ view, published }) => [view, cells(view, published)]))
  }

  /** Readers hold exactly what everything computed anew says. */
  expectRead(reader: Reader): void {
    const right = this.recomputed()
    for (const { view, published, columns } of this.graph.sheets) {
      const wanted = must(right[view])
      const names = published.map((i) => columns[i]?.name)
      expect({ view, names, rows: sortedText(reader.rows(view)) }).toEqual({ view, names, rows: sortedText(wanted) })
    }
  }
}

function emptyModels({ tables }: BoundGraph): World['models'] {
  return new Map(tables.map(({ id, schema }) => [id, new TableModel(schema)]))
}

function sortedText(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}
