import type { AnyNumber } from '@sheetflow/core/number'
import { ratio, wholeNumbers, type Ratio } from './ratio.ts'
import { spend } from '../../value/budget.ts'

/** A hyperplane through points, exact. */
export interface Fit {
  /** Of the variables in order; 0 for one that the others before it determine. */
  readonly coefficients: readonly Ratio[]
  readonly intercept: Ratio
  /** Variances of the coefficients as parts of the variance of the residuals; null for one that counts for nothing. */
  readonly variances: readonly (Ratio | null)[]
  readonly interceptVariance: Ratio | null
  readonly residuals: Ratio
  readonly total: Ratio
  /** Points less coefficients. */
  readonly freedom: number
  /** How many variables count. */
  readonly variables: number
}

/** Fractions of one denominator. */
interface Solved {
  readonly above: readonly bigint[]
  readonly variances: readonly (bigint | null)[]
  readonly below: bigint
}

/**
 * Least squares of `y` over variables (each a list as long as `y`), with an intercept or without. The normal equations are solved over whole numbers by
 * elimination without fractions (E. Bareiss, 1968): nothing is rounded, so that it is known for certain which variables depend on others.
 */
export function leastSquares(y: readonly AnyNumber[], variables: readonly (readonly AnyNumber[])[], withIntercept: boolean): Fit {
  const n = y.length
  const wanted = wholeNumbers(y)
  const { units, scale } = wholeNumbers(variables.flat())
  const columns = variables.map((_, index) => units.slice(index * n, (index + 1) * n))
  const ones: readonly bigint[] = Array.from({ length: n }, () => 1n)
  const all = withIntercept ? [ones, ...columns] : columns
  const products = all.map((column) => dot(column, wanted.units))
  const { above, variances, below } = solve(
    all.map((left) => all.map((right) => dot(left, right))),
    products,
  )
  const squares = dot(wanted.units, wanted.units)
  const explained = dot(above, products)
  const sum = withIntercept ? (products[0] ?? 0n) : 0n
  const count = BigInt(n)
  const first = withIntercept ? 1 : 0
  const used = variances.filter((one) => one !== null).length
  const one = 10n ** BigInt(scale)
  return {
    coefficients: above.slice(first).map((top) => ratio(top * one, below, wanted.scale)),
    intercept: ratio(withIntercept ? (above[0] ?? 0n) : 0n, below, wanted.scale),
    variances: variances.slice(first).map((top) => (top === null ? null : ratio(top * one * one, below))),
    interceptVariance: withIntercept && variances[0] !== undefined && variances[0] !== null ? ratio(variances[0], below) : null,
    residuals: ratio(squares * below - explained, below, 2 * wanted.scale),
    total: ratio(count * squares - sum * sum, count, 2 * wanted.scale),
    freedom: n - used,
    variables: used - first,
  }
}

function dot(left: readonly bigint[], right: readonly bigint[]): bigint {
  spend(left.length / 2)
  let sum = 0n
  for (const [index, one] of left.entries()) sum += one * (right[index] ?? 0n)
  return sum
}

/** Solves `matrix · x = right`, the matrix symmetric; rows that depend on those before them are left out. The diagonal of the inverse comes with it. */
function solve(matrix: readonly (readonly bigint[])[], right: readonly bigint[]): Solved {
  const size = right.length
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0n, ...row.map((_, column) => (column === index ? 1n : 0n))])
  const used: number[] = []
  let last = 1n
  for (let pivot = 0; pivot < size; pivot++) {
    const row = rows[pivot] ?? []
    const by = row[pivot] ?? 0n
    if (by === 0n) continue
    for (const index of rows.keys()) if (index !== pivot) eliminate(rows, index, row, { pivot, by, last })
    used.push(pivot)
    last = by
  }
  const isUsed = new Set(used)
  return {
    above: rows.map((row, index) => (isUsed.has(index) ? (row[size] ?? 0n) : 0n)),
    variances: rows.map((row, index) => (isUsed.has(index) ? (row[size + 1 + index] ?? 0n) : null)),
    below: last,
  }
}

interface Step {
  readonly pivot: number
  readonly by: bigint
  readonly last: bigint
}

/** Takes the pivot's row out of another one; the division leaves no rest. */
function eliminate(rows: bigint[][], index: number, from: readonly bigint[], { pivot, by, last }: Step): void {
  const row = rows[index] ?? []
  const factor = row[pivot] ?? 0n
  rows[index] = row.map((cell, column) => (by * cell - factor * (from[column] ?? 0n)) / last)
}
