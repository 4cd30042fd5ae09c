import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Outbox, Outlet } from './outbox.ts'
import type { Wire } from './outbox.ts'

const QUEUE = 10_000
const REPLIES = 100_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setImmediate'] }))
afterEach(() => void vi.useRealTimers())

/** A socket whose peer takes only what it is told to. */
class StalledWire implements Wire {
  bufferedBytes = 0

  send(frame: Uint8Array): void {
    this.bufferedBytes += frame.byteLength
  }

  close(): void {
    // The test looks at who is called slow.
  }
}

function open(): { readonly wire: StalledWire; readonly say: (text: string) => Promise<void>; readonly isSlow: () => boolean } {
  const wire = new StalledWire()
  const outlet = new Outlet(wire)
  let isSlow = false
  const outbox = new Outbox({ queueBytes: QUEUE, replyBytes: REPLIES }, () => (isSlow = true))
  const say = async (text: string): Promise<void> => {
    outbox.put(outlet, text)
    await vi.advanceTimersByTimeAsync(15)
  }
  return { wire, say, isSlow: () => isSlow }
}

const push = (bytes: number): string => `{"push":"${'x'.repeat(bytes)}"}`
const reply = (bytes: number): string => `{"id":1,"subscribe":"${'x'.repeat(bytes)}"}`

describe('a slow client', () => {
  test('is one that does not take its pushes', async () => {
    const { say, isSlow } = open()
    await say(push(QUEUE - 100))
    expect(isSlow()).toBe(false)
    await say(push(200))
    expect(isSlow()).toBe(true)
  })

  test('is not one that waits for the great answer that it asked for: it would come back and ask for the same again', async () => {
    const { say, isSlow, wire } = open()
    await say(reply(50_000))
    await say(push(5_000))
    expect(isSlow()).toBe(false)
    // Half of it has gone: the queue of pushes is as long as ever.
    wire.bufferedBytes -= 25_000
    await say(push(4_000))
    expect(isSlow()).toBe(false)
    await say(push(2_000_0))
    expect(isSlow()).toBe(true)
  })

  test('has no allowance for an answer that it has taken', async () => {
    const { say, isSlow, wire } = open()
    await say(reply(50_000))
    wire.bufferedBytes = 0
    await say(push(100))
    await say(push(QUEUE))
    expect(isSlow()).toBe(true)
  })

  test('law 12: also answers that are not taken have a bound', async () => {
    const { say, isSlow } = open()
    for (let n = 0; n < 3; n++) await say(reply(50_000))
    expect(isSlow()).toBe(true)
  })
})

/** So many connections, each told something every `everyMs` for a second of simulated time: how many frames one got, and the longest that a text waited. */
async function crowd(connections: number, everyMs: number): Promise<{ readonly frames: number; readonly longestMs: number }> {
  let frames = 0
  let longestMs = 0
  const watched: Wire = {
    send: (frame) => {
      frames += 1
      const [oldest] = Buffer.from(frame).toString().split('\n')
      longestMs = Math.max(longestMs, performance.now() - Number(oldest))
    },
    close: () => undefined,
    bufferedBytes: 0,
  }
  const outbox = new Outbox({ queueBytes: QUEUE, replyBytes: REPLIES }, () => undefined)
  const outlets = Array.from({ length: connections }, (_, i) => new Outlet(i === 0 ? watched : new StalledWire()))
  for (let ms = 0; ms < 1_000; ms += everyMs) {
    for (const outlet of outlets) outbox.put(outlet, String(performance.now()))
    await vi.advanceTimersByTimeAsync(everyMs)
  }
  await vi.advanceTimersByTimeAsync(100)
  return { frames, longestMs }
}

describe('frames', () => {
  test('of up to 200 a second go out at once', async () => {
    expect(await crowd(1, 5)).toEqual({ frames: 200, longestMs: 0 })
  })

  test('of a page that is told more often wait 5 ms at most', async () => {
    const { frames, longestMs } = await crowd(1, 1)
    expect(longestMs).toBe(5)
    expect(frames).toBeLessThan(400)
  })

  test('of a crowd that is told more often are 10 ms apart: each costs a call, however little is in it', async () => {
    const { frames, longestMs } = await crowd(300, 1)
    expect(longestMs).toBe(10)
    expect(frames).toBeLessThan(300)
  })
})
