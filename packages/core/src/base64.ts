/** Base64 (RFC 4648) of bytes, pure: section 4 with padding, section 5 (`base64url`) without. Decoding is strict. */

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const STANDARD_INDEX = indexOf(STANDARD)
const URL_SAFE_INDEX = indexOf(URL_SAFE)

/** Standard alphabet, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD)
  return text.padEnd(text.length + ((4 - (text.length % 4)) % 4), '=')
}

/** The bytes, or null if the text is not canonical padded base64. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return decode(text, text.length - padding, STANDARD_INDEX)
}

/** The bytes, or null if the text is not canonical unpadded base64url (the URL-safe alphabet). */
export function decodeBase64Url(text: string): Uint8Array | null {
  return text.length % 4 === 1 ? null : decode(text, text.length, URL_SAFE_INDEX)
}

/** −1, 0 or 1 by the bytes that two canonical padded texts stand for, without decoding them. */
export function compareBase64(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    // Padding has no index (−1): the shorter content comes first. Spare bits are zero, so equal sextets before it are a true prefix.
    if (x !== y) return (STANDARD_INDEX[x] ?? -1) < (STANDARD_INDEX[y] ?? -1) ? -1 : 1
  }
  return a.length < b.length ? -1 : 1
}

function indexOf(alphabet: string): Int8Array {
  const index = new Int8Array(128).fill(-1)
  for (let i = 0; i < alphabet.length; i++) index[alphabet.charCodeAt(i)] = i
  return index
}

function encode(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  let i = 0
  for (; i + 2 < bytes.length; i += 3) {
    const triple = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2)
    text +=
      alphabet.charAt(triple >> 18) +
      alphabet.charAt((triple >> 12) & 63) +
      alphabet.charAt((triple >> 6) & 63) +
      alphabet.charAt(triple & 63)
  }
  if (i + 1 === bytes.length) {
    const rest = at(bytes, i) << 4
    text += alphabet.charAt(rest >> 6) + alphabet.charAt(rest & 63)
  } else if (i + 2 === bytes.length) {
    const rest = (at(bytes, i) << 10) | (at(bytes, i + 1) << 2)
    text += alphabet.charAt(rest >> 12) + alphabet.charAt((rest >> 6) & 63) + alphabet.charAt(rest & 63)
  }
  return text
}

function decode(text: string, length: number, index: Int8Array): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((length * 6) / 8))
  let buffer = 0
  let bits = 0
  let out = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    const sextet = code < 128 ? (index[code] ?? -1) : -1
    if (sextet < 0) return null
    buffer = ((buffer << 6) | sextet) & 0xffffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[out++] = (buffer >> bits) & 0xff
  }
  // Spare bits are zero in the one canonical form; a lone sextet is no byte.
  return bits >= 6 || (buffer & ((1 << bits) - 1)) !== 0 ? null : bytes
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}
