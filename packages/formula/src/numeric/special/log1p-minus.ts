/**
 * `ln(1 + u) − u` without cancellation near 0: with `r = u / (2 + u)` it is `r·(2r²·(1/3 + r²/5 + r⁴/7 + …) − u)`, by the series of the area tangent.
 * For u between −1/2 and 1 the series is used, beyond it nothing cancels.
 */
export function log1pMinus(u: number): number {
  if (u < -0.5 || u > 1) return Math.log1p(u) - u
  const r = u / (2 + u)
  return r * (2 * areaTangentRest(r * r) - u)
}

/** `x/3 + x²/5 + x³/7 + …`, which is `artanh(√x) / √x − 1`, for x up to 1/4. */
export function areaTangentRest(x: number): number {
  let sum = 0
  let power = x
  for (let n = 3; n < 99; n += 2) {
    const next = sum + power / n
    if (next === sum) break
    sum = next
    power *= x
  }
  return sum
}

/**
 * `x·ln(x / mean) + mean − x`, not negative: what Poisson's and the binomial distribution have in their exponents (C. Loader, "Fast and accurate computation of
 * binomial probabilities", 2000). Exact to the last digits also where x is close to the mean.
 */
export function deviance(x: number, mean: number): number {
  const u = (x - mean) / mean
  if (u < -0.5 || u > 1) return x === 0 ? mean : x * Math.log(x / mean) + mean - x
  return mean * (u * Math.log1p(u) + log1pMinus(u))
}
