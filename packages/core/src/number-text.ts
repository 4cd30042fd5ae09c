/**
 * Numbers as digits: bigint and decimal in their JSON form (`-?digits[.digits]`, no exponent), compared and normalised without being read.
 */

const MINUS = 45
const POINT = 46
const ZERO = 48

/** −1, 0 or 1 by value; zeros in front and behind do not count. */
export function compareDecimalText(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0
  const negative = a.charCodeAt(0) === MINUS
  if (negative !== (b.charCodeAt(0) === MINUS)) return isZeroText(a) && isZeroText(b) ? 0 : negative ? -1 : 1
  const order = compareMagnitude(a, b, negative ? 1 : 0)
  return order === 0 ? 0 : order < 0 === negative ? 1 : -1
}

/** The one text of that value: no zeros in front or behind, no `-0`. Equal numbers of any numeric type have equal normal texts. */
export function normalDecimalText(text: string): string {
  const negative = text.charCodeAt(0) === MINUS
  let start = negative ? 1 : 0
  let end = text.length
  const point = text.indexOf('.')
  if (point >= 0) {
    while (text.charCodeAt(end - 1) === ZERO) end--
    if (end - 1 === point) end = point
  }
  const whole = point < 0 ? text.length : point
  while (start < whole - 1 && text.charCodeAt(start) === ZERO) start++
  const digits = text.slice(start, end)
  return !negative || digits === '0' ? digits : `-${digits}`
}

/** Compares |a| and |b|; `from` is 1 behind a sign. */
function compareMagnitude(a: string, b: string, from: number): number {
  const wholeA = wholeEnd(a)
  const wholeB = wholeEnd(b)
  const startA = skipZeros(a, from, wholeA)
  const startB = skipZeros(b, from, wholeB)
  const lengths = wholeA - startA - (wholeB - startB)
  if (lengths !== 0) return lengths
  for (let i = 0; i < wholeA - startA; i++) {
    const difference = a.charCodeAt(startA + i) - b.charCodeAt(startB + i)
    if (difference !== 0) return difference
  }
  return compareFractions(a, wholeA + 1, b, wholeB + 1)
}

function compareFractions(a: string, startA: number, b: string, startB: number): number {
  const places = Math.max(a.length - startA, b.length - startB)
  for (let i = 0; i < places; i++) {
    const x = startA + i < a.length ? a.charCodeAt(startA + i) : ZERO
    const y = startB + i < b.length ? b.charCodeAt(startB + i) : ZERO
    if (x !== y) return x - y
  }
  return 0
}

function wholeEnd(text: string): number {
  const point = text.indexOf('.')
  return point < 0 ? text.length : point
}

function skipZeros(text: string, from: number, end: number): number {
  let i = from
  while (i < end && text.charCodeAt(i) === ZERO) i++
  return i
}

function isZeroText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== ZERO && code !== MINUS && code !== POINT) return false
  }
  return true
}
