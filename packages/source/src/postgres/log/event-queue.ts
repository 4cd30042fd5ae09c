import type { SourceEvent } from '@sheetflow/core/ports/source'

/**
 * What was decoded and not yet asked for. The decoder pushes without waiting, the consumer takes; when more than `limit` bytes wait, `full` says
 * that reading has to pause, and `onRoom` is called when half of it has been taken.
 */
export class EventQueue {
  readonly #limit: number
  readonly #onRoom: () => void
  /** Empty places before `#at`: what was taken is not held. */
  readonly #events: (SourceEvent | undefined)[] = []
  readonly #weights: number[] = []
  #at = 0
  #bytes = 0
  #wasFull = false
  #wake: (() => void) | null = null

  constructor(limitBytes: number, onRoom: () => void) {
    this.#limit = limitBytes
    this.#onRoom = onRoom
  }

  get bytes(): number {
    return this.#bytes
  }

  get full(): boolean {
    return this.#bytes > this.#limit
  }

  push(event: SourceEvent, bytes: number = SMALL_EVENT_BYTES): void {
    this.#events.push(event)
    this.#weights.push(bytes)
    this.#bytes += bytes
    if (this.full) this.#wasFull = true
    this.wake()
  }

  take(): SourceEvent | undefined {
    const event = this.#events[this.#at]
    if (event === undefined) return undefined
    this.#bytes -= this.#weights[this.#at] as number
    this.#events[this.#at] = undefined
    this.#at++
    if (this.#at === this.#events.length || this.#at > COMPACT_AT) {
      this.#events.splice(0, this.#at)
      this.#weights.splice(0, this.#at)
      this.#at = 0
    }
    if (this.#wasFull && this.#bytes * 2 < this.#limit) {
      this.#wasFull = false
      this.#onRoom()
    }
    return event
  }

  /** Resolves at the next `push` or `wake`. */
  async arrived(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
  }

  /** Lets a waiting consumer look again. */
  wake(): void {
    this.#wake?.()
    this.#wake = null
  }
}

const SMALL_EVENT_BYTES = 100
/** Taken events before the queue is moved together: one that is never empty would grow for ever. */
const COMPACT_AT = 1_024
