import { expect, test } from 'vitest'
import { parseSnapshot, sees } from './visibility.ts'

test('below xmin is seen, from xmax on is not, in between all but the running', () => {
  const snapshot = parseSnapshot('100:105:101,103')
  expect([99, 100, 101, 102, 103, 104, 105, 200].map((xid) => sees(snapshot, xid))).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
    false,
    false,
  ])
})

test('an empty list and a malformed text', () => {
  expect(sees(parseSnapshot('7:7:'), 6)).toBe(true)
  expect(() => parseSnapshot('7:7')).toThrow(expect.objectContaining({ code: 'source/protocol' }))
})

test('ids of the log have 32 bits: the epoch is the one nearest to xmax', () => {
  const epoch = 3 * 2 ** 32
  const before = parseSnapshot(`${String(epoch - 10)}:${String(epoch + 10)}:${String(epoch - 5)},${String(epoch + 5)}`)
  const low = (xid: number): number => xid % 2 ** 32
  expect(
    [epoch - 11, epoch - 10, epoch - 5, epoch - 1, epoch + 1, epoch + 5, epoch + 9, epoch + 10].map((xid) => sees(before, low(xid))),
  ).toEqual([true, true, false, true, true, false, true, false])
})
