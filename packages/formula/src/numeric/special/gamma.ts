import { areaTangentRest } from './log1p-minus.ts'

/** `(−1)ⁿ·(ζ(n) − 1)/n` for n = 2, 3, …: the series of ln Γ around 2. */
const ZETA = [
  0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986, 0.0028905103307415234, -0.001192753911703261,
  0.0005096695247430425, -0.00022315475845357939, 9.945751278180853e-5, -4.492623673813314e-5, 2.050721277567069e-5, -9.439488275268397e-6,
  4.374866789907488e-6, -2.039215753801366e-6, 9.55141213040742e-7, -4.492469198764566e-7, 2.1207184805554665e-7, -1.0043224823968099e-7,
  4.7698101693639804e-8, -2.2711094608943164e-8, 1.0838659214896955e-8, -5.183475041970047e-9, 2.4836745438024785e-9,
  -1.1921401405860912e-9, 5.731367241678862e-10, -2.7595228851242334e-10, 1.330476437424449e-10, -6.4229645638381e-11,
  3.1044247747322276e-11,
]
/** 1 − γ, the slope of ln Γ at 2. */
const SLOPE = 0.42278433509846713
const HALF_LOG_TWO_PI = 0.9189385332046728
/** Beyond this Γ is no double. */
const GAMMA_LIMIT = 171.7
/** From here Stirling's series has all digits. */
const STIRLING_FROM = 16

/** ln Γ(2 + z) for |z| ≤ 1/2; relative precision at 0, too. */
function logGammaAtTwo(z: number): number {
  let sum = 0
  for (let index = ZETA.length - 1; index >= 0; index--) sum = (sum + (ZETA[index] ?? 0)) * z
  return (sum + SLOPE) * z
}

/** ln Γ(1 + z) for z > −1, with relative precision at its zeros 0 and 1. */
export function logGammaOf1p(z: number): number {
  if (z < 0.5) return z < -0.5 ? logGammaOf1p(z + 1) - Math.log1p(z) : logGammaAtTwo(z) - Math.log1p(z)
  return logGamma(1 + z)
}

/** ln |Γ(x)|; at 0, −1, −2, … it is infinite. */
export function logGamma(x: number): number {
  if (x <= 0) {
    const sine = sinePi(x)
    return sine === 0 ? Infinity : Math.log(Math.PI / Math.abs(sine)) - logGamma(1 - x)
  }
  if (x < 0.5) return logGammaOf1p(x) - Math.log(x)
  if (x < 1.5) return logGammaAtTwo(x - 1) - Math.log1p(x - 1)
  if (x >= 10) return stirlingError(x) + (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI
  let product = 1
  let rest = x
  while (rest >= 2.5) product *= --rest
  return Math.log(product) + logGammaAtTwo(rest - 2)
}

/** Γ(x); not a number at 0, −1, −2, …, where it has none; infinite beyond the range of doubles. */
export function gamma(x: number): number {
  if (x > GAMMA_LIMIT) return Infinity
  if (x < 0.5) {
    const sine = sinePi(x)
    if (sine === 0) return Number.NaN
    return x < -GAMMA_LIMIT - 12 ? 0 : Math.PI / sine / gamma(1 - x)
  }
  let product = 1
  let rest = x
  if (Number.isInteger(x)) {
    for (let factor = 2; factor < x; factor++) product *= factor
    return product
  }
  while (rest >= 2.5) product *= --rest
  if (rest < 1.5) return Math.exp(logGammaAtTwo(rest - 1)) / rest
  return product * Math.exp(logGammaAtTwo(rest - 2))
}

/** sin(πx), exactly 0 at whole numbers. */
function sinePi(x: number): number {
  const whole = Math.round(x)
  const sine = Math.sin(Math.PI * (x - whole))
  return whole % 2 === 0 ? sine : -sine
}

/** What Stirling's formula lacks: `ln Γ(x + 1) − (x + ½)·ln x + x − ½·ln 2π` for x > 0. By its series, and from x to x + 1 by a series of its own. */
export function stirlingError(x: number): number {
  if (x < 0.5) return logGammaOf1p(x) - (x + 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI
  let sum = 0
  let at = x
  for (; at < STIRLING_FROM; at++) sum += areaTangentRest(1 / (2 * at + 1) ** 2)
  return sum + stirlingSeries(at)
}

function stirlingSeries(x: number): number {
  const z = 1 / (x * x)
  return (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - z * (691 / 360_360 - z / 156)))))) / x
}
