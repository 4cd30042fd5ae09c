import { expect, test } from 'vitest'
import { Delivery } from './delivery.ts'

function delivery(): { readonly to: Delivery; readonly sent: string[]; readonly isExceeded: () => boolean } {
  const sent: string[] = []
  let isExceeded = false
  const to = new Delivery((text) => sent.push(text), { chars: 10, replyChars: 100, exceeded: () => (isExceeded = true) })
  return { to, sent, isExceeded: () => isExceeded }
}

test('what is held goes out in the order of offsets, what came first of one offset first', () => {
  const { to, sent } = delivery()
  const [one, two] = [{ offset: 5 }, { offset: 6 }]
  to.put(4, 'a')
  to.hold(one)
  to.hold(two)
  to.put(7, 'd')
  to.put(5, 'b')
  to.put(5, 'c')
  to.release(one)
  to.release(one)
  expect(sent).toEqual(['a'])
  to.release(two)
  expect(sent).toEqual(['a', 'b', 'c', 'd'])
})

test('law 12: what is held is bounded, and begins anew when it has gone', () => {
  const { to, isExceeded } = delivery()
  const gate = { offset: 1 }
  to.hold(gate)
  to.put(1, 'x'.repeat(10))
  to.release(gate)
  to.hold(gate)
  to.put(2, 'x'.repeat(10))
  expect(isExceeded()).toBe(false)
  to.put(3, 'x')
  expect(isExceeded()).toBe(true)
})

test('a great answer that was asked for is held beside the pushes, up to a bound of its own', () => {
  const { to, sent, isExceeded } = delivery()
  const gate = { offset: 1 }
  to.hold(gate)
  to.answer(1, 'r'.repeat(60))
  to.put(2, 'x'.repeat(10))
  expect(isExceeded()).toBe(false)
  to.answer(3, 'r'.repeat(60))
  expect(isExceeded()).toBe(true)
  to.release(gate)
  expect(sent.map((text) => text.length)).toEqual([60, 10, 60])
})
