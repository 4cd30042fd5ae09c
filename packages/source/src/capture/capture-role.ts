import { backOffMs } from '@sheetflow/core/back-off'
import { isoFromMs } from '@sheetflow/core/calendar'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { SheetflowError } from '@sheetflow/core/errors'
import { inboxOf } from '@sheetflow/core/framing/commit-body'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { CaptureState } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { Source } from '@sheetflow/core/ports/source'
import type { InboxPlace } from '@sheetflow/core/position'
import { sourceStream } from '@sheetflow/core/subject'
import { CaptureLife } from './capture-life.ts'
import type { CommandLane } from './inbox-reader.ts'
import { InboxReader } from './inbox-reader.ts'
import { InboxStarts } from './inbox-starts.ts'
import { epochsOf, readStreamEnd } from './stream-end.ts'

/** What one capture role needs. */
export interface CaptureOptions {
  /** Name of the source: of its stream and inbox. */
  readonly name: string
  readonly source: Source
  readonly bus: Bus
  readonly clock: Clock
  /** Numbers in [0, 1). */
  readonly random?: () => number
  readonly log?: Log
  /** Makes what carries the commands out, given up to where of the inbox they are finished. */
  readonly commands?: (finished: InboxPlace) => CommandLane
  /** Bytes above which the stream is full. */
  readonly maxBytes?: number
  /** Called at each change of what the role is doing, with the error that led to it. */
  readonly onStatus?: (status: CaptureStatus, error: SheetflowError | null) => void
}

/** What the role is doing; each change is logged once. */
export type CaptureStatus = 'starting' | 'following' | 'reconnecting' | 'full' | 'stopped'

const PAUSES = { firstMs: 200, mostMs: 10_000 }

/**
 * The capture role of one source: the only writer of its stream. Appends what the driver delivers, confirms to the source what is on disk, hands the inbox's
 * commands to the executor. It keeps no state: whatever it has to know is at the end of its stream (`stream-end.ts`).
 *
 * It mends by itself: a lost connection is tried again with growing pauses; a lost slot or a foreign history begins a new epoch with a snapshot; a full bus
 * stops reading until there is room. It ends only by its signal, or by an error that needs somebody (`bus/fenced`, `source/auth`, `source/not-ready`, …).
 */
export class CaptureRole {
  readonly #options: CaptureOptions
  readonly #inboxes: InboxStarts
  #status: CaptureStatus = 'starting'
  #published = ''
  #gaps = 0
  /** By lives that have ended; the one that runs counts for itself. */
  #appended = 0
  #appendedNow: () => number = () => 0

  constructor(options: CaptureOptions) {
    this.#options = options
    this.#inboxes = new InboxStarts(options.bus, options.name, options.log)
  }

  get status(): CaptureStatus {
    return this.#status
  }

