import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import type { Bus, BusMessage } from '@sheetflow/core/ports/bus'

/** Limits of one append (port `Bus`). */
const APPEND_MESSAGES = 1_000
const APPEND_BYTES = 4 * 1024 * 1024
/** Appends under way at once: one is written while the next is made ready. */
const IN_FLIGHT = 2
/** Messages that wait: above these the source is not asked for more. */
const WAITING_BYTES = 16 * 1024 * 1024

/** Messages that will be appended together, and their size as the bus counts it. */
interface Group {
  readonly messages: BusMessage[]
  bytes: number
}

/**
 * Appends one writer's messages to its stream in order, fenced by expected offsets and pipelined. What comes while an append is under way goes together in the next:
 * no timer, and the busier the larger the groups. After a failure nothing more is appended.
 */
export class Appender {
  /** Offset of the last message that is safe. */
  safeOffset: number
  readonly #bus: Bus
  readonly #stream: string
  readonly #onSafe: (offset: number) => void
  #expected: number
  /** All but the last are full. */
  readonly #groups: Group[] = []
  #waiting = 0
  #waitingBytes = 0
  #inFlight = 0
  #failure: SheetflowError | null = null
  #wake: (() => void)[] = []

  /** `last`: the stream's last offset. `onSafe` is called after each append, in order, with the last offset that is on disk. */
  constructor(bus: Bus, stream: string, last: number, onSafe: (offset: number) => void) {
    this.#bus = bus
    this.#stream = stream
    this.#expected = last
    this.safeOffset = last
    this.#onSafe = onSafe
  }

  /** Takes messages. Returns the offset that the last of them will have. */
  push(messages: readonly BusMessage[]): number {
    for (const message of messages) this.#enqueue(message)
    const last = this.#expected + this.#waiting
    this.#pump()
    return last
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  get full(): boolean {
    return this.#waitingBytes > WAITING_BYTES
  }

  /** Resolves when there is room for more; throws what made an append fail. */
  async room(): Promise<void> {
    while (this.#failure === null && this.full) await new Promise<void>((resolve) => this.#wake.push(resolve))
    if (this.#failure !== null) throw this.#failure
  }

  /** Resolves when everything pushed so far is safe; throws what made an append fail. */
  async drained(): Promise<void> {
    while (this.#failure === null && (this.#inFlight > 0 || this.#waiting > 0)) {
      await new Promise<void>((resolve) => this.#wake.push(resolve))
    }
    if (this.#failure !== null) throw this.#failure
  }

  /** Throws what made an append fail, if one did. */
  check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  #enqueue(message: BusMessage): void {
    const size = sizeOf(message)
    let group = this.#groups.at(-1)
    if (group === undefined || group.messages.length === APPEND_MESSAGES || group.bytes + size > APPEND_BYTES) {
      group = { messages: [], bytes: 0 }
      this.#groups.push(group)
    }
    group.messages.push(message)
    group.bytes += size
    this.#waiting += 1
    this.#waitingBytes += message.body.length
  }

  #pump(): void {
    while (this.#failure === null && this.#inFlight < IN_FLIGHT) {
      const [first] = this.#groups
      if (first === undefined) return
      // With one under way, a group that is not full yet gains by waiting for its end.
      if (this.#inFlight > 0 && this.#groups.length === 1 && first.messages.length < APPEND_MESSAGES) return
      this.#groups.shift()
      this.#waiting -= first.messages.length
      for (const message of first.messages) this.#waitingBytes -= message.body.length
      void this.#append(first.messages)
    }
  }

  async #append(group: readonly BusMessage[]): Promise<void> {
    const expectedLast = this.#expected
    this.#expected += group.length
    this.#inFlight++
    try {
      const { last } = await this.#bus.append(this.#stream, group, { expectedLast, whole: false })
      this.safeOffset = last
      this.#onSafe(last)
    } catch (cause) {
      this.#failure ??= isSheetflowError(cause)
        ? cause
        : new SheetflowError('bus/unavailable', 'The stream could not be written', { retry: 'later', cause })
    } finally {
      this.#inFlight--
      this.#pump()
      const waiting = this.#wake
      this.#wake = []
      for (const wake of waiting) wake()
    }
  }
}

/** As the bus counts it, with some room for its own. */
function sizeOf(message: BusMessage): number {
  return message.body.length + message.subject.length + message.id.length + 64
}
