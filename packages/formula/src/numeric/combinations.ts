/** Greater numbers are beyond the doubles: `null` here, `#NUM!` in formulas, as in Excel. */
const LIMIT: bigint = 1n << 1024n

/** The greatest number whose factorial is a double, as in Excel. */
const LAST_FACTORIAL = 170
/** The greatest number whose double factorial is one. */
const LAST_DOUBLE_FACTORIAL = 300

/** n!, exact; null where it is beyond the doubles. `n ≥ 0`. */
export function factorial(n: number): bigint | null {
  return n > LAST_FACTORIAL ? null : productDown(n, 1)
}

/** n!! = n·(n−2)·(n−4)…, exact; null where it is beyond the doubles. `n ≥ −1`. */
export function doubleFactorial(n: number): bigint | null {
  return n > LAST_DOUBLE_FACTORIAL ? null : productDown(n, 2)
}

function productDown(n: number, step: number): bigint {
  let product = 1n
  for (let factor = n; factor > 1; factor -= step) product *= BigInt(factor)
  return product
}

/**
 * How many sets of `k` there are among `n`, exact; null where it is beyond the doubles. `0 ≤ k ≤ n`. Each step at least doubles the product, so that there are
 * at most some 1,000.
 */
export function binomial(n: number, k: number): bigint | null {
  const count = Math.min(k, n - k)
  const first = BigInt(n - count)
  let product = 1n
  for (let i = 1n; i <= BigInt(count); i++) {
    product = (product * (first + i)) / i
    if (product >= LIMIT) return null
  }
  return product
}

/** `(a + b + …)! / (a! · b! · …)`, exact; null where it is beyond the doubles. Numbers ≥ 0, their sum a safe integer. */
export function multinomial(numbers: readonly number[]): bigint | null {
  let product = 1n
  let sum = 0
  for (const one of numbers) {
    sum += one
    const ways = Number.isSafeInteger(sum) ? binomial(sum, one) : null
    if (ways === null) return null
    product *= ways
    if (product >= LIMIT) return null
  }
  return product
}
