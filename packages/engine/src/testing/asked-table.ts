import { must } from '@sheetflow/core/assert'
import { fromJson, isJsonOf } from '@sheetflow/core/json-codec'
import { CellError } from '@sheetflow/core/cell-error'
import type { JsonValue, Value } from '@sheetflow/core/value'
import type { OracleAnswers } from '@sheetflow/testkit/oracle/oracle'

/**
 * What functions have answered, as a plain table, and which answer each place showed last: the model for the oracle. It knows of the engine's memo what the
 * documentation says: the first answer stands; one that no row asks for, and no row shows, is forgotten with its step.
 */
export class AskedTable {
  readonly #answers = new Map<string, JsonValue>()
  /** By place: the id of the answer that it showed last. */
  #shown = new Map<string, string>()
  #next = new Map<string, string>()
  #asked = new Set<string>()
  /** Calls by the order in which they were met: each place of a formula shows what it showed itself. */
  readonly #nodes = new Map<unknown, number>()

  /** Arguments that rows asked for in the last recomputation and nobody has answered, as ids. */
  get open(): readonly string[] {
    return [...this.#asked].filter((id) => !this.#answers.has(id))
  }

  take(fn: string, args: readonly JsonValue[], value: JsonValue): void {
    const id = idOf(fn, args)
    if (!this.#answers.has(id)) this.#answers.set(id, value)
  }

  /** A recomputation with what is known; the one step is over when it is. */
  recompute<T>(run: (answers: OracleAnswers) => T): T {
    this.#next = new Map()
    this.#asked = new Set()
    const result = run(this.#answersFor)
    this.#shown = this.#next
    const kept = new Set([...this.#asked, ...this.#shown.values()])
    for (const id of this.#answers.keys()) if (!kept.has(id)) this.#answers.delete(id)
    return result
  }

  readonly #answersFor: OracleAnswers = (node, where, args) => {
    const number = this.#nodes.get(node) ?? this.#nodes.size
    this.#nodes.set(node, number)
    const place = `${where} ${number}`
    const id = args === null ? null : idOf(node.fn, args)
    if (id !== null) this.#asked.add(id)
    const read = (known: string): Value => valueOf(node.type as Parameters<typeof fromJson>[0], must(this.#answers.get(known)))
    if (id !== null && this.#answers.has(id)) {
      this.#next.set(place, id)
      return read(id)
    }
    const shown = node.onPending === 'busy' ? undefined : (this.#next.get(place) ?? this.#shown.get(place))
    if (shown === undefined) return undefined
    this.#next.set(place, shown)
    return read(shown)
  }
}

function idOf(fn: string, args: readonly JsonValue[]): string {
  return JSON.stringify([fn, args])
}

function valueOf(type: Parameters<typeof fromJson>[0], json: JsonValue): Value {
  return json !== null && isJsonOf(type, json) ? fromJson(type, json) : new CellError('#VALUE!')
}
