import { SheetflowError, type ErrorCode } from '@sheetflow/core/errors'
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
  const times = await told(false, '2026-11-23T12:00:00.000Z', '2026-11-25T12:00:00.000Z', 3_600_000)
  expect(times).toEqual(['day 2026-11-23T12:00:00.000Z', 'day 2026-11-23T23:00:00.000Z', 'day 2026-11-24T23:00:00.000Z'])
})

test('each minute is told once where it is used; a day that begins is a minute too', async () => {
  const times = await told(true, '2026-11-23T22:58:40.000Z', '2026-11-23T23:01:00.000Z', 20_000)
  expect(times).toEqual([
    'day 2026-11-23T22:58:40.000Z',
    'minute 2026-11-23T22:59:00.000Z',
    'day 2026-11-23T23:00:00.000Z',
    'minute 2026-11-23T23:01:00.000Z',
  ])
})

test('a day that the inbox cannot take is told when it can, and so are all that follow', async () => {
  const refusals = ['bus/full', 'bus/full', 'bus/unavailable'] as const
  const warned: unknown[] = []
  const times = await told(false, '2026-11-23T12:00:00.000Z', '2026-11-25T12:00:00.000Z', 3_600_000, { refusals: [...refusals], warned })
  expect(times).toEqual(['day 2026-11-23T15:00:00.000Z', 'day 2026-11-23T23:00:00.000Z', 'day 2026-11-24T23:00:00.000Z'])
  expect(warned).toMatchObject([{ code: 'bus/full' }, { code: 'bus/unavailable' }])
})

test('a clock that is set back over midnight tells no day and no minute again', async () => {
  let isSet = false
  // In Warsaw the day begins at 23:00 UTC.
  const setBack = (now: number): number => {
    if (isSet || now < Date.parse('2026-11-23T23:02:00.000Z')) return now
    isSet = true
    return Date.parse('2026-11-23T22:55:00.000Z')
  }
  const times = await told(true, '2026-11-23T22:59:00.000Z', '2026-11-23T23:03:00.000Z', 60_000, { refusals: [], warned: [], setBack })
  expect(times).toEqual([
    'day 2026-11-23T22:59:00.000Z',
    'day 2026-11-23T23:00:00.000Z',
    'minute 2026-11-23T23:01:00.000Z',
    'minute 2026-11-23T23:02:00.000Z',
    'minute 2026-11-23T23:03:00.000Z',
  ])
})

/** How the inbox refuses the first ticks, and what was said of that; another time that the clock is set to. */
interface Trouble {
  readonly refusals: ErrorCode[]
  readonly warned: unknown[]
  readonly setBack?: (now: number) => number
}

/** The ticks of a ticker whose graph was told the time on the 20th. */
async function told(minutes: boolean, from: string, to: string, step: number, trouble?: Trouble): Promise<string[]> {
  const stop = new AbortController()
  const sent: BusMessage[] = []
  let now = Date.parse(from)
  await tickDays({
    graph: 'sales',
    bus: {
      append: (_, messages) => {
        const refusal = trouble?.refusals.shift()
        if (refusal !== undefined) return Promise.reject(new SheetflowError(refusal, `not now: ${refusal}`, { retry: 'later' }))
        sent.push(...messages)
        return Promise.resolve({ first: sent.length, last: sent.length })
      },
    },
    reader: { zones: () => ['Europe/Warsaw'], minutes: () => minutes, now: () => '2026-11-20T00:00:00.000Z' },
    clock: {
      now: () => now,
      sleep: () => {
        now = trouble?.setBack?.(now + step) ?? now + step
        if (now > Date.parse(to)) stop.abort()
        return Promise.resolve()
      },
    },
    log: { warn: (_, fields) => void trouble?.warned.push(fields) },
    signal: stop.signal,
  })
  const ticks = sent.map((message) => decodeGraphInbox({ subject: message.subject, body: message.body }))
  return ticks.map((tick) => (tick.kind === 'tick' ? `${tick.tick} ${tick.now}` : ''))
}
