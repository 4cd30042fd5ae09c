import { fc } from '@sheetflow/testkit/fast-check'
import { expect, test } from 'vitest'
import { runs } from '@sheetflow/testkit/runs'
import { eliminateDoubles, eliminateExact, unit } from './elimination.ts'

const MATRIX = fc
  .integer({ min: 1, max: 5 })
  .chain((size) =>
    fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
  )

test('matrix times solution is the divisor times the right side', () => {
  fc.assert(
    fc.property(MATRIX, (matrix) => {
      const whole = matrix.map((row) => row.map(BigInt))
      const found = eliminateExact(whole, unit(matrix.length, 1n, 0n))
      expect(found?.determinant ?? 0n).toBe(BigInt(determinant(matrix)))
      expect(product(whole, found?.solution ?? [])).toEqual(found === null ? whole.map(() => []) : unit(matrix.length, found.divisor, 0n))
    }),
    { numRuns: runs(500, 5_000) },
  )
})

test('in doubles it is nearly the same', () => {
  fc.assert(
    fc.property(MATRIX, (matrix) => {
      const exact = eliminateExact(
        matrix.map((row) => row.map(BigInt)),
        unit(matrix.length, 1n, 0n),
      )
      if (exact === null) return
      const found = eliminateDoubles(matrix, unit(matrix.length, 1, 0))
      expect(found?.determinant).toBeCloseTo(Number(exact.determinant), 6)
      for (const [r, row] of exact.solution.entries()) {
        for (const [c, cell] of row.entries()) expect(found?.solution[r]?.[c]).toBeCloseTo(Number(cell) / Number(exact.divisor), 6)
      }
    }),
    { numRuns: runs(300, 3_000) },
  )
})

test('a row that is a sum of others has no inverse', () => {
  expect(
    eliminateExact(
      [
        [1n, 2n, 3n],
        [4n, 5n, 6n],
        [7n, 8n, 9n],
      ],
      [],
    ),
  ).toBeNull()
  expect(
    eliminateDoubles(
      [
        [0, 0],
        [1, 1],
      ],
      [],
    ),
  ).toBeNull()
})

/** By the first row. */
function determinant(matrix: readonly (readonly number[])[]): number {
  const [first, ...rest] = matrix
  if (first === undefined) return 1
  return first.reduce(
    (sum, cell, at) => sum + (at % 2 === 0 ? cell : -cell) * determinant(rest.map((row) => row.filter((_, i) => i !== at))),
    0,
  )
}

function product(a: readonly (readonly bigint[])[], b: readonly (readonly bigint[])[]): bigint[][] {
  return a.map((row) => (b[0] ?? []).map((_, column) => row.reduce((sum, cell, at) => sum + cell * (b[at]?.[column] ?? 0n), 0n)))
}
