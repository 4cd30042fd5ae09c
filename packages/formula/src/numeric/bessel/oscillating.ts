import { spend } from '../../value/budget.ts'

/**
 * Bessel functions of the first and second kind, J and Y, of whole order for x ≥ 0. Up to `FAR` the J of all orders at once by J. C. P. Miller's backward
 * recurrence, and Y from them by Neumann's series (Abramowitz & Stegun 9.1.46, 9.1.88 and 9.1.89); beyond it Hankel's asymptotic expansion of orders 0 and 1
 * (9.2.5), then the forward recurrence as far as it is stable.
 */

/** Where the terms of Hankel's expansion fall below 1e-17. */
const FAR = 25
const EULER_GAMMA = 0.5772156649015329

/** J of order n ≥ 0 at x ≥ 0. */
export function besselJ(n: number, x: number): number {
  if (x === 0) return n === 0 ? 1 : 0
  if (vanishes(n, x)) return 0
  if (x <= FAR || n > x) return millerJ(n, x)[n] ?? 0
  return forward(n, x, hankel(0, x).j, hankel(1, x).j)
}

/** Y of order n ≥ 0 at x > 0. */
export function besselY(n: number, x: number): number {
  if (x > FAR) return forward(n, x, hankel(0, x).y, hankel(1, x).y)
  const j = millerJ(1, x)
  const at = (order: number): number => j[order] ?? 0
  const log = Math.log(x / 2) + EULER_GAMMA
  let zero = 0
  let one = 0
  for (let k = 1; 2 * k + 1 < j.length; k++) {
    const sign = k % 2 === 0 ? 1 : -1
    zero += (sign * at(2 * k)) / k
    one += (sign * (2 * k + 1) * at(2 * k + 1)) / (k * (k + 1))
  }
  const y0 = (2 / Math.PI) * (log * at(0) - 2 * zero)
  const y1 = (2 / Math.PI) * ((log - 1) * at(1) - at(0) / x - one)
  return forward(n, x, y0, y1)
}

/** `f(k+1) = 2k/x·f(k) − f(k−1)`: stable for Y, and for J while k < x. */
function forward(n: number, x: number, zero: number, one: number): number {
  if (n === 0) return zero
  spend(n / 16)
  let [before, at] = [zero, one]
  for (let k = 1; k < n && Number.isFinite(at); k++) [before, at] = [at, ((2 * k) / x) * at - before]
  return at
}

/** Is J below the smallest double? `J ≤ (x/2)ⁿ/n!`. */
function vanishes(n: number, x: number): boolean {
  return n > x && n * (Math.log(x / 2) - Math.log(n) + 1) < -750
}

/** J of the orders 0 to at least n, and as many as carry weight. */
function millerJ(n: number, x: number): readonly number[] {
  const top = Math.max(n, Math.ceil(x))
  const start = top + 30 + Math.ceil(Math.sqrt(60 * top))
  spend(start / 4)
  const values: number[] = Array.from<number>({ length: start + 1 }).fill(0)
  let [above, at] = [0, 1e-300]
  let sum = 0
  for (let k = start; k >= 0; k--) {
    values[k] = at
    if (k % 2 === 0) sum += (k === 0 ? 1 : 2) * at
    ;[above, at] = [at, ((2 * k) / x) * at - above]
    if (Math.abs(at) > 1e200) {
      const scale = 1e-200
      for (let i = k; i <= start; i++) values[i] = (values[i] ?? 0) * scale
      ;[above, at, sum] = [above * scale, at * scale, sum * scale]
    }
  }
  return values.map((value) => value / sum)
}

/** Both kinds far out, of order 0 or 1. */
function hankel(order: 0 | 1, x: number): { readonly j: number; readonly y: number } {
  const mu = 4 * order * order
  let term = 1
  let [p, q] = [0, 0]
  for (let k = 0; k < 60; k++) {
    if (k % 2 === 0) p += k % 4 === 0 ? term : -term
    else q += k % 4 === 1 ? term : -term
    const next = (term * (mu - (2 * k + 1) ** 2)) / ((k + 1) * 8 * x)
    if (Math.abs(next) >= Math.abs(term) || Math.abs(next) < 1e-18) break
    term = next
  }
  // cos and sin of x − π/4 (order 0) or x − 3π/4 (order 1), without taking π from x.
  const [sum, difference] = [Math.sin(x) + Math.cos(x), Math.sin(x) - Math.cos(x)]
  const [cosine, sine] = order === 0 ? [sum, difference] : [difference, -sum]
  const scale = 1 / Math.sqrt(Math.PI * x)
  return { j: scale * (p * cosine - q * sine), y: scale * (p * sine + q * cosine) }
}
