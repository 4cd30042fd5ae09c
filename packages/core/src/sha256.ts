/** SHA-256 (FIPS 180-4), pure and synchronous: for names and hashes inside core. Bulk hashing belongs to the host. */

const ROUND_CONSTANTS = constants(64, 1 / 3)
const INITIAL_STATE = constants(8, 1 / 2)

/** The hash of bytes, or of a text in UTF-8, in hex. */
export function sha256Hex(content: Uint8Array | string): string {
  let text = ''
  for (const byte of sha256(typeof content === 'string' ? new TextEncoder().encode(content) : content)) {
    text += byte.toString(16).padStart(2, '0')
  }
  return text
}

/** The 32 bytes of the hash. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const blocks = pad(bytes)
  const state = INITIAL_STATE.slice()
  const schedule = new Uint32Array(64)
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) schedule[i] = blocks.getUint32(at + i * 4)
    compress(state, schedule)
  }
  const out = new DataView(new ArrayBuffer(32))
  for (let i = 0; i < 8; i++) out.setUint32(i * 4, word(state, i))
  return new Uint8Array(out.buffer)
}

/** The message, a one bit, zeros, and its length in bits: whole blocks of 64 bytes. */
function pad(bytes: Uint8Array): DataView {
  const length = Math.ceil((bytes.length + 9) / 64) * 64
  const padded = new Uint8Array(length)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(length - 8, Math.floor(bytes.length / 0x20000000))
  view.setUint32(length - 4, (bytes.length * 8) >>> 0)
  return view
}

function compress(state: Uint32Array, schedule: Uint32Array): void {
  for (let i = 16; i < 64; i++) {
    const x = word(schedule, i - 15)
    const y = word(schedule, i - 2)
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    schedule[i] = word(schedule, i - 16) + s0 + word(schedule, i - 7) + s1
  }
  let [a, b, c, d] = [word(state, 0), word(state, 1), word(state, 2), word(state, 3)]
  let [e, f, g, h] = [word(state, 4), word(state, 5), word(state, 6), word(state, 7)]
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const sumE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const sumA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const first = (h + sumE + choice + word(ROUND_CONSTANTS, i) + word(schedule, i)) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + sumA + majority) | 0
  }
  for (const [i, one] of [a, b, c, d, e, f, g, h].entries()) state[i] = word(state, i) + one
}

/** The first 32 bits of the fractional part of a root (square or cube) of the first primes, as the standard defines its constants. */
function constants(count: number, power: number): Uint32Array {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) {
    let prime = true
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
    if (prime) found.push(n)
  }
  return Uint32Array.from(found, (prime) => {
    const root = prime ** power
    return Math.floor((root - Math.floor(root)) * 0x100000000)
  })
}

function word(words: Uint32Array, index: number): number {
  return words[index] ?? 0
}

function rotate(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by))
}
