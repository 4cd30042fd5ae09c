/** A buffer has so many bytes, if not more are needed at once: to allocate one for each of many small texts costs more than writing them. */
const CHUNK_BYTES = 16 * 1024
/** Texts up to so long are written by hand: a call that encodes so few costs more than they do. */
const SHORT = 128
/** Whole numbers below this are divided by processors as they are. */
const SMALL = 2 ** 31
const MAX_SCALE = 6
const POWERS: readonly number[] = Array.from({ length: MAX_SCALE + 1 }, (_, i) => 10 ** i)

/** Room for the next piece, by what pieces took, is made up to so many bytes at once. */
const USUAL_BYTES = 1024 * 1024

const NOTHING = new Uint8Array(0)
const ENCODER = new TextEncoder()
const ZERO = 48
const QUOTE = 34
const POINT = 46

/**
 * Writes JSON as UTF-8, piece by piece, without making one text of it first. `cut` gives what was written since the last `cut`; those bytes are a part of
 * a larger buffer and never written again.
 */
export class JsonBytes {
  #bytes: Uint8Array<ArrayBuffer> = NOTHING
  /** Where what is written now begins, and where it goes on. */
  #from = 0
  #at = 0
  /** About as many bytes as a piece has: a buffer with less room than that is left, and not outgrown while it is written. */
  #usual = 0

  /** Bytes written since the last `cut`. */
  get size(): number {
    return this.#at - this.#from
  }

  cut(): Uint8Array {
    const done = this.#bytes.subarray(this.#from, this.#at)
    this.#from = this.#at
    this.#usual = Math.min(Math.max(done.length, this.#usual - (this.#usual >> 3)), USUAL_BYTES)
    if (this.#at + this.#usual > this.#bytes.length) this.#leave()
    return done
  }

  /** Moves what was written since the last `cut` to the beginning of `place`, which has room for it: as if it had not been written here. */
  takeBack(place: Uint8Array<ArrayBuffer>): Uint8Array {
    const { size } = this
    place.set(this.#bytes.subarray(this.#from, this.#at))
    this.#at = this.#from
    return place.subarray(0, size)
  }

  /** A copy of what was written from byte `start` on. */
  taken(start: number): Uint8Array {
    return this.#bytes.slice(this.#from + start, this.#at)
  }

  /** Takes back what was written last: so many bytes are left. */
  keep(size: number): void {
    this.#at = this.#from + size
  }

  /** A text as it stands; a lone surrogate becomes U+FFFD. */
  text(text: string): void {
    const { length } = text
    if (length > SHORT) {
      this.#encode(text)
      return
    }
    const at = this.#reserve(length)
    const bytes = this.#bytes
    let all = 0
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      all |= code
      bytes[at + i] = code
    }
    if (all < 0x80) return
    this.#at = at
    this.#encode(text)
  }

  /** A value as JSON. */
  json(value: unknown): void {
    this.text(JSON.stringify(value))
  }

  /** A finite number as JSON. */
  number(number: number): void {
    if (number >= 0 && number < SMALL && (number | 0) === number) this.#digits(number, digitsOf(number))
    else this.text(String(number))
  }

  /** `"units / 10^scale"` with its places, where that is a small number ≥ 0 of few places. False, and nothing is written: somebody else must write it. */
  fixed(units: number, scale: number): boolean {
    if (units < 0 || units >= SMALL || scale > MAX_SCALE) return false
    const power = POWERS[scale] as number
    const whole = (units / power) | 0
    this.#byte(QUOTE)
    this.#digits(whole, digitsOf(whole))
    if (scale > 0) {
      this.#byte(POINT)
      this.#digits((units - whole * power) | 0, scale)
    }
    this.#byte(QUOTE)
    return true
  }

  /** Bytes of another buffer. */
  copy(from: Uint8Array, start: number, end: number): void {
    const at = this.#reserve(end - start)
    const bytes = this.#bytes
    if (end - start > SHORT) bytes.set(from.subarray(start, end), at)
    else for (let i = start; i < end; i++) bytes[at + i - start] = from[i] as number
  }

  /** Bytes `start..end-1` of those since the last `cut` once more. */
  again(start: number, end: number): void {
    this.#reserve(end - start)
    this.#at -= end - start
    this.copy(this.#bytes, this.#from + start, this.#from + end)
  }

  #byte(code: number): void {
    const at = this.#reserve(1)
    this.#bytes[at] = code
  }

  /** The last `count` digits of a number, with zeros in front. */
  #digits(number: number, count: number): void {
    const from = this.#reserve(count)
    const bytes = this.#bytes
    let left = number
    for (let at = from + count - 1; at >= from; at--) {
      const rest = (left / 10) | 0
      bytes[at] = ZERO + left - rest * 10
      left = rest
    }
  }

  #encode(text: string): void {
    // In UTF-8 a UTF-16 unit takes at most three bytes.
    const at = this.#reserve(text.length * 3)
    this.#at = at + ENCODER.encodeInto(text, this.#bytes.subarray(at)).written
  }

  /** Where the next so many bytes go. */
  #reserve(count: number): number {
    if (this.#at + count > this.#bytes.length) this.#move(count)
    const at = this.#at
    this.#at = at + count
    return at
  }

  #leave(): void {
    this.#bytes = NOTHING
    this.#from = 0
    this.#at = 0
  }

  /** What is being written goes on in a buffer with room for so many bytes more. */
  #move(count: number): void {
    const begun = this.#bytes.subarray(this.#from, this.#at)
    this.#bytes = new Uint8Array(Math.max(CHUNK_BYTES, this.#usual, 2 * (begun.length + count)))
    this.#bytes.set(begun)
    this.#from = 0
    this.#at = begun.length
  }
}

function digitsOf(number: number): number {
  let digits = 1
  for (let limit = 10; number >= limit; limit *= 10) digits += 1
  return digits
}
