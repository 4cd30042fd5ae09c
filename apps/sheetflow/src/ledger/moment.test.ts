import { expect, test } from 'vitest'
import { parseMoment } from './moment.ts'

const NOW = Date.UTC(2026, 10, 23, 10, 0, 0)

test.each([
  ['9121', { epoch: null, offset: 9121 }],
  ['1795420000:9121', { epoch: 1_795_420_000, offset: 9121 }],
  ['2026-11-23T10:00:00.123456Z', { time: '2026-11-23T10:00:00.123456Z' }],
  ['2026-11-23T12:00:00+02:00', { time: '2026-11-23T10:00:00.000000Z' }],
  ['2026-11-23', { time: '2026-11-23T00:00:00.000000Z' }],
  ['90s', { time: '2026-11-23T09:58:30.000000Z' }],
  ['10m ago', { time: '2026-11-23T09:50:00.000000Z' }],
  ['2h', { time: '2026-11-23T08:00:00.000000Z' }],
  ['3d', { time: '2026-11-20T10:00:00.000000Z' }],
])('--at %s', (text, moment) => {
  expect(parseMoment(text, NOW)).toEqual(moment)
})

test.each(['', 'yesterday', '-5', '1:2:3', '2026-13-45', '5y'])("--at '%s' is refused with examples", (text) => {
  expect(() => parseMoment(text, NOW)).toThrow(
    expect.objectContaining({ code: 'app/usage', fix: expect.stringContaining('--at 9121') as string }),
  )
})
