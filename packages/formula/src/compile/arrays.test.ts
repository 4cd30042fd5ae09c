import { expect, it } from 'vitest'
import { calculated } from '../testing/shown.ts'
import { Grid } from '../value/grid.ts'
import { lifted } from './lift.ts'

it('an argument beside the arrays that are gone through is computed once, and only if it is needed', () => {
  let runs = 0
  const args = [
    { type: { type: null, nullable: true, array: true as const }, run: () => new Grid(1, 3, [1, 2, 3]) },
    {
      type: { type: null, nullable: true },
      run: () => {
        runs++
        return 10
      },
    },
  ]
  const sums = lifted(
    args,
    [true, false],
    ([cell, other]) =>
      (row: unknown) =>
        Number(cell?.run(row)) + Number(other?.run(row)),
  )
  expect(sums('a')).toEqual(new Grid(1, 3, [11, 12, 13]))
  expect(runs).toBe(1)
  sums('b')
  expect(runs).toBe(2)
  const cells = lifted(
    args,
    [true, false],
    ([cell]) =>
      (row: unknown) =>
        cell?.run(row) ?? null,
  )
  cells('a')
  expect(runs).toBe(2)
})

it('REDUCE over an array as the value so far keeps it in one form: 1 becomes 1.0 where the LAMBDA divides', () => {
  expect(calculated('=REDUCE({1,2}, {2,4}, LAMBDA(q, x, q/x))')).toEqual({ cells: [['n0.125', 'n0.25']], problems: [] })
})
