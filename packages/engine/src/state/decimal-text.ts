/** Longest text that is surely a safe integer without its point. */
const SHORT = 15

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
