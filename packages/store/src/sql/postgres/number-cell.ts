import { normalDecimalText } from '@sheetflow/core/number-text'
import { createHash } from 'node:crypto'

/**
 * Numbers of any size as numerics. Postgres keeps 131,072 digits before the point and 16,383 behind it, and marks of ours stand above 10^130900
 * (`lane.ts`). What has more digits than `WHOLE` or `PLACES` has a cell that stands where the number belongs, and its exact writing in the `x` of its row.
 */
const WHOLE = 130_000
const PLACES = 16_000
/** So many digits tell numbers apart that begin with all the digits that a cell has room for. */
const HASH_DIGITS = 39

/** Does the number, in its JSON form, need its writing kept in `x`? */
export function isBeyond(text: string): boolean {
  if (text.length <= PLACES) return false
  const { whole, fraction } = partsOf(text)
  return whole.length > WHOLE || fraction.length > PLACES
}

/**
 * The number as a cell: itself, if a cell has room for it. Else one that equals that of another number exactly if both are equal, and that is in
 * order: by the number of digits and the first 130,000 of them, or to 16,000 places. Numbers that differ only behind those stand beside each other.
 */
export function numberCell(text: string): string {
  if (!isBeyond(text)) return text
  const normal = normalDecimalText(text)
  if (!isBeyond(normal)) return normal
  const { sign, whole, fraction } = partsOf(normal)
  // Above 10^130000 there is room that no other number takes.
  if (whole.length > WHOLE) return `${sign}1${String(whole.length).padStart(12, '0')}${whole.slice(0, WHOLE)}${hashDigits(normal)}`
  return `${sign}${whole}.${fraction.slice(0, PLACES)}${hashDigits(normal)}`
}

function partsOf(text: string): { readonly sign: '' | '-'; readonly whole: string; readonly fraction: string } {
  const sign = text.startsWith('-') ? '-' : ''
  const point = text.indexOf('.')
  const end = point < 0 ? text.length : point
  return { sign, whole: text.slice(sign.length, end), fraction: text.slice(end + 1) }
}

function hashDigits(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex')
  return String(BigInt(`0x${hash.slice(0, 32)}`)).padStart(HASH_DIGITS, '0')
}
