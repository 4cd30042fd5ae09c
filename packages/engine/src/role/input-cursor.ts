import { Bell } from '@sheetflow/core/bell'
import { isSheetflowError } from '@sheetflow/core/errors'
import { decodeGraphInbox } from '@sheetflow/core/framing/inbox'
import { TransactionReader } from '@sheetflow/core/framing/assembler'
import type { DeadPiece, StreamEvent } from '@sheetflow/core/framing/assembler'
import type { TransactionPiece } from '@sheetflow/core/framing/collector'
import type { Cause, GraphInbox } from '@sheetflow/core/message'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Position, ReadPosition } from '@sheetflow/core/position'

/**
 * What enters a step: a transaction of a source, or one message of the graph's inbox. A large transaction comes in parts, because nobody has to hold
 * it whole: a source's is always completed (FORMATS 4).
 */
export interface InputTransaction {
  readonly stream: string
  /** Up to where it reaches; null: more parts follow. */
  readonly position: ReadPosition | null
  /** When it happened, if it says so. */
  readonly at: string | null
  readonly causes: readonly Cause[]
  readonly pieces: readonly TransactionPiece[]
  readonly message: GraphInbox | null
  readonly rows: number
  /** Of its messages on the bus. */
  readonly bytes: number
  /** May it share a step with its neighbours? Not if it says anything but rows (FORMATS 5). */
  readonly joinable: boolean
}

/** One input of a graph. */
export interface Input {
  readonly stream: string
  /** Null: the graph's inbox. */
  readonly source: string | null
}

/** What is read ahead of the graph. Beyond any of these reading pauses (law 12). */
const READ_AHEAD_ROWS = 20_000
const READ_AHEAD_BYTES = 32 * 1024 * 1024
const READ_AHEAD_TRANSACTIONS = 4_000
/** An open transaction with more than this is handed on before its commit has been read. */
const PART_ROWS = 10_000
const PART_BYTES = 16 * 1024 * 1024
/** How long it is waited before a message that could not be read is fetched once more; then it is believed (ADR 025). */
const AGAIN_AFTER_MS = [200, 400]
/** Taken transactions before the queue is moved together. */
const COMPACT_AT = 1_024

export interface InputCursorOptions {
  readonly bus: Bus
  readonly input: Input
  /** Rung when something came. */
  readonly bell: Bell
  /** The position read before; null: reading begins at offset `from`. */
  readonly after: Position | null
  readonly from: number
  /** The stream's. */
  readonly epoch: number
  /** Rows of an open transaction above which it is handed on in parts; default 10,000. */
  readonly partRows?: number
  /** Waits; absent: nobody has a clock here, and what cannot be read is fetched again at once. */
  readonly pause?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined
}

/**
 * Reads one input stream transaction by transaction, ahead of the graph and never past a bound. `run` reads until the signal aborts; `peek` and
 * `take` give what has come, in order; `bell` rings when something came.
 */
export class InputCursor {
  readonly input: Input
  readonly #bus: Bus
  readonly #bell: Bell
  readonly #room = new Bell()
  /** Empty places before `#head`: what was taken is not held. */
  readonly #queue: (InputTransaction | undefined)[] = []
  #head = 0
  #queuedRows = 0
  #queuedBytes = 0
  #reader: TransactionReader | null = null
  readonly #epoch: number
  readonly #position: Position | null
  readonly #next: number
  readonly #partRows: number
  #pieces: TransactionPiece[] = []
  #rows = 0
  #bytes = 0
  readonly #pause: InputCursorOptions['pause']

  constructor({ bus, input, bell, after, from, epoch, partRows, pause }: InputCursorOptions) {
    this.#pause = pause
    this.input = input
    this.#epoch = epoch
    this.#bus = bus
    this.#bell = bell
    this.#position = after
    this.#next = after === null ? from : after.offset + 1
    this.#partRows = partRows ?? PART_ROWS
  }

  /** Resolves when the signal aborts; rejects if the stream cannot be read. */
  async run(signal: AbortSignal): Promise<void> {
    const abandon = (): void => this.#room.ring()
    signal.addEventListener('abort', abandon)
    try {
      for await (const messages of this.#bus.read(this.input.stream, { from: this.#next, passing: true, signal })) {
        for (const message of messages) {
          const dead = this.#read(message)
          if (dead !== null) await this.#readAgain(dead, message.id, signal)
          if (this.#isFull()) await this.#waitForRoom(signal)
          if (signal.aborted) return
        }
        this.#bell.ring()
      }
    } finally {
      signal.removeEventListener('abort', abandon)
    }
  }

  /** The next transaction, if it has come. */
  peek(): InputTransaction | undefined {
    return this.#queue[this.#head]
  }

  take(): InputTransaction | undefined {
    const taken = this.#queue[this.#head]
    if (taken === undefined) return undefined
    this.#queue[this.#head] = undefined
    this.#head += 1
    this.#queuedRows -= taken.rows
    this.#queuedBytes -= taken.bytes
    if (this.#head === this.#queue.length || this.#head > COMPACT_AT) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
    this.#room.ring()
    return taken
  }

  async #waitForRoom(signal: AbortSignal): Promise<void> {
    this.#bell.ring()
    while (this.#isFull() && !signal.aborted) await this.#room.next()
  }

  #isFull(): boolean {
    const transactions = this.#queue.length - this.#head
    return this.#queuedRows > READ_AHEAD_ROWS || this.#queuedBytes > READ_AHEAD_BYTES || transactions > READ_AHEAD_TRANSACTIONS
  }

  /** Not null: it cannot be read, and nothing has been taken of it. */
  #read(message: StoredMessage): DeadPiece | null {
    if (this.input.source === null) return this.#readInbox(message)
    this.#bytes += message.body.byteLength
    return this.#events(this.#readerAt(message).push([message]))
  }

