/** Greater numbers are beyond the doubles: `null` here, `#NUM!` in formulas, as in Excel. */
const LIMIT: bigint = 1n << 1024n

/** In how many orders `k` of `n` can be taken, exact; null where it is beyond the doubles. `0 ≤ k ≤ n`. */
export function permutations(n: number, k: number): bigint | null {
  let product = 1n
  // A product of 170 factors is the factorial that still is a double; more great factors leave the range sooner.
  for (let factor = n; factor > n - k; factor--) {
    product *= BigInt(factor)
    if (product >= LIMIT) return null
  }
  return product
}

/** In how many orders `k` of `n` can be taken where each may be taken again: `nᵏ`, exact; null where it is beyond the doubles. n, k ≥ 0. */
export function permutationsWithRepeats(n: number, k: number): bigint | null {
  if (n <= 1) return k === 0 || n === 1 ? 1n : 0n
  const power = k > 1024 ? LIMIT : BigInt(n) ** BigInt(k)
  return power >= LIMIT ? null : power
}
