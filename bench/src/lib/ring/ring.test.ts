import { describe, expect, it } from 'vitest'
import { isFlat, percentile } from './lag.ts'
import { Moments } from './moments.ts'

describe('moments', () => {
  it('counts an update that was overtaken in its row as shown with the one that overtook it', () => {
    const moments = new Moments(4)
    moments.restart(4)
    moments.shows(5, 10)
    moments.shows(13, 20)
    expect([...moments.times]).toEqual([undefined, 10, undefined, undefined, undefined, 20, undefined, undefined, undefined, 20])
  })

  it('has all when every row shows its last update before the end', () => {
    const moments = new Moments(2)
    moments.restart(2)
    for (const n of [2, 4, 5]) moments.shows(n, n)
    expect(moments.hasAll(6)).toBe(true)
    expect(moments.hasAll(7)).toBe(false)
  })

  it('keeps what was shown before a restart out of its times', () => {
    const moments = new Moments(2)
    moments.shows(4, 1)
    moments.restart(5)
    moments.shows(6, 2)
    moments.shows(5, 3)
    expect([...moments.times]).toEqual([3, 2])
    expect(moments.hasAll(7)).toBe(true)
  })
})

describe('lag', () => {
  const lags = (at: (share: number) => number): number[] => Array.from({ length: 1_000 }, (_, i) => at(i / 1_000))

  it('is flat with pauses and after a slow beginning', () => {
    expect(
      isFlat(
        lags((share) => (share > 0.85 && share < 0.9 ? 300 : 5)),
        10,
      ),
    ).toBe(true)
    expect(
      isFlat(
        lags((share) => (share < 0.2 ? 500 : 5)),
        10,
      ),
    ).toBe(true)
  })

  it('is not flat where two updates in a hundred are left behind', () => {
    expect(
      isFlat(
        lags((share) => 5 + 20 * 10 * share),
        10,
      ),
    ).toBe(false)
  })

  it('has percentiles that some value reaches', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect([50, 99, 100].map((of) => percentile(hundred, of))).toEqual([50, 99, 100])
  })
})
