/** Crockford's base 32: no I, L, O, U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/

/** A ULID: 48 bits of time and 80 of chance, 26 characters that sort by time. `random` gives numbers in [0, 1), as `Math.random`. */
export function ulid(nowMs: number, random: () => number): string {
  let time = ''
  for (let rest = nowMs, i = 0; i < 10; i++) {
    time = ALPHABET.charAt(rest % 32) + time
    rest = Math.floor(rest / 32)
  }
  let chance = ''
  for (let i = 0; i < 16; i++) chance += ALPHABET.charAt(Math.floor(random() * 32))
  return time + chance
}

/** Is it a ULID in canonical (upper-case) form? */
export function isUlid(text: string): boolean {
  return ULID.test(text)
}

/** When a ULID says that it was made, in milliseconds since 1970. */
export function timeOfUlid(id: string): number {
  let ms = 0
  for (const letter of id.slice(0, 10)) ms = ms * 32 + ALPHABET.indexOf(letter)
  return ms
}

/** The smallest ULID of a time: every id that was made before it sorts before. */
export function firstUlidOf(ms: number): string {
  return ulid(ms, () => 0)
}