  /** Figures of the driver and of the role, named as in `docs/operations.md`. */
  metrics(): Readonly<Record<string, number | string>> {
    return {
      ...this.#options.source.metrics(),
      source_status: this.#status,
      source_published: this.#published,
      source_appended_messages_total: this.#appended + this.#appendedNow(),
      gap_total: this.#gaps,
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { name, bus, maxBytes } = this.#options
    await bus.ensure(sourceStream(name), maxBytes === undefined ? {} : { maxBytes })
    const { inbox } = await readStreamEnd(bus, name)
    const { place } = await this.#inboxes.start(inbox, signal)
    const commands = this.#options.commands?.(place)
    const ending = new AbortController()
    const either = AbortSignal.any([signal, ending.signal])
    // Commands go on while the change log is away; what no retry mends in them ends the role.
    const lane = (commands?.run(either) ?? Promise.resolve()).catch((error: unknown) => {
      ending.abort()
      throw error
    })
    lane.catch(() => undefined)
    try {
      await this.#lives(either, commands)
    } finally {
      ending.abort()
    }
    await lane
    this.#become('stopped')
  }

  /** Life after life, until the signal aborts or one ends for good. */
  async #lives(signal: AbortSignal, commands: CommandLane | undefined): Promise<void> {
    const { random = Math.random } = this.#options
    let failures = 0
    while (!signal.aborted) {
      const appended = this.#appended
      const error = await this.#life(signal, commands).then(
        () => null,
        (cause: unknown) => coded(cause),
      )
      if (error === null || signal.aborted) break
      // A life that got something done was a good one: the next failure waits little again.
      const wasGood = this.#appended > appended
      failures = wasGood ? 1 : failures + 1
      const wait = backOffMs(PAUSES, failures, random())
      await this.#recover(error, wasGood ? 0 : wait, wait, signal)
    }
  }

  /** After a failure: a new epoch, a pause, or the end. */
  async #recover(error: SheetflowError, epochWait: number, wait: number, signal: AbortSignal): Promise<void> {
    if (error.code === 'source/slot-lost' || error.code === 'source/foreign') {
      // A source whose slots are lost at once would get one epoch after the other.
      await this.#options.clock.sleep(epochWait, signal)
      if (!signal.aborted) await this.#newEpoch(error, signal)
      return
    }
    if (error.retry === 'never') {
      this.#become('stopped', error)
      throw error
    }
    this.#become(error.code === 'bus/full' ? 'full' : 'reconnecting', error)
    await this.#options.clock.sleep(error.retry === 'now' ? 0 : wait, signal)
  }

  /** One life: from the end of the stream until something fails or the signal aborts. */
  async #life(signal: AbortSignal, commands: CommandLane | undefined): Promise<void> {
    const { name, bus, source, log } = this.#options
    const end = await readStreamEnd(bus, name)
    const { place, isNew } = await this.#inboxes.start(end.inbox, signal)
    if (isNew) commands?.setBack(place)
    const ending = new AbortController()
    const either = AbortSignal.any([signal, ending.signal])
    const inbox = new InboxReader({
      bus,
      source: name,
      driver: source,
      commands,
      finished: place,
      tables: Object.keys(end.start.control?.state.tables ?? {}),
      log,
    })
    const writer = new CaptureLife(this.#options, end, inbox, either, (mark) => (this.#published = mark))
    this.#appendedNow = () => writer.appender.safeOffset - end.info.last
    const reading = inbox.run(either).catch((error: unknown) => writer.fail(coded(error)))
    let connected = false
    try {
      for await (const event of source.follow(end.start, either)) {
        if (!connected) {
          connected = true
          this.#become('following')
          inbox.askAgain()
        }
        writer.write(event)
        if (writer.appender.full) await writer.appender.room()
        writer.check()
      }
      writer.check()
      await writer.appender.drained()
    } finally {
      ending.abort()
      this.#appended += this.#appendedNow()
      this.#appendedNow = () => 0
      await reading
    }
  }

  /** History before this point must not be joined with what follows: says so on the bus, then everything is read anew. */
  async #newEpoch(why: SheetflowError, signal: AbortSignal): Promise<void> {
    const { name, bus, clock, log } = this.#options
    const stream = sourceStream(name)
    const end = await readStreamEnd(bus, name)
    const epoch = Math.max(end.info.epoch + 1, Math.floor(clock.now() / 1000))
    await bus.ensure(stream, { epoch })
    const packer = new TransactionPacker({ stream, epoch, subjects: sourceSubjects(name) })
    const before = end.start.control?.state
    const state: CaptureState = {
      origin: { system: '', timeline: '', slot: '' },
      epochs: [...epochsOf(end), [epoch, end.info.last + 1]],
      tables: before?.tables ?? {},
    }
    packer.begin(`ctl-${String(clock.now())}`)
    packer.control({ kind: 'epoch', epoch, reason: why.code, from: { epoch: end.info.epoch, offset: end.info.last }, state })
    const { place } = await this.#inboxes.start(end.inbox, signal)
    packer.commit({ at: isoFromMs(clock.now()), mark: '', ...inboxOf(place), causes: [] })
    await bus.append(stream, packer.take(), { expectedLast: end.info.last })
    this.#gaps++
    log?.warn('source.epoch', { source: name, epoch, code: why.code, message: why.message })
  }

  #become(status: CaptureStatus, error?: SheetflowError): void {
    if (status === this.#status) return
    this.#status = status
    const fields = { source: this.#options.name, status, ...(error === undefined ? {} : error.toJSON()) }
    if (error === undefined) this.#options.log?.info('source.status', fields)
    else this.#options.log?.warn('source.status', fields)
    this.#options.onStatus?.(status, error ?? null)
  }
}

function coded(cause: unknown): SheetflowError {
  if (isSheetflowError(cause)) return cause
  // Not ours: a bug shows itself as what it is.
  throw cause
}
