import type { Cause } from '@sheetflow/core/message'
import type { Position, ReadPosition, Vector } from '@sheetflow/core/position'
import type { Graph } from '../graph/graph.ts'
import type { StepOutput } from '../graph/step-output.ts'
import type { EncodedRows } from '../program/view-changes.ts'
import type { Input, InputCursor, InputTransaction } from './input-cursor.ts'

/** A step joins so much when the graph is behind (FORMATS 5). */
const JOINED_ROWS = 10_000
const JOINED_TRANSACTIONS = 256

/** The time before all times. */
const NO_TIME = '1970-01-01T00:00:00.000000Z'

/** A step that was taken. */
export interface TakenStep {
  readonly output: StepOutput<EncodedRows>
  /** Did it carry anything but rows? Then it stands in the output stream even if readers see nothing: replay must cut steps at it. */
  readonly mustRecord: boolean
  readonly rows: number
  readonly transactions: number
}

interface Entered {
  readonly causes: Cause[]
  mustRecord: boolean
  rows: number
  transactions: number
}

function nothing(): Entered {
  return { causes: [], mustRecord: false, rows: 0, transactions: 0 }
}

/**
 * Feeds a graph from its inputs and keeps the vector. Which transactions go into which step is decided here alone: live by what has come,
 * in a replay by the vectors of the output stream.
 */
export class Stepper {
  readonly #graph: Graph
  readonly #cursors: readonly InputCursor[]
  readonly #positions = new Map<string, ReadPosition>()
  #at = NO_TIME
  #next = 0
  /** What has entered the step that is not committed yet. */
  #entered: Entered = nothing()
  /** Of which input a large transaction has entered in part. */
  #open: InputCursor | null = null

  constructor(graph: Graph, cursors: readonly InputCursor[], vector: Vector, at: string | null) {
    this.#graph = graph
    this.#cursors = cursors
    for (const [stream, position] of Object.entries(vector)) this.#positions.set(stream, position)
    this.#at = at ?? NO_TIME
  }

  /** Up to where each input was read. */
  get vector(): Vector {
    return Object.fromEntries([...this.#positions].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** The greatest time of all that was read. */
  get at(): string {
    return this.#at
  }

  /**
   * A live step from the next input that has something, in turn; null: nothing has come, or a large transaction of which the end has not: it has entered as
   * far as it came, and until its commit nothing else may.
   */
  live(): TakenStep | null {
    if (this.#open !== null) return this.#goOn(this.#open)
    for (let i = 0; i < this.#cursors.length; i++) {
      const cursor = this.#cursors[(this.#next + i) % this.#cursors.length] as InputCursor
      const next = cursor.peek()
      if (next === undefined) continue
      this.#next = (this.#next + i + 1) % this.#cursors.length
      if (next.position === null) return this.#goOn(cursor)
      for (const one of joined(cursor)) this.#enter(cursor.input, one)
      return this.#commit()
    }
    return null
  }

  /** Has everything up to there been read, of the inputs that there still are? */
  hasRead(target: Vector): boolean {
    return this.#cursors.every(({ input }) => this.#reached(input.stream) >= (target[input.stream]?.offset ?? 0))
  }

  /** The step that ended at `target`; null: not all of it has been read yet (call again when something came). */
  replay(target: Vector): TakenStep | null {
    for (const cursor of this.#cursors) {
      const until = target[cursor.input.stream]
      if (until !== undefined && !this.#enterUpTo(cursor, until)) return null
    }
    // Streams without a transaction of their own in this step stand where they are said to stand.
    for (const [stream, position] of Object.entries(target))
      if (position.offset !== this.#reached(stream)) this.#positions.set(stream, position)
    return this.#commit()
  }

  #goOn(cursor: InputCursor): TakenStep | null {
    this.#open = cursor
    for (let next = cursor.take(); next !== undefined; next = cursor.take()) {
      this.#enter(cursor.input, next)
      if (next.position === null) continue
      this.#open = null
      return this.#commit()
    }
    return null
  }

  #enterUpTo(cursor: InputCursor, until: Position): boolean {
    while (this.#reached(cursor.input.stream) < until.offset) {
      const next = cursor.peek()
      if (next === undefined) return false
      if (beginOf(next) > until.offset) return true
      cursor.take()
      this.#enter(cursor.input, next)
    }
    return true
  }

  #reached(stream: string): number {
    return this.#positions.get(stream)?.offset ?? 0
  }

  #enter({ source }: Input, one: InputTransaction): void {
    if (one.message !== null) this.#graph.inbox(one.message)
    for (const piece of one.pieces) this.#graph.source(source, piece)
    const entered = this.#entered
    entered.causes.push(...one.causes)
    entered.mustRecord ||= !one.joinable
    entered.rows += one.rows
    if (one.at !== null && one.at > this.#at) this.#at = one.at
    if (one.position === null) return
    entered.transactions += 1
    this.#positions.set(one.stream, one.position)
  }

  #commit(): TakenStep {
    const { causes, mustRecord, rows, transactions } = this.#entered
    this.#entered = nothing()
    const output = this.#graph.commitAs(this.#at, causes, placesOf(this.vector), (changes) => changes.bytes())
    // Answers live as long as rows ask for them, which ends with a step: a replay must end this one here.
    return { output, mustRecord: this.#graph.calls.takeMoved() || mustRecord, rows, transactions }
  }
}

/** Where the inputs stand, for those who compare places alone: receipts. */
function placesOf(vector: Vector): Vector {
  return Object.fromEntries(Object.entries(vector).map(([stream, { epoch, offset }]) => [stream, { epoch, offset }]))
}

/** The offset of its first message; of a transaction's commit, if there is nothing else. */
function beginOf({ pieces, position }: InputTransaction): number {
  return pieces[0]?.offset ?? position?.offset ?? 0
}

/** The next transaction, with those behind it that may share its step. */
function joined(cursor: InputCursor): InputTransaction[] {
  const taken: InputTransaction[] = []
  let rows = 0
  for (let next = cursor.peek(); next !== undefined; next = cursor.peek()) {
    const fits = taken.length < JOINED_TRANSACTIONS && rows + next.rows <= JOINED_ROWS && next.joinable && next.position !== null
    if (taken.length > 0 && !fits) break
    taken.push(next)
    cursor.take()
    rows += next.rows
    if (!next.joinable) break
  }
  return taken
}
