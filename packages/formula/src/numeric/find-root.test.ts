import { describe, expect, it } from 'vitest'
import { findRoot, measured } from './find-root.ts'

describe('roots', () => {
  it('is the one that the guess leads to', () => {
    const cubic = measured((x) => (x - 1) * (x - 2) * (x - 3))
    expect(findRoot(cubic, 0.9, -10)).toBeCloseTo(1, 14)
    expect(findRoot(cubic, 3.2, -10)).toBeCloseTo(3, 14)
  })

  it('is found by its change of sign where the slope leads away', () => {
    expect(
      findRoot(
        measured((x) => Math.atan(x - 40)),
        1,
        0,
      ),
    ).toBeCloseTo(40, 12)
    expect(
      findRoot(
        measured((x) => (x < 5 ? -1 : 1)),
        1,
        0,
      ),
    ).toBeCloseTo(5, 12)
  })

  it('lies above the lower bound', () => {
    expect(
      findRoot(
        measured((x) => x + 2),
        0,
        -1,
      ),
    ).toBeNull()
    expect(
      findRoot(
        measured((x) => x),
        -2,
        -1,
      ),
    ).toBeNull()
  })

  it('ends where there is none', () => {
    let calls = 0
    const none = measured((x) => {
      calls++
      return x * x + 1
    })
    expect(findRoot(none, 0.1, -1)).toBeNull()
    expect(calls).toBeLessThan(2500 * 2)
    expect(
      findRoot(
        measured(() => NaN),
        0.1,
        -1,
      ),
    ).toBeNull()
  })
})
