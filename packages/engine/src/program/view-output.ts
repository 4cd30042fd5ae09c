import { must } from '@sheetflow/core/assert'
import type { RowBytes } from '@sheetflow/core/framing/byte-block'
import { JsonBytes } from '@sheetflow/core/json-bytes'
import type { JsonValue } from '@sheetflow/core/value'
import type { RowChange } from '@sheetflow/core/message'
import type { Sheet } from '../operators/sheet.ts'
import type { Column } from '../state/column.ts'
import { ColumnChanges } from '../state/column-changes.ts'
import { KeyedSlots } from '../state/keyed-slots.ts'
import { BLOCK } from '../state/read-ahead.ts'
import { fittedCells, ROW_BYTES } from './fitted-cells.ts'
import type { RunningSheet } from './program.ts'
import type { EncodedRows, StepRows, ViewChanges, ViewLanes } from './view-changes.ts'

/** More rows than this are made one by one, when they are read. */
const MANY_ROWS = 100_000
/** Rows that are encoded at a time. */
const PART_ROWS = 1_000

const HEADS: Readonly<Record<'c' | 'u' | 'd', string>> = { c: '["c",[', u: '["u",[', d: '["d",[' }

/** Rows of all views are written here, some of one view at a time. */
const BYTES = new JsonBytes()

/**
 * What readers see of a sheet: its published columns, by key. `collect` (or `collectAll`) once a step, then it is those changes until the next
 * call.
 */
export class ViewOutput implements ViewChanges, ViewLanes {
  readonly keys: readonly Column[]
  readonly columns: readonly Column[]
  readonly #names: readonly string[]
  readonly #sheet: Sheet
  readonly #changes: ColumnChanges
  /** Where the cells end that were written last. */
  readonly #ends: number[] = []
  readonly #slots: KeyedSlots
  /** Is every row a new one to the reader? */
  #all = false
  #shortened = 0

  constructor({ relation, bound }: RunningSheet) {
    const columnAt = (index: number): Column => must(relation.columns[index], 'a published column is kept')
    this.#sheet = relation
    this.#slots = new KeyedSlots(relation.store)
    this.columns = bound.published.map(columnAt)
    this.#names = bound.published.map((index) => must(bound.columns[index]).name)
    this.#changes = new ColumnChanges(this.columns)
    this.keys = bound.key.map(columnAt)
  }

  get size(): number {
    return this.#slots.size
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
    this.#slots.begin(changes.size)
    this.#all = false
    for (let i = 0; i < changes.size; i++) {
      // Of few rows all that this step has read is still in a cache.
      const end = changes.size > BLOCK ? changes.blockAt(i) : 0
      if (end > 0) sheet.warm(changes, i, end)
      const slot = changes.at(i)
      const isSeen = sheet.isLive(slot) ? this.#changes.any(slot) || !sheet.wasLive(slot) : sheet.wasLive(slot)
      if (isSeen) this.#slots.add(slot)
    }
    this.#slots.sort()
    return this
  }

  /** All rows, as a new generation publishes them. */
  collectAll(): this {
    const sheet = this.#sheet
    this.#slots.begin(sheet.size)
    this.#all = true
    for (let slot = 0; slot < sheet.size; slot++) if (sheet.isLive(slot)) this.#slots.add(slot)
    this.#slots.sort()
    return this
  }

  /** All rows as JSON, between steps. */
  rows(): StepRows {
    return this.collectAll().json()
  }

