import { decodeGraphInbox } from '@sheetflow/core/framing/inbox'
import type { BusMessage } from '@sheetflow/core/ports/bus'
import { expect, test } from 'vitest'
import { beginsSomewhere, tickDays } from './day-ticks.ts'

test('a day begins where the zone says so', () => {
  expect(beginsSomewhere('2026-11-23T22:59:59.000Z', '2026-11-23T23:00:00.000Z', ['Europe/Warsaw'])).toBe(true)
  expect(beginsSomewhere('2026-11-23T22:59:59.000Z', '2026-11-23T23:00:00.000Z', ['UTC'])).toBe(false)
  expect(beginsSomewhere('2026-11-23T22:00:00.000Z', '2026-11-24T22:00:00.000Z', [])).toBe(false)
})

test('each day is told once, also one that began while nobody ran', async () => {
  const stop = new AbortController()
  const sent: BusMessage[] = []
  let now = Date.parse('2026-11-23T12:00:00.000Z')
  const step = 3_600_000
  await tickDays({
    graph: 'sales',
    bus: {
      append: (_, messages) => {
        sent.push(...messages)
        return Promise.resolve({ first: sent.length, last: sent.length })
      },
    },
    reader: { zones: () => ['Europe/Warsaw'], now: () => '2026-11-20T00:00:00.000Z' },
    clock: {
      now: () => now,
      sleep: () => {
        now += step
        if (now > Date.parse('2026-11-25T12:00:00.000Z')) stop.abort()
        return Promise.resolve()
      },
    },
    signal: stop.signal,
  })
  const times = sent.map((message) => decodeGraphInbox({ subject: message.subject, body: message.body }))
  expect(times.map((tick) => (tick.kind === 'tick' ? tick.now : ''))).toEqual([
    '2026-11-23T12:00:00.000Z',
    '2026-11-23T23:00:00.000Z',
    '2026-11-24T23:00:00.000Z',
  ])
})
