import { must } from '@sheetflow/core/assert'
import type { Publication, RecordJson } from '@sheetflow/core/wire'
import type { JsonValue } from '@sheetflow/core/value'

interface Cell {
  readonly value: JsonValue
  readonly o: number
}

/**
 * The client rule of FORMATS 8 for one list, in its plainest form. It complains of what a correct server never sends: a row that enters though it
 * is there, one that changes or leaves though it is not.
 */
export class ReferenceList {
  readonly #rows = new Map<string, Map<string, Cell>>()
  #offset = 0
  /** Publications that came while the root field was asked again. */
  #asking: Publication[] | null = null

  /** The offset at which the list stands. */
  get offset(): number {
    return this.#offset
  }

  get isAsking(): boolean {
    return this.#asking !== null
  }

  /** The rows by key text, for comparison. */
  get rows(): ReadonlyMap<string, RecordJson> {
    return new Map([...this.#rows].map(([key, cells]) => [key, Object.fromEntries([...cells].map(([name, { value }]) => [name, value]))]))
  }

  /** The answer of a query: rows as of `at`. What was published meanwhile follows. */
  load(at: number, rows: ReadonlyMap<string, RecordJson>): void {
    this.#replace(at, rows)
    const waiting = this.#asking ?? []
    this.#asking = null
    for (const publication of waiting) this.apply(publication)
  }

  /** The root field has to be asked again. */
  ask(): void {
    this.#asking ??= []
  }

  apply(publication: Publication): void {
    const { o, reset, rows } = publication
    if (reset === true && rows !== undefined) {
      this.#asking = null
      this.#replace(o, new Map(rows.map(([, key, row]) => [JSON.stringify(key), must(row)])))
    } else if (this.#asking !== null) {
      this.#asking.push(publication)
    } else if (reset === true) {
      if (o > this.#offset) this.ask()
    } else if (o > this.#offset) {
      for (const [op, key, cells] of rows ?? []) this.#change(op, JSON.stringify(key), cells, o)
      this.#offset = o
    }
  }

  #change(op: 'c' | 'u' | 'd', key: string, cells: RecordJson | null, o: number): void {
    const known = this.#rows.get(key)
    if ((known === undefined) !== (op === 'c'))
      throw new Error(`${op} of ${key} at ${o}, which is ${known === undefined ? 'not ' : ''}in the list`)
    if (op === 'd') {
      this.#rows.delete(key)
      return
    }
    const row = known ?? new Map<string, Cell>()
    for (const [name, value] of Object.entries(must(cells))) if ((row.get(name)?.o ?? -1) < o) row.set(name, { value, o })
    this.#rows.set(key, row)
  }

  #replace(o: number, rows: ReadonlyMap<string, RecordJson>): void {
    this.#rows.clear()
    this.#offset = o
    for (const [key, row] of rows) this.#rows.set(key, new Map(Object.entries(row).map(([name, value]) => [name, { value, o }])))
  }
}
