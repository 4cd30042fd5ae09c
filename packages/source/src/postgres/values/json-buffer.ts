/**
 * A reusable, growing buffer into which the JSON text of one row is written byte by byte, so that a row costs one string instead of one per value.
 * Not shared between rows: `reset` before each. Every writer reserves what it needs; `ascii` tells whether the cheap decoder suffices.
 */
export class JsonBuffer {
  bytes: Buffer
  length: number = 0
  ascii: boolean = true

  constructor(size: number = 64 * 1024) {
    this.bytes = Buffer.allocUnsafeSlow(size)
  }

  /** Forgets the content, keeps the room. */
  reset(): void {
    this.length = 0
    this.ascii = true
  }

  /** Makes sure that `more` bytes fit behind the content. */
  reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  /** One ASCII byte. */
  byte(code: number): void {
    if (this.length === this.bytes.length) this.reserve(1)
    this.bytes[this.length++] = code
  }

  /** ASCII text that needs no escape. */
  ascii7(text: string): void {
    this.reserve(text.length)
    this.length += this.bytes.write(text, this.length, 'latin1')
  }

  /** Any text as it is. */
  text(text: string): void {
    this.reserve(text.length * 3)
    const written = this.bytes.write(text, this.length, 'utf8')
    if (written !== text.length) this.ascii = false
    this.length += written
  }

  /** ASCII bytes of another buffer, as they are. */
  raw(source: Buffer, start: number, end: number): void {
    this.reserve(end - start)
    const bytes = this.bytes
    let at = this.length
    for (let i = start; i < end; i++) bytes[at++] = source[i] as number
    this.length = at
  }

  /** ASCII bytes of another buffer in quotes; they need no escape. */
  rawQuoted(source: Buffer, start: number, end: number): void {
    this.reserve(end - start + 2)
    const bytes = this.bytes
    let at = this.length
    bytes[at++] = QUOTE
    for (let i = start; i < end; i++) bytes[at++] = source[i] as number
    bytes[at++] = QUOTE
    this.length = at
  }

  /** UTF-8 bytes of another buffer as a JSON string, escaped. */
  string(source: Buffer, start: number, end: number): void {
    this.reserve((end - start) * LONGEST_ESCAPE + 2)
    const bytes = this.bytes
    let at = this.length
    let seen = 0
    bytes[at++] = QUOTE
    for (let i = start; i < end; i++) {
      const code = source[i] as number
      if (code >= 0x20 && code !== QUOTE && code !== BACKSLASH) {
        seen |= code
        bytes[at++] = code
      } else {
        at = writeEscape(bytes, at, code)
      }
    }
    bytes[at++] = QUOTE
    if (seen > 0x7f) this.ascii = false
    this.length = at
  }

  /** A part of its own content once more. */
  again(start: number, end: number): void {
    this.reserve(end - start)
    this.bytes.copy(this.bytes, this.length, start, end)
    this.length += end - start
  }

  /** The content from `start` on as text. */
  toText(start: number = 0, end: number = this.length): string {
    return this.ascii ? this.bytes.toString('latin1', start, end) : this.bytes.toString('utf8', start, end)
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
/** `\u001f` for one byte. */
const LONGEST_ESCAPE = 6
const HEX = Buffer.from('0123456789abcdef')
const SHORT_ESCAPES = new Map([
  [0x08, 0x62],
  [0x09, 0x74],
  [0x0a, 0x6e],
  [0x0c, 0x66],
  [0x0d, 0x72],
  [QUOTE, QUOTE],
  [BACKSLASH, BACKSLASH],
])

function writeEscape(bytes: Buffer, at: number, code: number): number {
  bytes[at++] = BACKSLASH
  const short = SHORT_ESCAPES.get(code)
  if (short !== undefined) {
    bytes[at++] = short
    return at
  }
  bytes[at++] = 0x75
  bytes[at++] = 0x30
  bytes[at++] = 0x30
  bytes[at++] = HEX[code >> 4] as number
  bytes[at++] = HEX[code & 15] as number
  return at
}
