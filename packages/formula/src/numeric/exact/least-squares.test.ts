import { Decimal } from '@sheetflow/core/decimal'
import { describe, expect, it } from 'vitest'
import { leastSquares } from './least-squares.ts'
import { toDouble } from './ratio.ts'

describe('least squares', () => {
  it('Longley: columns that nearly depend on each other lose no digit', () => {
    const rows = [
      [60323, 83.0, 234289, 2356, 1590, 107608, 1947],
      [61122, 88.5, 259426, 2325, 1456, 108632, 1948],
      [60171, 88.2, 258054, 3682, 1616, 109773, 1949],
      [61187, 89.5, 284599, 3351, 1650, 110929, 1950],
      [63221, 96.2, 328975, 2099, 3099, 112075, 1951],
      [63639, 98.1, 346999, 1932, 3594, 113270, 1952],
      [64989, 99.0, 365385, 1870, 3547, 115094, 1953],
      [63761, 100.0, 363112, 3578, 3350, 116219, 1954],
      [66019, 101.2, 397469, 2904, 3048, 117388, 1955],
      [67857, 104.6, 419180, 2822, 2857, 118734, 1956],
      [68169, 108.4, 442769, 2936, 2798, 120445, 1957],
      [66513, 110.8, 444546, 4681, 2637, 121950, 1958],
      [68655, 112.6, 482704, 3813, 2552, 123366, 1959],
      [69564, 114.2, 502601, 3931, 2514, 125368, 1960],
      [69331, 115.7, 518173, 4806, 2572, 127852, 1961],
      [70551, 116.9, 554894, 4007, 2827, 130081, 1962],
    ]
    const column = (index: number): number[] => rows.map((row) => row[index] ?? 0)
    const fit = leastSquares(column(0), [1, 2, 3, 4, 5, 6].map(column), true)
    // NIST's certified values.
    expect(off(fit.intercept, -3482258.63459582)).toBeLessThan(1e-14)
    const certified = [15.0618722713733, -0.035819179292591, -2.02022980381683, -1.03322686717359, -0.0511041056535807, 1829.15146461355]
    for (const [index, wanted] of certified.entries()) expect(off(fit.coefficients[index], wanted)).toBeLessThan(1e-14)
    expect(Math.sqrt(toDouble(fit.residuals) / fit.freedom)).toBeCloseTo(304.854073561965, 11)
  })

  it('a variable that others determine counts for nothing', () => {
    const fit = leastSquares(
      [1, 2, 3, 5],
      [
        [1, 2, 3, 4],
        [0.1, 0.2, 0.3, 0.4],
        [1, 1, 1, 1],
      ],
      true,
    )
    expect(fit.coefficients.map(toDouble)).toEqual([1.3, 0, 0])
    expect(fit.variances.slice(1)).toEqual([null, null])
    expect([fit.freedom, fit.variables]).toEqual([2, 1])
  })

  it('points on a line leave nothing, whatever their kinds', () => {
    const fit = leastSquares([Decimal.parse('0.3'), 0.4, Decimal.parse('0.50')], [[1, 2n, 3]], true)
    expect([toDouble(fit.intercept), toDouble(fit.residuals)]).toEqual([0.2, 0])
    expect(toDouble(leastSquares([2, 4], [[1, 2]], false).total)).toBe(20)
  })
})

function off(got: Parameters<typeof toDouble>[0] | undefined, wanted: number): number {
  return got === undefined ? Infinity : Math.abs(toDouble(got) / wanted - 1)
}
