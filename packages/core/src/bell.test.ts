import { expect, test } from 'vitest'
import { Bell } from './bell.ts'

/** Has it come by the time that all which can go on has gone on? */
async function isHeard(heard: Promise<void>): Promise<boolean> {
  let is = false
  void heard.then(() => (is = true))
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  return is
}

test('a ring wakes all who wait, and none who comes later', async () => {
  const bell = new Bell()
  const waiting = [bell.next(), bell.next()]
  expect(await isHeard(bell.next())).toBe(false)
  bell.ring()
  expect(await Promise.all(waiting.map(isHeard))).toEqual([true, true])
  expect(await isHeard(bell.next())).toBe(false)
})

test('rings that nobody waits for are heard once', async () => {
  const bell = new Bell()
  bell.ring()
  bell.ring()
  expect(await isHeard(bell.next())).toBe(true)
  expect(await isHeard(bell.next())).toBe(false)
})

test('of two rings while somebody works the second is not lost', async () => {
  const bell = new Bell()
  const heard = bell.next()
  bell.ring()
  bell.ring()
  expect(await isHeard(heard)).toBe(true)
  expect(await isHeard(bell.next())).toBe(true)
})
