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
