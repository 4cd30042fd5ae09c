import { must } from '@sheetflow/core/assert'
import { fromJson } from '@sheetflow/core/json-codec'
import { keyText } from '@sheetflow/core/key'
import type { KeyJson, RowJson } from '@sheetflow/core/message'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import type { BoundGraph, RelationId } from '@sheetflow/formula/bound'
import { RelationInfo } from '../why/relation-info.ts'
import type { ReadableRows } from '../why/readable-rows.ts'
import { plainEvaluate } from './plain-evaluate.ts'

/** The rows of a graph as the oracle computes them from the tables' rows: no operator has a part in it. */
export class PlainRows implements ReadableRows {
  readonly #info: RelationInfo
  readonly #rows = new Map<RelationId, readonly RowJson[]>()
  readonly #now: Timestamp

  constructor(graph: BoundGraph, tables: Readonly<Record<RelationId, readonly RowJson[]>>, now: Timestamp) {
    this.#info = new RelationInfo(graph)
    this.#now = now
    const [sheets = {}] = plainEvaluate(graph, tables, [], '2026-11-23T10:00:00.000000Z')
    for (const { id } of graph.tables) this.#rows.set(id, tables[id] ?? [])
    for (const { view, columns } of graph.sheets) {
      const rows = sheets[view] ?? []
      this.#rows.set(
        view,
        rows.map((row) => columns.map(({ name }) => row[name] ?? null)),
      )
    }
  }

  find(relation: RelationId, key: KeyJson): number {
    const types = this.#info.key(relation).map((column) => this.#info.column(relation, column).type)
    const wanted = keyText(types, key)
    return must(this.#rows.get(relation)).findIndex((_, slot) => keyText(types, this.key(relation, slot)) === wanted)
  }

  slots(relation: RelationId): readonly number[] {
    return [...must(this.#rows.get(relation)).keys()]
  }

  key(relation: RelationId, slot: number): KeyJson {
    return this.#info.key(relation).map((column) => this.json(relation, slot, column))
  }

  has(): boolean {
    return true
  }

  value(relation: RelationId, slot: number, column: number): Value {
    return fromJson(this.#info.column(relation, column).type, this.json(relation, slot, column))
  }

  json(relation: RelationId, slot: number, column: number): JsonValue {
    return this.#rows.get(relation)?.[slot]?.[column] ?? null
  }

  answer(): undefined {
    return undefined
  }

  now(): Timestamp {
    return this.#now
  }
}
