/**
 * Cuts the byte stream of a Postgres connection into its messages: one type byte, four bytes of length, content.
 * After `next()` returned true, `type`, `buffer`, `start` and `end` describe the message; they are valid until the next `push`.
 * A message longer than one chunk is joined once, however many chunks it comes in.
 */
export class Frames {
  buffer: Buffer = Buffer.alloc(0)
  type: number = 0
  start: number = 0
  end: number = 0
  #at = 0
  #parts: Buffer[] = []
  #partBytes = 0
  #needed = 0

  /** Bytes that are here but not yet taken. */
  get waiting(): number {
    return this.buffer.length - this.#at + this.#partBytes
  }

  push(chunk: Buffer): void {
    if (this.#at === this.buffer.length && this.#parts.length === 0) {
      this.buffer = chunk
      this.#at = 0
      return
    }
    this.#parts.push(chunk)
    this.#partBytes += chunk.length
    if (this.waiting >= this.#needed) this.#join()
  }

  next(): boolean {
    const left = this.buffer.length - this.#at
    if (left >= HEAD) {
      const length = this.buffer.readInt32BE(this.#at + 1) + 1
      if (left >= length) {
        this.type = this.buffer[this.#at] as number
        this.start = this.#at + HEAD
        this.end = this.#at + length
        this.#at = this.end
        return true
      }
      this.#needed = length
    } else {
      this.#needed = HEAD
    }
    if (this.#parts.length === 0 || this.waiting < this.#needed) return false
    this.#join()
    return this.next()
  }

  /** The message that `next` gave is not taken: it comes again. */
  back(): void {
    this.#at = this.start - HEAD
  }

  /** The bytes of the last `push` are about to be overwritten: what is not taken yet is copied. */
  keep(): void {
    if (this.#at === this.buffer.length) this.buffer = NOTHING
    else this.buffer = Buffer.from(this.buffer.subarray(this.#at))
    this.#at = 0
    const last = this.#parts.length - 1
    if (last >= 0) this.#parts[last] = Buffer.from(this.#parts[last] as Buffer)
  }

  #join(): void {
    this.buffer = Buffer.concat([this.buffer.subarray(this.#at), ...this.#parts])
    this.#at = 0
    this.#parts = []
    this.#partBytes = 0
  }
}

const HEAD = 5
const NOTHING = Buffer.alloc(0)
