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
  const schedule = new Int32Array(64)
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) schedule[i] = blocks.getInt32(at + i * 4)
    compress(state, schedule)
  }
  const out = new DataView(new ArrayBuffer(32))
  for (const [i, word] of state.entries()) out.setInt32(i * 4, word)
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

/** Words are signed: as unsigned ones, half of them would be numbers that V8 keeps on the heap. */
function compress(state: Int32Array, schedule: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const x = schedule[i - 15] as number
    const y = schedule[i - 2] as number
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    schedule[i] = (schedule[i - 16] as number) + s0 + (schedule[i - 7] as number) + s1
  }
  let a = state[0] as number
  let b = state[1] as number
  let c = state[2] as number
  let d = state[3] as number
  let e = state[4] as number
  let f = state[5] as number
  let g = state[6] as number
  let h = state[7] as number
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const sumE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const sumA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const first = (h + sumE + choice + (ROUND_CONSTANTS[i] as number) + (schedule[i] as number)) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + sumA + majority) | 0
  }
  state[0] = (state[0] as number) + a
  state[1] = (state[1] as number) + b
  state[2] = (state[2] as number) + c
  state[3] = (state[3] as number) + d
  state[4] = (state[4] as number) + e
  state[5] = (state[5] as number) + f
  state[6] = (state[6] as number) + g
  state[7] = (state[7] as number) + h
}

/** The first 32 bits of the fractional part of a root (square or cube) of the first primes, as the standard defines its constants. */
function constants(count: number, power: number): Int32Array {
  const found: number[] = []
  for (let n = 2; found.length < count; n++) {
    let prime = true
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
    if (prime) found.push(n)
  }
  return Int32Array.from(found, (prime) => {
    const root = prime ** power
    return Math.floor((root - Math.floor(root)) * 0x100000000) | 0
  })
}

function rotate(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by))
}
