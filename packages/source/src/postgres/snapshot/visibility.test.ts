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

test('around every border of 2³² the 64-bit ids decide', () => {
  for (const epoch of [2 ** 32, 5 * 2 ** 32]) {
    for (let xmax = epoch - 4; xmax <= epoch + 4; xmax++) {
      const running = [xmax - 3, xmax - 1]
      const snapshot = parseSnapshot(`${String(xmax - 3)}:${String(xmax)}:${running.join(',')}`)
      for (let xid = xmax - 2 ** 31 + 1; xid < xmax + 2 ** 31; xid += 2 ** 28) expect(sees(snapshot, xid % 2 ** 32)).toBe(xid < xmax - 3)
      for (let xid = xmax - 8; xid <= xmax + 8; xid++) {
        const seen = xid < xmax && !running.includes(xid)
        expect({ xmax, xid, seen: sees(snapshot, xid % 2 ** 32) }).toEqual({ xmax, xid, seen })
      }
    }
  }
})