  #events(events: readonly StreamEvent[]): DeadPiece | null {
    for (const event of events) {
      if (event.kind === 'dead') return event
      this.#event(event)
    }
    return null
  }

  /** What the bus has given may be what is wrong, not what stands there: it is asked again before the message is set aside. Its own errors are errors of the bus. */
  async #readAgain(dead: DeadPiece, id: string, signal: AbortSignal): Promise<void> {
    for (const ms of AGAIN_AFTER_MS) {
      this.#bell.ring()
      await this.#pause?.(ms, signal)
      for await (const [message] of this.#bus.read(this.input.stream, { from: dead.offset, untilNow: true, signal })) {
        if (message?.offset === dead.offset && this.#readOnceMore(message) === null) return
        break
      }
      if (signal.aborted) return
    }
    if (this.input.source === null) this.#push(this.#transaction(dead.offset, id, [dead]))
    else this.#pieces.push(dead)
  }

  #readOnceMore(message: StoredMessage): DeadPiece | null {
    return this.input.source === null ? this.#readInbox(message) : this.#events(this.#readerAt(message).again(message))
  }

  #readInbox(message: StoredMessage): DeadPiece | null {
    try {
      this.#push(this.#inboxTransaction(message))
      return null
    } catch (error) {
      if (!isSheetflowError(error, 'core/bad-message')) throw error
      return { kind: 'dead', offset: message.offset, table: null, error }
    }
  }

  /** The epoch in which reading begins is that of the position read before, else of the first message. */
  #readerAt(message: StoredMessage): TransactionReader {
    this.#reader ??= new TransactionReader({ rule: 'source', epoch: this.#position?.epoch ?? messageEpoch(message) })
    return this.#reader
  }

  #event(event: Exclude<StreamEvent, DeadPiece>): void {
    switch (event.kind) {
      case 'begin':
      case 'half':
        // The rows of a half-written one count and are right at their place: they enter with the next commit.
        break
      case 'rows':
        if (this.#rows >= this.#partRows || this.#bytes >= PART_BYTES) this.#part(null, null, [])
        this.#rows += event.message.rows.length
        this.#pieces.push(event)
        break
      case 'schema':
      case 'control':
        this.#pieces.push(event)
        break
      case 'commit': {
        this.#part(event.position, event.commit.at, event.commit.causes)
      }
    }
  }

  /** Hands on what has been read of the open transaction. */
  #part(position: ReadPosition | null, at: string | null, causes: readonly Cause[]): void {
    const joinable = this.#pieces.every((piece) => piece.kind === 'rows')
    this.#push({
      stream: this.input.stream,
      position,
      at,
      causes,
      pieces: this.#pieces,
      message: null,
      rows: this.#rows,
      bytes: this.#bytes,
      joinable,
    })
    this.#pieces = []
    this.#rows = 0
    this.#bytes = 0
  }

  #inboxTransaction(stored: StoredMessage): InputTransaction {
    const message = decodeGraphInbox(stored)
    const { offset, id, body } = stored
    return {
      ...this.#transaction(offset, id, []),
      at: timeOf(message),
      message,
      bytes: body.byteLength,
      joinable: JOINABLE.includes(message.kind),
    }
  }

  /** One message of an inbox. */
  #transaction(offset: number, tx: string, pieces: readonly DeadPiece[]): InputTransaction {
    const position = { epoch: this.#epoch, offset, tx }
    return { stream: this.input.stream, position, at: null, causes: [], pieces, message: null, rows: 1, bytes: 0, joinable: false }
  }

  #push(transaction: InputTransaction): void {
    this.#queue.push(transaction)
    this.#queuedRows += transaction.rows
    this.#queuedBytes += transaction.bytes
  }
}

/** Messages of an inbox that may share a step with those beside them: they change nothing but state and rows. */
const JOINABLE: readonly GraphInbox['kind'][] = ['receipt', 'result']

/** The epoch in which a message of a source's stream was written: it stands in its id. */
export function messageEpoch(message: StoredMessage): number {
  return Number(message.id.split('/')[1] ?? 0)
}

/** The transaction of a message, as it stands in its id; of a message of an inbox, which has none, the id itself. */
export function messageTx({ id }: StoredMessage, { source }: Input): string {
  return source === null ? id : id.split('/').slice(2, -1).join('/')
}

function timeOf(message: GraphInbox): string | null {
  switch (message.kind) {
    case 'tick':
    case 'deploy':
      return message.now
    case 'receipt':
      return message.at
    case 'activate':
    case 'edit':
    case 'refill':
    case 'result':
    case 'letter':
      return null
  }
}
