import { expect, it } from 'vitest'
import { leafFirst } from './leaf-first.ts'

const chain = (length: number, more: Readonly<Record<number, readonly number[]>> = {}): number[] =>
  leafFirst([0], (one) => more[one] ?? (one + 1 < length ? [one + 1, one + 1] : []))

it('puts each behind what it reads, however long the chain is', () => {
  expect(chain(100_000).slice(0, 3)).toEqual([99_999, 99_998, 99_997])
  expect(chain(100_000).at(-1)).toBe(0)
})

it('leaves out a circle and what reads it', () => {
  expect(chain(100, { 40: [41, 42], 39: [40, 39] })).toEqual(Array.from({ length: 60 }, (_, i) => 99 - i))
})

it('has nothing to say about a few', () => {
  expect(chain(50)).toEqual([])
})
