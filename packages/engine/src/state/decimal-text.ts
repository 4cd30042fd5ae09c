/** Longest text that is surely a safe integer without its point. */
const SHORT = 15
/** Whole numbers below this are divided by processors as they are. */
const SMALL = 2 ** 31
const MAX_SCALE = 6
const POWERS: readonly number[] = Array.from({ length: MAX_SCALE + 1 }, (_, i) => 10 ** i)
const ZEROS: readonly string[] = Array.from({ length: MAX_SCALE + 1 }, (_, i) => '0'.repeat(i))
/** `.00"` to `.99"`. */
const CENTS: readonly string[] = Array.from({ length: 100 }, (_, i) => `.${String(i).padStart(2, '0')}"`)

/** `units / 10^scale` as JSON text, where that is a small number ≥ 0 of few places; null: somebody else must write it. */
export function moneyText(units: number, scale: number): string | null {
  if (units < 0 || units >= SMALL || scale > MAX_SCALE) return null
  const power = POWERS[scale] as number
  const whole = (units / power) | 0
  const fraction = (units - whole * power) | 0
  if (scale === 2) return `"${whole}${CENTS[fraction] as string}`
  const digits = String(fraction)
  return `"${whole}.${ZEROS[scale - digits.length] as string}${digits}"`
}

/** The digits of a decimal text with at most one point inside, as a whole number; NaN: it is long, or no such text. */
export function shortUnits(text: string): number {
  const { length } = text
  if (length === 0 || length > SHORT) return Number.NaN
  const negative = text.charCodeAt(0) === 45
  let units = 0
  let points = 0
  for (let i = negative ? 1 : 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) units = units * 10 + (code - 48)
    // A point at either end is somebody else's affair.
    else if (code === 46 && points === 0 && i > (negative ? 1 : 0) && i < length - 1) points = 1
    else return Number.NaN
  }
  if (negative && length === 1) return Number.NaN
  return negative ? 0 - units : units
}
