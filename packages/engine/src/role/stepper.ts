import type { Cause } from '@sheetflow/core/message'
import type { Position, Vector } from '@sheetflow/core/position'
import type { Graph } from '../graph/graph.ts'
import type { StepOutput } from '../graph/step-output.ts'
import type { RowTexts } from './output-writer.ts'
import type { Input, InputCursor, InputTransaction } from './input-cursor.ts'

/** A step joins so much when the graph is behind (FORMATS 5). */
const JOINED_ROWS = 10_000
const JOINED_TRANSACTIONS = 256

/** The time before all times. */
const NO_TIME = '1970-01-01T00:00:00.000000Z'

/** A step that was taken. */
export interface TakenStep {
  readonly output: StepOutput<RowTexts>
  /** Did it carry anything but rows? Then it stands in the output stream even if readers see nothing: replay must cut steps at it. */
  readonly mustRecord: boolean
  readonly rows: number
  readonly transactions: number
}

/**
 * Feeds a graph from its inputs and keeps the vector. Which transactions go into which step is decided here alone: live by what has come,
 * in a replay by the vectors of the output stream.
 */
export class Stepper {
  readonly #graph: Graph
  readonly #cursors: readonly InputCursor[]
  readonly #positions = new Map<string, Position>()
  #at = NO_TIME
  #next = 0

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

  /** A live step from the next input that has something, in turn; null: nothing has come. */
  live(): TakenStep | null {
    for (let i = 0; i < this.#cursors.length; i++) {
      const cursor = this.#cursors[(this.#next + i) % this.#cursors.length] as InputCursor
      if (cursor.peek() === undefined) continue
      this.#next = (this.#next + i + 1) % this.#cursors.length
      return this.#step(joined(cursor))
    }
    return null
  }

  /** Has everything up to there been read, of the inputs that there still are? */
  hasRead(target: Vector): boolean {
    return this.#cursors.every(({ input }) => (this.#positions.get(input.stream)?.offset ?? 0) >= (target[input.stream]?.offset ?? 0))
  }

  /** The step that ended at `target`; null: not all of it has been read yet (call again when something came). */
  replay(target: Vector, gathered: InputTransaction[]): TakenStep | null {
    for (const cursor of this.#cursors) {
      const until = target[cursor.input.stream]
      if (until === undefined) continue
      if (!this.#gather(cursor, until, gathered)) return null
    }
    const step = this.#step(gathered)
    // Streams without a transaction of their own in this step stand where they are said to stand.
    for (const [stream, position] of Object.entries(target)) this.#positions.set(stream, position)
    return step
  }

  #gather(cursor: InputCursor, until: Position, gathered: InputTransaction[]): boolean {
    const reached = (): number =>
      gathered.findLast((one) => one.stream === cursor.input.stream)?.position.offset ??
      this.#positions.get(cursor.input.stream)?.offset ??
      0
    while (reached() < until.offset) {
      const next = cursor.peek()
      if (next === undefined) return false
      if (next.position.offset > until.offset) return true
      gathered.push(next)
      cursor.take()
    }
    return true
  }

  #step(transactions: readonly InputTransaction[]): TakenStep {
    const causes: Cause[] = []
    let mustRecord = false
    let rows = 0
    for (const one of transactions) {
      enter(this.#graph, one, this.#sourceOf(one.stream))
      causes.push(...one.causes)
      mustRecord ||= !one.joinable
      rows += one.rows
      if (one.at !== null && one.at > this.#at) this.#at = one.at
      this.#positions.set(one.stream, one.position)
    }
    const output = this.#graph.commitAs(this.#at, causes, this.vector, (changes) => changes.texts())
    return { output, mustRecord, rows, transactions: transactions.length }
  }

  #sourceOf(stream: string): Input {
    return (this.#cursors.find((cursor) => cursor.input.stream === stream) as InputCursor).input
  }
}

function enter(graph: Graph, transaction: InputTransaction, input: Input): void {
  if (transaction.message !== null) graph.inbox(transaction.message)
  if (input.source === null) return
  for (const piece of transaction.pieces) graph.source(input.source, piece)
}

/** The next transaction, with those behind it that may share its step. */
function joined(cursor: InputCursor): InputTransaction[] {
  const taken: InputTransaction[] = []
  let rows = 0
  for (let next = cursor.peek(); next !== undefined; next = cursor.peek()) {
    const fits = taken.length < JOINED_TRANSACTIONS && rows + next.rows <= JOINED_ROWS && next.joinable
    if (taken.length > 0 && !fits) break
    taken.push(next)
    cursor.take()
    rows += next.rows
    if (!next.joinable) break
  }
  return taken
}
