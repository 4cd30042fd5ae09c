/** What lies below and above a point of a distribution; both with full relative precision, though they add up to 1. */
export interface Tails {
  readonly lower: number
  readonly upper: number
}

/** Everything is above. */
export const NONE_BELOW: Tails = { lower: 0, upper: 1 }
/** Everything is below. */
export const ALL_BELOW: Tails = { lower: 1, upper: 0 }
/** No number. */
export const NO_TAILS: Tails = { lower: Number.NaN, upper: Number.NaN }

/** The other side of the distribution. */
export function mirrored({ lower, upper }: Tails): Tails {
  return { lower: upper, upper: lower }
}
