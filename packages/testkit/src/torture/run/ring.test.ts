import { expect, test } from 'vitest'
import { Random } from '../../random.ts'
import { drawKill, type Kill } from './ring.ts'

test('kills are drawn as often as their weights say, and the same seed draws the same', () => {
  const kills: readonly Kill[] = [1, 0, 3].map((weight) => ({ weight, play: () => Promise.resolve(null) }))
  const draw = (): readonly number[] => {
    const random = new Random(5)
    return Array.from({ length: 4_000 }, () => kills.indexOf(drawKill(kills, random)))
  }
  const drawn = draw()
  const share = (kill: number): number => drawn.filter((one) => one === kill).length / drawn.length
  expect(share(0)).toBeCloseTo(0.25, 1)
  expect(share(1)).toBe(0)
  expect(share(2)).toBeCloseTo(0.75, 1)
  expect(draw()).toEqual(drawn)
})
