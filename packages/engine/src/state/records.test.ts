import { expect, test } from 'vitest'
import { Records } from './records.ts'

/** More than come into use one doubling after the other. */
const MANY = (1 << 20) + 3

/** Records that grow by one at a time, `i` of them numbered. */
function numbered(count: number): { readonly records: Records; readonly number: number; readonly int: number } {
  const records = new Records()
  const [number, int] = [records.addNumber(true), records.addInt()]
  for (let i = 0; i < count; i++) {
    records.makeRoom(i + 1)
    records.setNumber(i, number, i)
    records.setInt(i, int, -i)
  }
  return { records, number, int }
}

test('records grow by one at a time: what is there stays, what comes begins as it shall', () => {
  const { records, number, int } = numbered(MANY)
  const wrong = Array.from({ length: MANY }, (_, i) => i).filter((i) => records.number(i, number) !== i || records.int(i, int) !== 0 - i)
  expect(wrong).toEqual([])
  const fresh = Array.from({ length: records.capacity - MANY }, (_, i) => MANY + i)
  expect(fresh.filter((i) => !Number.isNaN(records.number(i, number)) || records.int(i, int) !== 0)).toEqual([])
})

test('a field that comes later begins in every record, also in those that come into use behind it', () => {
  const { records, number } = numbered(MANY)
  const late = records.addNumber(true)
  records.makeRoom(MANY + (1 << 20))
  const read = [0, MANY - 1, MANY, records.capacity - 1].map((i) => [
    records.number(i, number),
    records.number(i, late),
    records.mark(i, late),
  ])
  const none = Number.NaN
  expect(read).toEqual([
    [0, none, 0],
    [MANY - 1, none, 0],
    [none, none, 0],
    [none, none, 0],
  ])
})

test('law 12: of millions of records no more than a quarter of a million are in use for nothing', () => {
  const { records } = numbered(MANY)
  expect(records.capacity - MANY).toBeLessThan(1 << 18)
  // One more does not move them.
  const { numbers } = records
  records.makeRoom(records.capacity + 1)
  expect(records.numbers).toBe(numbers)
  expect(records.bytes).toBe(records.capacity * 8 * records.stride)
})
