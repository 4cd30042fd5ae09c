import { describe, expect, test } from 'vitest'
import { Outbox, Outlet } from './outbox.ts'
import type { Wire } from './outbox.ts'

const QUEUE = 10_000
const REPLIES = 100_000

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
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 15))
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
