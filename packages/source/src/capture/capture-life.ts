import type { SheetflowError } from '@sheetflow/core/errors'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { CaptureState } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import type { ControlDraft, Source, SourceEvent } from '@sheetflow/core/ports/source'
import { sourceStream } from '@sheetflow/core/subject'
import { Appender } from './appender.ts'
import { HalfReplay } from './half-replay.ts'
import type { InboxReader } from './inbox-reader.ts'
import { LaggedConfirm } from './lagged-confirm.ts'
import { epochsOf } from './stream-end.ts'
import type { StreamEnd } from './stream-end.ts'

/** What a life takes of `CaptureOptions`. */
interface LifeOptions {
  readonly name: string
  readonly source: Source
  readonly bus: Bus
  readonly clock: Clock
}

/** Packs one life's events and appends them; remembers which mark is safe when which offset is. */
export class CaptureLife {
  readonly appender: Appender
  readonly #packer: TransactionPacker
  readonly #inbox: InboxReader
  readonly #half: StreamEnd['start']['half']
  readonly #fixed: StreamEnd['fixed']
  readonly #epochs: CaptureState['epochs']
  readonly #marks: { offset: number; mark: string }[] = []
  #replay: HalfReplay | null = null
  #failure: SheetflowError | null = null

  constructor(options: LifeOptions, end: StreamEnd, inbox: InboxReader, signal: AbortSignal, onPublished: (mark: string) => void) {
    const { bus, clock, source } = options
    const confirm = new LaggedConfirm(bus.durableAfterMs, clock, signal, (mark) => source.confirm(mark))
    const stream = sourceStream(options.name)
    this.#inbox = inbox
    this.#half = end.start.half
    this.#fixed = end.fixed
    this.#epochs = epochsOf(end)
    this.#packer = new TransactionPacker({ stream, epoch: end.info.epoch, subjects: sourceSubjects(options.name) })
    this.appender = new Appender(bus, stream, end.info.last, (offset) => {
      const waits = this.#marks.findIndex((mark) => mark.offset > offset)
      // All at once: with tens of thousands of them, taking one by one from the front would move the others each time.
      const last = this.#marks.splice(0, waits < 0 ? this.#marks.length : waits).at(-1)
      if (last === undefined) return
      confirm.stored(last.mark)
      onPublished(last.mark)
    })
  }

  /** Something beside the stream failed: the life ends. */
  fail(error: SheetflowError): void {
    this.#failure ??= error
  }

  check(): void {
    if (this.#failure !== null) throw this.#failure
    this.appender.check()
  }

  write(event: SourceEvent): void {
    const said = event.kind === 'control' ? { ...event, control: this.#withEpochs(event.control) } : event
    if (said.kind === 'control') this.#inbox.sawControl(said.control)
    if (said.kind === 'begin') this.#begin(said.tx)
    else if (this.#replay === null) this.#packer.event(said, this.#inbox.finished)
    else for (const piece of this.#replay.adapt(said)) this.#packer.event(piece, this.#inbox.finished)
    const offset = this.appender.push(this.#packer.take())
    if (said.kind !== 'commit') return
    this.#replay = null
    this.#marks.push({ offset, mark: said.mark })
  }

  #begin(tx: string): void {
    const half = this.#half
    if (half?.tx !== tx) return this.#packer.begin(tx)
    this.#replay = new HalfReplay(this.#fixed, half.next)
    this.#packer.begin(tx, { next: half.next })
  }

  #withEpochs(control: ControlDraft): ControlDraft {
    return { ...control, state: { ...control.state, epochs: this.#epochs } }
  }
}
