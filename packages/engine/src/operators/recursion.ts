import { assert, must } from '@sheetflow/core/assert'
import { CellError, isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Column } from '../state/column.ts'
import { ERROR, grownInt32, grownUint8, roomFor } from '../state/lane.ts'
import { SlotSet } from '../state/slot-set.ts'
import { ColumnNode } from './map-nodes.ts'
import type { Thunk } from './map-nodes.ts'
import { circlesFirst } from './recursion-circles.ts'
import type { Operator, OperatorInfo } from './relation.ts'
import { Traffic } from '../structures/traffic.ts'
import type { MapNode, Trigger } from './row-map.ts'
import type { Sheet } from './sheet.ts'

/**
 * A place in the formula of column `by` that reads column `of` (places among the recursion's columns) of its own or of other rows. Which rows
 * those are follows from other columns and is settled before the recursion runs.
 */
export interface RecursiveRead {
  readonly by: number
  readonly of: number
  /** The rows whose cell the formula may read for the row in `slot`. It may read fewer: a branch is not taken. */
  forEachRead(slot: number, each: (slot: number) => void): void
  /** The rows whose formula may read the cell of `slot`: `forEachRead` the other way round. */
  forEachReader(slot: number, each: (slot: number) => void): void
  /** The cell of `slot` is about to be another, or its row is gone. Of all cells of a step before any `settled`. */
  opened(slot: number): void
  /** The cell of `slot` is what it is. */
  settled(slot: number): void
  finish(): void
}

/** A column of a recursion. */
export interface RecursiveColumn {
  readonly name: string
  readonly column: Column
  /** Its formula; what it reads of the recursion it asks of `Recursion.read`. */
  readonly formula: Thunk
}

/** What a formula is given for a cell that is not known yet. What it makes of it is thrown away. */
export const NOT_YET: CellError = new CellError('#CIRC!')

/**
 * Row recursion: columns of one sheet whose formulas read the same columns of other rows, through lookups and aggregates over the sheet itself.
 *
 * Guarantees.
 * - A cell is what its formula says of the cells that it reads, as those are now; the same for every order of changes, steps and restarts.
 * - `#CIRC!` are exactly the cells that wait for themselves: each cell waits for the first thing that its formula reads and that is not known (all
 *   rows of an aggregate at once), and cells that wait for each other in a circle never become known. A branch that is not taken is not waited
 *   for; a row that reads a `#CIRC!` has an error to read, no circle, and IFERROR may catch it.
 * - Cost of a step: the cells that depend on what changed, transitively, are looked at once each; computed are those that read something that
 *   changed, once each, behind everything that they read. Unchanged results run nothing. Only cells in and behind circles of rows (also of those that
 *   no branch takes) are computed without being asked whether anything changed, and anew for each thing that they waited for.
 * - Nothing here recurses: a chain of a million rows is a loop.
 *
 * A cell is a number: slot × columns + column. `run` comes behind the stage in which the rows that are read, and the cells that must be computed by
 * themselves (`seed`), are known.
 */
export class Recursion implements Operator {
  readonly traffic: Traffic = new Traffic()
  readonly #sheet: Sheet
  readonly #on: string
  readonly #columns: RecursiveColumn[] = []
  readonly #nodes: ColumnNode[] = []
  readonly #reads: RecursiveRead[] = []
  readonly #seeds = new SlotSet()
  readonly #gone: number[] = []
  /** Cells that are looked at in this step. */
  readonly #open = new SlotSet()
  /** By ordinal in `#open`: how many cells that it may read are not settled. */
  #waits: Int32Array<ArrayBuffer> = new Int32Array(64)
  /** By ordinal: SETTLED, CALLED. */
  #flags: Uint8Array<ArrayBuffer> = new Uint8Array(64)
  /** Slots whose cell changed, by column. */
  readonly #changed: SlotSet[] = []
  /** The value that goes into the cell that is being written. */
  #value: Value = null
  /** Cells that the formula which runs has to wait for; null: it runs where all others are known. */
  #waiting: number[] | null = null
  #current = -1
  #waitsForItself = false
  /** Is a formula reading many rows at once? */
  #together = false

  /** `on`: the columns, for people. */
  constructor(sheet: Sheet, on: string) {
    this.#sheet = sheet
    this.#on = on
  }

