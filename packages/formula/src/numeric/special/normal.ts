import { erfc, expOfSquare, scaledErfc } from './error-function.ts'
import { mirrored, type Tails } from './tails.ts'

const ROOT_TWO_PI = 2.5066282746310007

/** The density of the standard normal distribution. */
export function normalDensity(z: number): number {
  return expOfSquare(0.5, z) / ROOT_TWO_PI
}

/** What of the standard normal distribution lies below and above z. */
export function normalTails(z: number): Tails {
  return z < 0 ? mirrored(tailsOf(-z)) : tailsOf(z)
}

/** z ≥ 0; the exponent is that of z itself, not of the rounded z/√2. */
function tailsOf(z: number): Tails {
  const x = z / Math.SQRT2
  if (x < 0.47) return { lower: 0.5 * erfc(-x), upper: 0.5 * erfc(x) }
  const upper = z > 38.6 ? 0 : 0.5 * expOfSquare(0.5, z) * scaledErfc(x)
  return { lower: 1 - upper, upper }
}

const CENTRE = {
  above: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513, 133.14166789178438,
    3.3871328727963665,
  ],
  below: [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579, 42.31333070160091,
    1,
  ],
}
const MIDDLE = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045, 5.769497221460691,
    4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851, 1.6763848301838038,
    2.053191626637759, 1,
  ],
}
const TAIL = {
  above: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487, 1.7848265399172913,
    5.463784911164114, 6.657904643501103,
  ],
  below: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615, 0.1369298809227358,
    0.599832206555888, 1,
  ],
}

function ratio({ above, below }: { readonly above: readonly number[]; readonly below: readonly number[] }, x: number): number {
  let top = 0
  let bottom = 0
  for (const [index, one] of above.entries()) {
    top = top * x + one
    bottom = bottom * x + (below[index] ?? 0)
  }
  return top / bottom
}

/**
 * The z below which `lower` and above which `upper` of the standard normal distribution lie: M. Wichura, Algorithm AS 241, Applied Statistics 37 (1988), with one
 * of Newton's steps.
 */
export function inverseNormal({ lower, upper }: Tails): number {
  const tail = Math.min(lower, upper)
  if (!(tail >= 0)) return Number.NaN
  if (tail === 0) return lower === 0 ? -Infinity : Infinity
  const fromCentre = lower <= upper ? lower - 0.5 : 0.5 - upper
  if (Math.abs(fromCentre) <= 0.425) return fromCentre * ratio(CENTRE, 0.180625 - fromCentre * fromCentre)
  const r = Math.sqrt(-Math.log(tail))
  const z = r <= 5 ? ratio(MIDDLE, r - 1.6) : ratio(TAIL, r - 5)
  const step = (normalTails(z).upper - tail) / normalDensity(z)
  const polished = Number.isFinite(step) ? z + step : z
  return lower <= upper ? -polished : polished
}
