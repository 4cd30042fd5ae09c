import type { KeyJson } from '@sheetflow/core/message'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import type { RelationId } from '@sheetflow/formula/bound'
import type { Relation } from '../operators/relation.ts'
import { localNow } from '../program/clock.ts'
import type { CalledFunction } from '../operators/call-index.ts'
import type { Calls } from '../graph/calls.ts'
import type { Graph } from '../graph/graph.ts'
import type { Running } from '../graph/running.ts'

/**
 * The rows of everything that a deployment reads and computes, as they stand between two steps: source tables, sheets with readers and without.
 * A row is a slot, a small integer that is a name for it as long as nothing is stepped; `source!schema.table` and `workbook.sheet` are relations.
 */
export class GraphRows {
  readonly #running: Running
  readonly #now: string
  readonly #calls: Calls
  readonly #slots = new Map<RelationId, readonly number[]>()

  constructor(graph: Graph, running: Running) {
    this.#running = running
    this.#now = graph.now
    this.#calls = graph.calls
  }

  /** The slot of the row with that key; −1: there is none. */
  find(relation: RelationId, key: KeyJson): number {
    const rows = this.#relation(relation)
    const slot = rows.store.find(key)
    return slot >= 0 && rows.isLive(slot) ? slot : -1
  }

  /** All rows, in the order of the key. */
  slots(relation: RelationId): readonly number[] {
    const known = this.#slots.get(relation)
    if (known !== undefined) return known
    const rows = this.#relation(relation)
    const slots: number[] = []
    for (let slot = 0; slot < rows.store.size; slot++) if (rows.isLive(slot)) slots.push(slot)
    slots.sort((a, b) => rows.store.compareKeys(a, b))
    this.#slots.set(relation, slots)
    return slots
  }

  key(relation: RelationId, slot: number): KeyJson {
    return this.#relation(relation).store.keyJson(slot)
  }

  /** Is the column kept? Of tables only those are that some formula reads. */
  has(relation: RelationId, column: number): boolean {
    return this.#relation(relation).columns[column] !== undefined
  }

  /** Blank where the column is not kept. */
  value(relation: RelationId, slot: number, column: number): Value {
    return this.#relation(relation).columns[column]?.value(slot) ?? null
  }

  json(relation: RelationId, slot: number, column: number): JsonValue {
    return this.#relation(relation).columns[column]?.json(slot) ?? null
  }

  /** What the workbook's zone shows; null: nobody has told the graph a time. */
  now(workbook: string): Timestamp | null {
    return localNow(this.#now, this.#running.graph.timeZones[workbook] ?? 'UTC')
  }

  /** What a function has answered for those arguments; undefined: nothing that is known. */
  answer({ fn, version }: Pick<CalledFunction, 'fn' | 'version'>, args: readonly JsonValue[]): Value | undefined {
    return this.#calls.answer(fn, version, args)
  }

  #relation(id: RelationId): Relation {
    return this.#running.program.relation(id)
  }
}