  /** Adds a column; its place is the number of those before it. */
  addColumn(column: RecursiveColumn): void {
    this.#columns.push(column)
    this.#nodes.push(new ColumnNode(this.#sheet, column.column, () => this.#value))
    this.#changed.push(new SlotSet())
  }

  addRead(read: RecursiveRead): void {
    this.#reads.push(read)
  }

  /** For a formula of the recursion: is the cell known? If not, what the formula gives now does not count. */
  isKnown(place: number, slot: number): boolean {
    const cell = this.#cell(place, slot)
    const ordinal = this.#open.ordinal(cell)
    if (ordinal < 0 || (this.#flags[ordinal] as number) >= SETTLED) return true
    this.#wait(cell)
    return false
  }

  /** The cell's value, for a formula that reads it. */
  read(place: number, slot: number): Value {
    return this.isKnown(place, slot) ? must(this.#columns[place]).column.value(slot) : NOT_YET
  }

  /**
   * Must a formula that reads many rows at once look at each whether it is known? Elsewhere all are but, possibly, the cell itself.
   */
  get isCareful(): boolean {
    return this.#waiting !== null
  }

  /** What computes the cells of a column for rows that have changed by themselves. */
  seedNode(place: number): MapNode {
    return {
      run: (slot) => {
        this.#seeds.add(this.#cell(place, slot))
        return false
      },
      leave: (slot) => {
        if (place === 0) this.#gone.push(slot)
      },
    }
  }

  /** Calls the rows whose cell of that column changed. */
  trigger(place: number): Trigger {
    const changed = must(this.#changed[place])
    return {
      collect: (mark) => {
        for (let i = 0; i < changed.size; i++) mark(changed.at(i))
        return 'listed'
      },
    }
  }

  run(): void {
    if (this.#seeds.size === 0 && this.#gone.length === 0) return
    for (const slot of this.#gone) for (const read of this.#reads) read.opened(slot)
    this.#openAll()
    this.#settleInOrder()
    this.#settleCircles()
    let changed = 0
    for (const one of this.#changed) changed += one.size
    this.traffic.rowsIn += this.#open.size
    this.traffic.rowsOut += changed
    this.traffic.suppressed += Math.max(0, this.#open.size - changed)
    this.#open.clear()
    this.#seeds.clear()
    this.#gone.length = 0
  }

  finish(): void {
    for (const changed of this.#changed) changed.clear()
    for (const read of this.#reads) read.finish()
  }

  release(): void {
    for (const node of this.#nodes) node.release()
  }

  describe(): OperatorInfo {
    return { kind: 'recursion', on: this.#on, size: this.#sheet.count }
  }

  /** Opens the seeds and all that may read them, directly or not, and counts what each has to wait for. */
  #openAll(): void {
    for (let i = 0; i < this.#seeds.size; i++) this.#add(this.#seeds.at(i), CALLED)
    for (let i = 0; i < this.#open.size; i++) {
      const cell = this.#open.at(i)
      this.#forEachReader(cell, (reader) => {
        const ordinal = this.#add(reader, 0)
        if (reader !== cell) this.#waits[ordinal] = (this.#waits[ordinal] as number) + 1
      })
    }
    for (let i = 0; i < this.#open.size; i++) {
      const cell = this.#open.at(i)
      // It follows from more than the values that it reads: the circle may be gone, and what it read from there be the same.
      if (this.#isCircular(cell)) this.#flags[i] = CALLED
      for (const read of this.#reads) if (read.of === cell % this.#columns.length) read.opened(this.#slot(cell))
    }
  }

  /** What waits for nothing settles, and what waited for that alone, and so on: each cell behind all that it may read. */
  #settleInOrder(): void {
    const ready: number[] = []
    for (let i = 0; i < this.#open.size; i++) if (this.#waits[i] === 0) ready.push(this.#open.at(i))
    for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
      const called = ((this.#flags[this.#open.ordinal(next)] as number) & CALLED) !== 0
      const changed = called && this.#compute(next)
      this.#settle(next)
      const cell = next
      this.#forEachReader(cell, (reader) => {
        if (reader === cell) return
        const ordinal = this.#open.ordinal(reader)
        if (changed) this.#flags[ordinal] = (this.#flags[ordinal] as number) | CALLED
        this.#waits[ordinal] = (this.#waits[ordinal] as number) - 1
        if (this.#waits[ordinal] === 0) ready.push(reader)
      })
    }
  }

  /** What is left lies in circles of rows, or behind them. Whether a circle is a real one its formulas say, by what they read. */
  #settleCircles(): void {
    const left: number[] = []
    for (let i = 0; i < this.#open.size; i++) if ((this.#flags[i] as number) < SETTLED) left.push(this.#open.at(i))
    circlesFirst(left, {
      isSettled: (cell) => (this.#flags[this.#open.ordinal(cell)] as number) >= SETTLED,
      attempt: (cell) => {
        const waiting: number[] = []
        this.#waiting = waiting
        const value = this.#evaluate(cell)
        this.#waiting = null
        if (waiting.length > 0) return waiting
        this.#write(cell, value)
        this.#settle(cell)
        return null
      },
      refuse: (cell) => {
        this.#write(cell, this.#circular(cell))
        this.#settle(cell)
      },
    })
  }

  /** True: the cell is another than before. */
  #compute(cell: number): boolean {
    this.#waitsForItself = false
    const value = this.#evaluate(cell)
    return this.#write(cell, this.#waitsForItself ? this.#circular(cell) : value)
  }

  #evaluate(cell: number): Value {
    this.#current = cell
    const value = must(this.#columns[cell % this.#columns.length]).formula(this.#slot(cell))
    this.#current = -1
    return value
  }

  #isCircular(cell: number): boolean {
    const { now } = must(this.#columns[cell % this.#columns.length]).column
    const slot = this.#slot(cell)
    if (now.state(slot) !== ERROR) return false
    const value = now.value(slot)
    return isCellError(value) && value.kind === '#CIRC!'
  }

  #circular(cell: number): CellError {
    return new CellError('#CIRC!', must(this.#columns[cell % this.#columns.length]).name)
  }

  #write(cell: number, value: Value): boolean {
    this.#value = value
    const place = cell % this.#columns.length
    const slot = this.#slot(cell)
    const changed = must(this.#nodes[place]).run(slot)
    if (changed) must(this.#changed[place]).add(slot)
    return changed
  }

  #settle(cell: number): void {
    const ordinal = this.#open.ordinal(cell)
    this.#flags[ordinal] = (this.#flags[ordinal] as number) | SETTLED
    for (const read of this.#reads) if (read.of === cell % this.#columns.length) read.settled(this.#slot(cell))
  }

  /** The first that is not known is what a formula waits for; what it reads after that it may not read at all. */
  #wait(cell: number): void {
    if (this.#waiting === null) {
      assert(cell === this.#current, 'all other cells that a formula reads are known')
      this.#waitsForItself = true
    } else if (this.#waiting.length === 0 || this.#together) this.#waiting.push(cell)
  }

  /** Waits for all rows of an aggregate at once; true if one of them is not known. */
  waitsForAny(place: number, each: (visit: (slot: number) => void) => void): boolean {
    if (this.#waiting !== null && this.#waiting.length > 0) return true
    let waits = false
    this.#together = true
    each((slot) => {
      if (!this.isKnown(place, slot)) waits = true
    })
    this.#together = false
    return waits
  }

  #forEachReader(cell: number, each: (reader: number) => void): void {
    const place = cell % this.#columns.length
    const slot = this.#slot(cell)
    for (const read of this.#reads) if (read.of === place) read.forEachReader(slot, (reader) => each(this.#cell(read.by, reader)))
  }

  /** Opens a cell; its ordinal. */
  #add(cell: number, flags: number): number {
    if (this.#open.add(cell)) {
      const ordinal = this.#open.size - 1
      if (ordinal >= this.#waits.length) {
        const capacity = roomFor(this.#waits.length, ordinal + 1)
        this.#waits = grownInt32(this.#waits, capacity)
        this.#flags = grownUint8(this.#flags, capacity)
      }
      this.#waits[ordinal] = 0
      this.#flags[ordinal] = flags
      return ordinal
    }
    return this.#open.ordinal(cell)
  }

  #cell(place: number, slot: number): number {
    return slot * this.#columns.length + place
  }

  #slot(cell: number): number {
    return Math.floor(cell / this.#columns.length)
  }
}

/** Something that the cell reads, or may read, is another than before. */
const CALLED = 1
/** The cell is what it is in this step. */
const SETTLED = 2