  op(i: number): 'c' | 'u' | 'd' {
    if (this.#all) return 'c'
    const slot = this.#slots.at(i)
    return this.#sheet.isLive(slot) ? (this.#sheet.wasLive(slot) ? 'u' : 'c') : 'd'
  }

  /** Rows are nearly always read in order: the next ones are read ahead. */
  slot(i: number): number {
    if ((i & (BLOCK - 1)) === 0 && this.size > 1) this.#sheet.warm(this.#slots, i, Math.min(i + BLOCK, this.size))
    return this.#slots.at(i)
  }

  get isMany(): boolean {
    return this.size > MANY_ROWS
  }

  json(): StepRows {
    const change = (i: number): RowChange => this.#change(this.slot(i), this.op(i))
    if (this.isMany) return new RowsAsRead(this.size, change)
    const rows: RowChange[] = []
    for (let i = 0; i < this.size; i++) rows.push(change(i))
    return rows
  }

  bytes(): EncodedRows {
    this.#shortened = 0
    const shortened = (): number => this.#shortened
    if (this.isMany) return { length: this.size, parts: this.#parts(), shortened }
    const parts: RowBytes[] = []
    for (let i = 0; i < this.size; i += PART_ROWS) parts.push(this.#part(i, Math.min(i + PART_ROWS, this.size)))
    return { length: this.size, parts, shortened }
  }

  /** One after the other in the same place: what millions of rows are written to would else wait for the garbage collector, as much as it likes to have. */
  *#parts(): Generator<RowBytes> {
    let place = new Uint8Array(0)
    for (let i = 0; i < this.size; i += PART_ROWS) {
      const ends = this.#writePart(i, Math.min(i + PART_ROWS, this.size))
      if (BYTES.size > place.length) place = new Uint8Array(2 * BYTES.size)
      const bytes = BYTES.takeBack(place)
      yield { bytes, ends }
    }
  }

  #part(from: number, to: number): RowBytes {
    const ends = this.#writePart(from, to)
    return { bytes: BYTES.cut(), ends }
  }

  #writePart(from: number, to: number): readonly number[] {
    const ends: number[] = []
    for (let i = from; i < to; i++) {
      if (i > from) BYTES.text(',')
      this.#write(this.slot(i), this.op(i))
      ends.push(BYTES.size)
    }
    return ends
  }

  #change(slot: number, op: 'c' | 'u' | 'd'): RowChange {
    const cells = (): readonly JsonValue[] => fittedCells(now(this.columns, slot), this.#names)
    const old = (): readonly JsonValue[] => fittedCells(before(this.columns, slot), this.#names)
    if (op === 'c') return ['c', now(this.keys, slot), cells(), null]
    if (op === 'd') return ['d', before(this.keys, slot), null, old()]
    return ['u', now(this.keys, slot), cells(), old()]
  }

  #write(slot: number, op: 'c' | 'u' | 'd'): void {
    const start = BYTES.size
    this.#writeWhole(slot, op)
    if (BYTES.size - start > ROW_BYTES) this.#writeFitted(start, slot, op)
  }

  /** Writes the row once more, for it may be larger than a message can be. */
  #writeFitted(start: number, slot: number, op: 'c' | 'u' | 'd'): void {
    BYTES.keep(start)
    BYTES.json(this.#change(slot, op))
    if (op === 'd') return
    const cells = now(this.columns, slot)
    if (fittedCells(cells, this.#names) !== cells) this.#shortened += 1
  }

  #writeWhole(slot: number, op: 'c' | 'u' | 'd'): void {
    BYTES.text(HEADS[op])
    this.#writeCells(this.keys, op, slot)
    if (op === 'd') {
      BYTES.text('],null,[')
      this.#writeCells(this.columns, op, slot)
      BYTES.text(']]')
      return
    }
    BYTES.text('],[')
    const from = BYTES.size
    this.#writeCells(this.columns, op, slot)
    if (op === 'c') BYTES.text('],null]')
    else {
      BYTES.text('],[')
      this.#writeOld(slot, from)
      BYTES.text(']]')
    }
  }

  /** Writes cells with commas between, and notes in `#ends` where each ends: now, or before where the row is gone. */
  #writeCells(columns: readonly Column[], op: 'c' | 'u' | 'd', slot: number): void {
    for (let i = 0; i < columns.length; i++) {
      if (i > 0) BYTES.text(',')
      const column = columns[i] as Column
      if (op === 'd') column.writeBefore(slot, BYTES)
      else column.now.write(slot, BYTES)
      this.#ends[i] = BYTES.size
    }
  }

  /** What the published cells were. Those of now have just been written, the first at byte `from`: one that did not change is copied. */
  #writeOld(slot: number, from: number): void {
    let start = from
    for (let i = 0; i < this.columns.length; i++) {
      if (i > 0) BYTES.text(',')
      const column = this.columns[i] as Column
      const end = this.#ends[i] as number
      if (column.changed(slot)) column.writeBefore(slot, BYTES)
      else BYTES.again(start, end)
      start = end + 1
    }
  }
}

/** Rows that are made as they are read. */
class RowsAsRead implements Iterable<RowChange> {
  readonly length: number
  readonly #make: (i: number) => RowChange

  constructor(length: number, make: (i: number) => RowChange) {
    this.length = length
    this.#make = make
  }

  *[Symbol.iterator](): Generator<RowChange> {
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
