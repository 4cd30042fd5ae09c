import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { draft } from '../draft.ts'
import { Acks } from './acks.ts'
import { AppendQueue } from './append-queue.ts'
import { CLOSE_MS } from './limits.ts'
import type { StreamDoor } from './parts.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** A queue whose server is the test: it sees what is sent and says when each message is stored. For orders of things that no real server can be made to keep. */
function bench() {
  const replies: string[] = []
  let covered: Promise<void> = Promise.resolve()
  let last = 0
  let heard: (error: Error | null, message: Msg) => void = () => undefined
  const nc = {
    subscribe: (_subject: string, options: { readonly callback: typeof heard }) => void (heard = options.callback),
    publish: (_subject: string, _body: Uint8Array, options: { readonly reply: string }) => void replies.push(options.reply),
  }
  const link = {
    nc,
    acks: new Acks(nc as unknown as NatsConnection),
    features: { atomicBatches: false },
    maxPayload: 1024 * 1024,
    connected: () => Promise.resolve(),
    onCut: () => () => undefined,
  }
  const door = {
    name: 'S',
    parts: { link, by: 'test', now: () => 0 },
    // Nothing of it is retained, so that no ids are to be read.
    server: () => Promise.resolve({ state: { first_seq: last + 1, last_seq: last } }),
    cover: () => covered,
  }
  const queue = new AppendQueue(door as unknown as StreamDoor)
  return {
    queue,
    replies,
    /** What is asked for the subjects of an append is answered when the promise resolves. */
    coverWhen: (promise: Promise<void>) => void (covered = promise),
    append: (id: string, expectedLast?: number) =>
      queue.append(draft('S', [testMessage(id, id)], expectedLast === undefined ? {} : { expectedLast }), undefined),
    /** The server has stored the message that was sent so late. */
    store: (index: number) => {
      last += 1
      const answer = { seq: last }
      heard(null, { subject: replies[index], data: new Uint8Array(1), json: () => answer } as unknown as Msg)
    },
  }
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('an append comes to its end', () => {
  it('also when what it has to wait for lands in the moment in which that is found out', async () => {
    const { append, coverWhen, store, replies } = bench()
    const first = append('a', 0)
    await settle()
    const { promise, resolve } = Promise.withResolvers<void>()
    coverWhen(promise)
    // Where it will stand is not known while the first, which is fenced, is under way.
    const second = append('b')
    await settle()
    resolve()
    queueMicrotask(() => store(0))
    await settle()
    expect(replies).toHaveLength(2)
    store(1)
    expect([await first, await second]).toEqual([
      { first: 1, last: 1 },
      { first: 2, last: 2 },
    ])
  })

  it('also when the bus is closed and the server does not answer any more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { queue, append } = bench()
    const sent = append('a', 0)
    await settle()
    const closed = queue.close()
    vi.advanceTimersByTime(CLOSE_MS)
    await closed
    const outcome = await Promise.race([sent.catch((error: unknown) => error), settle().then(() => 'it waits')])
    expect(outcome).toMatchObject({ code: 'bus/unavailable', retry: 'later' })
  })
})
