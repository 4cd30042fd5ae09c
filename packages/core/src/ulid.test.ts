import { expect, test } from 'vitest'
import { firstUlidOf, isUlid, timeOfUlid, ulid } from './ulid.ts'

test('a ULID says when it was made, and sorts behind the first of its time and before the first of the next', () => {
  for (const ms of [0, 1, 31, 32, 1_795_430_000_123, 2 ** 48 - 2]) {
    const id = ulid(ms, Math.random)
    expect(isUlid(id)).toBe(true)
    expect(timeOfUlid(id)).toBe(ms)
    expect(firstUlidOf(ms) <= id && id < firstUlidOf(ms + 1)).toBe(true)
  }
})
