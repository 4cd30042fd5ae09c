import { Bell } from '@sheetflow/core/bell'
import { graphSubjects } from '@sheetflow/core/framing/subjects'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import type { Bus, BusMessage } from '@sheetflow/core/ports/bus'
import type { Log } from '@sheetflow/core/ports/host'
import type { StoredPosition, Vector } from '@sheetflow/core/position'
import { graphStream } from '@sheetflow/core/subject'
import type { StepOutput } from '../graph/step-output.ts'
import { ROW_BYTES } from '../program/fitted-cells.ts'
import type { EncodedRows } from '../program/view-changes.ts'

/** An append takes so much at most (port `Bus`). */
const APPEND_MESSAGES = 1_000
const APPEND_BYTES = 4 * 1024 * 1024
/** Appends under way at once: the next step is computed while the last one is made durable. */
const IN_FLIGHT = 4

export interface OutputWriterOptions {
  readonly bus: Bus
  readonly graph: string
  readonly epoch: number
  /** The first part of every `tx` of this life: greater than those of all lives before. */
  readonly attempt: number
  /** The stream's last offset. */
  readonly last: number
  /** A transaction with more rows says so in its first message. */
  readonly bigRows: number
  /** Rung when an append has failed. */
  readonly bell: Bell
  readonly log: Log
}

/**
 * Writes the outputs of a graph, each whole, as transactions `<attempt>-<n>` of its stream. It is the stream's only writer: every append says
 * which offset it expects, so a second one is fenced off (`bus/fenced`).
 *
 * Appends are pipelined; what fails fails for good: `settled` rejects, and nothing behind it is written.
 */
export class OutputWriter {
  readonly #options: OutputWriterOptions
  readonly #stream: string
  readonly #packer: TransactionPacker
  readonly #landed = new Bell()
  #inFlight = 0
  #last: number
  #n = 0
  #position: StoredPosition | null = null
  /** What the last commit of this life said of the inputs. */
  #said: Vector = {}
  #failure: { readonly error: unknown } | null = null

  constructor(options: OutputWriterOptions) {
    this.#options = options
    this.#stream = graphStream(options.graph)
    this.#packer = new TransactionPacker({ stream: this.#stream, epoch: options.epoch, subjects: graphSubjects(options.graph) })
    this.#last = options.last
  }

  /** The last transaction of this life that was given to the bus; null: none yet. */
  get position(): StoredPosition | null {
    return this.#position
  }

  /** Resolves when the append is under way; rejects if one before it failed. Of each place of an input its transaction is said once. */
  async write(output: StepOutput<EncodedRows>, vector: Vector): Promise<void> {
    const inputs = newlyRead(vector, this.#said)
    this.#said = vector
    this.#n += 1
    const tx = `${this.#options.attempt}-${this.#n}`
    for (const messages of this.#pack(tx, output, inputs)) {
      while (this.#inFlight >= IN_FLIGHT) await this.#landed.next()
      this.#throwFailure()
      void this.#append(messages)
    }
    this.#position = { epoch: this.#options.epoch, offset: this.#last, tx }
  }

  /** Throws what went wrong since, if anything did. */
  check(): void {
    this.#throwFailure()
  }

  /** Resolves when everything that was written is durable. */
  async settled(): Promise<void> {
    while (this.#inFlight > 0) await this.#landed.next()
    this.#throwFailure()
  }

  /** The transaction's messages in groups as one append takes them, made as they are asked for. */
  *#pack(tx: string, { at, causes, views, letters }: StepOutput<EncodedRows>, inputs: Vector): Generator<readonly BusMessage[]> {
    const rows = views.reduce((sum, view) => sum + view.rows.length, 0)
    const packer = this.#packer
    const group = new AppendGroup()
    packer.begin(tx, { big: rows > this.#options.bigRows })
    for (const { view, control } of views) if (control !== null) packer.control({ kind: 'view', view, ...control })
    if (letters !== null) packer.letters(letters)
    for (const { newSchema } of views) if (newSchema !== null) packer.schema(newSchema)
    for (const { view, schema, rows: changes } of views) {
      for (const part of changes.parts) {
        packer.rowBytes(view, schema, part)
        yield* group.add(packer.take())
      }
      this.#tellShortened(view, changes.shortened())
    }
    packer.commit({ at, inputs, causes })
    yield* group.add(packer.take())
    yield group.rest()
  }

  #tellShortened(view: string, rows: number): void {
    if (rows > 0) this.#options.log.warn('graph/row-too-large', { graph: this.#options.graph, view, rows, bytes: ROW_BYTES })
  }

  /** Fails quietly: the failure is told by the next `write` or `settled`. */
  async #append(messages: readonly BusMessage[]): Promise<void> {
    const expectedLast = this.#last
    this.#last += messages.length
    this.#inFlight += 1
    try {
      await this.#options.bus.append(this.#stream, messages, { expectedLast, whole: false })
    } catch (error) {
      this.#failure ??= { error }
      this.#options.bell.ring()
    }
    this.#inFlight -= 1
    this.#landed.ring()
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error
  }
}

function newlyRead(vector: Vector, said: Vector): Vector {
  const entries = Object.entries(vector).map(([stream, position]) => {
    const { epoch, offset } = position
    return [stream, offset === said[stream]?.offset ? { epoch, offset } : position] as const
  })
  return Object.fromEntries(entries)
}

/** Collects messages until they are as many as one append takes. */
class AppendGroup {
  #messages: BusMessage[] = []
  #bytes = 0

  /** The group that is not full; it has a message, for what fills a group begins the next one. */
  rest(): readonly BusMessage[] {
    const messages = this.#messages
    this.#messages = []
    this.#bytes = 0
    return messages
  }

  /** The groups that these messages fill. */
  *add(messages: readonly BusMessage[]): Generator<readonly BusMessage[]> {
    for (const message of messages) {
      const size = message.body.byteLength + message.subject.length + message.id.length
      if (this.#messages.length > 0 && (this.#messages.length === APPEND_MESSAGES || this.#bytes + size > APPEND_BYTES)) yield this.rest()
      this.#messages.push(message)
      this.#bytes += size
    }
  }
}
