import { expect, test } from 'vitest'
import { HistoryWitness } from './origin.ts'

const START = '00000000/00000100'
const LAST = { mark: '00000000/00000200', tx: '00000000/00000200', at: '2026-11-23T10:00:00.123456Z' }
const FOREIGN: unknown = expect.objectContaining({ code: 'source/foreign', retry: 'now' })

test('the last transaction comes again, then the log may go on', () => {
  const witness = new HistoryWitness(LAST, START)
  for (const [lsn, at] of [
    ['00000000/00000180', '2026-11-23T09:00:00.000000Z'],
    [LAST.mark, LAST.at],
    ['00000000/00000300', '2026-11-23T11:00:00.000000Z'],
  ] as const) {
    expect(() => (witness.beginning(lsn), witness.ended(lsn, at))).not.toThrow()
  }
})

test('a log that goes past its place without it is foreign', () => {
  const witness = new HistoryWitness(LAST, START)
  witness.beginning('00000000/00000180')
  witness.ended('00000000/00000180', '2026-11-23T09:00:00.000000Z')
  expect(() => witness.beginning('00000000/00000208')).toThrow(FOREIGN)
})

test('another transaction at the very same place is foreign', () => {
  const witness = new HistoryWitness(LAST, START)
  witness.beginning(LAST.mark)
  expect(() => witness.ended(LAST.mark, '2026-11-23T10:00:00.123457Z')).toThrow(FOREIGN)
})

test('without a transaction on the bus, or its time, nothing is proved', () => {
  const none = new HistoryWitness({ ...LAST, mark: START }, START)
  expect(() => none.beginning('00000000/00000300')).not.toThrow()
  const timeless = new HistoryWitness({ ...LAST, at: null }, START)
  timeless.beginning(LAST.mark)
  expect(() => timeless.ended(LAST.mark, '2026-11-23T12:00:00.000000Z')).not.toThrow()
  expect(() => timeless.beginning('00000000/00000300')).not.toThrow()
})
