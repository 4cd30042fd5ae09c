import { spend } from '../value/budget.ts'

/** A function's value and slope at a place. */
export interface Slope {
  readonly value: number
  readonly slope: number
}

/** A function with its slope measured over a small distance. */
export function measured(value: (x: number) => number): (x: number) => Slope {
  return (x) => {
    const step = 1e-6 * Math.max(1, Math.abs(x))
    return { value: value(x), slope: (value(x + step) - value(x - step)) / (2 * step) }
  }
}

const NEWTON_STEPS = 100
const PRECISION = 1e-14
const BISECTIONS = 200
/** Brackets are looked for in steps of that ratio of `x - low`, up to as many on each side of the guess. */
const STEP = 1.05
const BRACKETS = 600
/** What an evaluation counts in the budget. */
const STEPS = 5

/**
 * A root above `low`, found as Excel does, by Newton's method from the guess; where that leads nowhere, the change of sign that is nearest to the guess is
 * bisected. Null: no root was found. The number of evaluations is bounded.
 */
export function findRoot(of: (x: number) => Slope, guess: number, low: number): number | null {
  if (!(guess > low)) return null
  const at = (x: number): Slope => {
    spend(STEPS)
    return of(x)
  }
  const found = newton(at, guess, low)
  if (found !== null) return found
  const bracket = bracketNear((x) => at(x).value, guess, low)
  return bracket === null ? null : bisect((x) => at(x).value, bracket[0], bracket[1])
}

function newton(at: (x: number) => Slope, guess: number, low: number): number | null {
  let x = guess
  let last = Infinity
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const { value, slope } = at(x)
    if (value === 0) return x
    const move = value / slope
    if (!Number.isFinite(move)) return null
    const next = x - move
    const scale = Math.max(1, Math.abs(x))
    // Where rounding ends the progress, the value is as near to 0 as it gets.
    if (Math.abs(move) <= PRECISION * scale || (Math.abs(move) <= 1e-9 * scale && Math.abs(move) >= last)) return next > low ? next : null
    if (!(next > low)) return null
    last = Math.abs(move)
    x = next
  }
  return null
}

/** Two places with values of opposite signs (or a root twice). */
function bracketNear(value: (x: number) => number, guess: number, low: number): readonly [number, number] | null {
  let down = guess
  let up = guess
  let valueDown = value(guess)
  let valueUp = valueDown
  for (let count = 0; count < BRACKETS; count++) {
    const lower = low + (down - low) / STEP
    const valueLower = value(lower)
    if (changesSign(valueLower, valueDown)) return [lower, down]
    const higher = low + (up - low) * STEP
    const valueHigher = value(higher)
    if (changesSign(valueUp, valueHigher)) return [up, higher]
    ;[down, valueDown, up, valueUp] = [lower, valueLower, higher, valueHigher]
  }
  return null
}

function changesSign(a: number, b: number): boolean {
  return Number.isFinite(a) && Number.isFinite(b) && Math.sign(a) * Math.sign(b) <= 0
}

function bisect(value: (x: number) => number, from: number, to: number): number {
  let [a, b] = [from, to]
  const sign = Math.sign(value(a))
  if (sign === 0) return a
  for (let count = 0; count < BISECTIONS; count++) {
    const middle = a + (b - a) / 2
    if (middle <= a || middle >= b) break
    const found = Math.sign(value(middle))
    if (found === 0) return middle
    if (found === sign) a = middle
    else b = middle
  }
  return a + (b - a) / 2
}
