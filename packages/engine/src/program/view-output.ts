import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import type { RowChange } from '@sheetflow/core/message'
import type { Sheet } from '../operators/sheet.ts'
import type { Column } from '../state/column.ts'
import { ColumnChanges } from '../state/column-changes.ts'
import { grownInt32, roomFor } from '../state/lane.ts'
import type { RunningSheet } from './program.ts'
import type { StepRows, ViewChanges, ViewLanes } from './view-changes.ts'

/** More rows than this are made one by one, when they are read. */
const MANY_ROWS = 100_000
/** A list longer than this is given back with the next step. */
const KEPT = 1 << 18

/**
 * What readers see of a sheet: its published columns, by key. `collect` (or `collectAll`) once a step, then it is those changes until the next
 * call.
 */
export class ViewOutput implements ViewChanges, ViewLanes {
  readonly keys: readonly Column[]
  readonly columns: readonly Column[]
  readonly #sheet: Sheet
  readonly #changes: ColumnChanges
  /** Where each key column stands among the published ones; −1: it is none. */
  readonly #keyPlaces: readonly number[]
  /** Texts of the row at hand. */
  readonly #cells: string[] = []
  #slots: Int32Array<ArrayBuffer> = new Int32Array(16)
  #size = 0
  /** Is every row a new one to the reader? */
  #all = false

  constructor({ relation, bound }: RunningSheet) {
    const columnAt = (index: number): Column => must(relation.columns[index], 'a published column is kept')
    this.#sheet = relation
    this.columns = bound.published.map(columnAt)
    this.#changes = new ColumnChanges(this.columns)
    this.keys = bound.key.map(columnAt)
    this.#keyPlaces = bound.key.map((index) => bound.published.indexOf(index))
  }

  get size(): number {
    return this.#size
  }

  get lanes(): ViewLanes {
    return this
  }

  /** Has this step touched any row? Whether a reader sees it, `collect` says. */
  get mayHaveChanged(): boolean {
    return this.#sheet.changes.size > 0
  }

  /** What this step did to it. */
  collect(): this {
    const sheet = this.#sheet
    const { changes } = sheet
    this.#begin(changes.size, false)
    for (let i = 0; i < changes.size; i++) {
      const end = changes.blockAt(i)
      if (end > 0) sheet.warm(changes, i, end)
      const slot = changes.at(i)
      const is = sheet.isLive(slot)
      if (is !== sheet.wasLive(slot) || (is && this.#changes.any(slot))) this.#slots[this.#size++] = slot
    }
    sheet.store.sortByKey(this.#slots, this.#size)
    return this
  }

  /** All rows, as a new generation publishes them. */
  collectAll(): this {
    const sheet = this.#sheet
    this.#begin(sheet.size, true)
    for (let slot = 0; slot < sheet.size; slot++) if (sheet.isLive(slot)) this.#slots[this.#size++] = slot
    sheet.store.sortByKey(this.#slots, this.#size)
    return this
  }

  /** All rows as JSON, between steps. */
  rows(): StepRows {
    return this.collectAll().json()
  }

  op(i: number): 'c' | 'u' | 'd' {
    const slot = this.slot(i)
    if (this.#all) return 'c'
    return this.#sheet.isLive(slot) ? (this.#sheet.wasLive(slot) ? 'u' : 'c') : 'd'
  }

  slot(i: number): number {
    return this.#slots[i] as number
  }

  get isMany(): boolean {
    return this.#size > MANY_ROWS
  }

  json(): StepRows {
    return this.#made((i) => this.#change(this.op(i), this.slot(i)))
  }

  texts(): StepRows<string> {
    return this.#made((i) => this.#text(this.op(i), this.slot(i)))
  }

  #made<Row>(make: (i: number) => Row): StepRows<Row> {
    if (this.isMany) return new RowsAsRead(this.#size, make)
    const rows: Row[] = []
    for (let i = 0; i < this.#size; i++) rows.push(make(i))
    return rows
  }

  #begin(rows: number, all: boolean): void {
    this.#size = 0
    this.#all = all
    if (this.#slots.length > KEPT) this.#slots = new Int32Array(16)
    if (rows > this.#slots.length) this.#slots = grownInt32(this.#slots, roomFor(this.#slots.length, rows))
  }

  #change(op: 'c' | 'u' | 'd', slot: number): RowChange {
    if (op === 'c') return ['c', now(this.keys, slot), now(this.columns, slot), null]
    if (op === 'd') return ['d', before(this.keys, slot), null, before(this.columns, slot)]
    return ['u', now(this.keys, slot), now(this.columns, slot), before(this.columns, slot)]
  }

  /** A cell that did not change is written once, for the key, for now and for before. */
  #text(op: 'c' | 'u' | 'd', slot: number): string {
    const { columns } = this
    const cells = this.#cells
    let row = ''
    let old = ''
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i] as Column
      const after = op === 'd' ? '' : column.now.text(slot)
      const before = op === 'c' ? '' : op === 'd' || column.changed(slot) ? column.textBefore(slot) : after
      cells[i] = op === 'd' ? before : after
      row = i === 0 ? after : `${row},${after}`
      old = i === 0 ? before : `${old},${before}`
    }
    const key = this.#keyText(op, slot)
    if (op === 'c') return `["c",[${key}],[${row}],null]`
    return op === 'd' ? `["d",[${key}],null,[${old}]]` : `["u",[${key}],[${row}],[${old}]]`
  }

  /** `#cells` has the texts of the row at hand. */
  #keyText(op: 'c' | 'u' | 'd', slot: number): string {
    let text = ''
    for (let i = 0; i < this.keys.length; i++) {
      const column = this.keys[i] as Column
      const place = this.#keyPlaces[i] as number
      const cell = place >= 0 ? (this.#cells[place] as string) : op === 'd' ? column.textBefore(slot) : column.now.text(slot)
      text = i === 0 ? cell : `${text},${cell}`
    }
    return text
  }
}

/** Rows that are made as they are read. */
class RowsAsRead<Row> implements Iterable<Row> {
  readonly length: number
  readonly #make: (i: number) => Row

  constructor(length: number, make: (i: number) => Row) {
    this.length = length
    this.#make = make
  }

  *[Symbol.iterator](): Generator<Row> {
    for (let i = 0; i < this.length; i++) yield this.#make(i)
  }
}

function now(columns: readonly Column[], slot: number): JsonValue[] {
  const row: JsonValue[] = []
  for (const column of columns) row.push(column.json(slot))
  return row
}

function before(columns: readonly Column[], slot: number): JsonValue[] {
  const row: JsonValue[] = []
  for (const column of columns) row.push(column.jsonBefore(slot))
  return row
}
