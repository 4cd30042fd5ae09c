/**
 * The error function by W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969): three ranges, relative
 * errors of about 1e-16.
 */

const A = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694]
const B = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171]
const C = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769, 1712.0476126340707,
  2051.0783778260716, 1230.3393547979972,
]
const D = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597, 4362.619090143247,
  3439.3676741437216, 1230.3393548037495,
]
const P = [
  -0.016315387137302097, -0.30532663496123236, -0.36034489994980445, -0.12578172611122926, -0.016083785148742275, -0.0006587491615298378,
]
const Q = [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918]

const NEAR = 0.46875
const FAR = 4
const ROOT_PI_RECIPROCAL = 0.5641895835477563

/** The polynomial with these coefficients, the highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0
  for (const one of coefficients) sum = sum * x + one
  return sum
}

function erfNear(x: number): number {
  const square = x * x
  return (x * polynomial(A, square)) / polynomial(B, square)
}

/** `exp(−c·x²)`, the square in two parts so that its rounding does not show. */
export function expOfSquare(c: number, x: number): number {
  const head = Math.trunc(x * 16) / 16
  return Math.exp(-c * head * head) * Math.exp(-c * (x - head) * (x + head))
}

/** `exp(x²)·erfc(x)` for x ≥ 0.46875: it falls slowly, whereas erfc itself soon is no double. */
export function scaledErfc(x: number): number {
  if (x <= FAR) return polynomial(C, x) / polynomial(D, x)
  const z = 1 / (x * x)
  return (ROOT_PI_RECIPROCAL + (z * polynomial(P, z)) / polynomial(Q, z)) / x
}

/** erfc for x ≥ 0.46875. */
function erfcFar(x: number): number {
  return x > 27.3 ? 0 : expOfSquare(1, x) * scaledErfc(x)
}

/** `2/√π · ∫₀ˣ exp(−t²) dt`. */
export function erf(x: number): number {
  const y = Math.abs(x)
  if (y <= NEAR) return erfNear(x)
  return Math.sign(x) * (0.5 - erfcFar(y) + 0.5)
}

/** `1 − erf(x)`, with full precision where that is small. */
export function erfc(x: number): number {
  const y = Math.abs(x)
  if (y <= NEAR) return 1 - erfNear(x)
  return x < 0 ? 2 - erfcFar(y) : erfcFar(y)
}
