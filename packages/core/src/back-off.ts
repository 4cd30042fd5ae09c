/** How long is waited between tries that fail one after the other: at first `firstMs`, then twice as long each time, `mostMs` at most. */
export interface BackOff {
  readonly firstMs: number
  readonly mostMs: number
}

/**
 * Milliseconds to wait after so many failures in a row (1: the first). With `random`, a number in [0, 1), half of it is chance: what failed at one
 * moment, as all that need one server do, does not come back at one moment.
 */
export function backOffMs({ firstMs, mostMs }: BackOff, failures: number, random?: number): number {
  const whole = Math.min(mostMs, firstMs * 2 ** (failures - 1))
  return random === undefined ? whole : whole * (0.5 + random / 2)
}
