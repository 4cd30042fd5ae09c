import type { BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'
import { SheetflowError } from '@sheetflow/core/errors'
import { MemoryArchiveStore } from '@sheetflow/testkit/memory-archive-store'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { describe, expect, it } from 'vitest'
import { archivedTo, archiveStatus } from './archive-status.ts'
import { ArchivedBus } from './archived-bus.ts'
import { archiveStream } from './archiver.ts'
import { restoreStream } from './restore-stream.ts'
import { putSegment } from './segment.ts'
import { verifyArchive } from './verify-archive.ts'

const STREAM = 'SF_SRC_shop'
const HOUR_MS = 3_600_000
/** The first hour of a test. */
const BEGIN_MS = 1_795_430_000_000

/** A time that is put; nobody waits in it. */
function handClock(): { nowMs: number; now: () => number; sleep: (ms: number, signal?: AbortSignal) => Promise<void> } {
  const clock = {
    nowMs: BEGIN_MS,
    now: () => clock.nowMs,
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
  }
  return clock
}

function messages(from: number, to: number, history = 'old'): BusMessage[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    subject: 'sf.src.shop.public.orders',
    id: `${STREAM}/1/${history}${from + i}/0`,
    body: new TextEncoder().encode(`${history} ${from + i}`),
  }))
}

async function streamOf(bus: MemoryBus, to: number, history?: string): Promise<readonly StoredMessage[]> {
  await bus.ensure(STREAM)
  for (const message of messages(1, to, history)) await bus.append(STREAM, [message])
  return await readAll(bus)
}

async function readAll(bus: MemoryBus, from = 1): Promise<StoredMessage[]> {
  const all: StoredMessage[] = []
  for await (const batch of bus.read(STREAM, { from, untilNow: true })) all.push(...batch)
  return all
}

/** An archive whose disk is away, or that gives back other bytes than it was given, while `trouble` says so. */
class TroubledStore extends MemoryArchiveStore {
  trouble: 'away' | 'damaged' | null = null

  override async list(prefix: string): Promise<readonly string[]> {
    if (this.trouble === 'away') throw new SheetflowError('store/unavailable', 'the archive could not be listed: EIO', { retry: 'later' })
    return await super.list(prefix)
  }

  override async get(name: string): Promise<Uint8Array> {
    const bytes = await super.get(name)
    return this.trouble === 'damaged' ? bytes.map((byte) => byte ^ 1) : bytes
  }
}

describe('an archive in trouble', () => {
  it.each(['away', 'damaged'] as const)('is %s for days: a trim takes nothing that is not archived, all the same', async (trouble) => {
    const clock = handClock()
    const bus = new MemoryBus({ clock })
    const store = new TroubledStore()
    await streamOf(bus, 3)
    const stop = new AbortController()
    const onSegment = (last: number): void => void (last === 3 && stop.abort())
    await archiveStream({ bus, store, stream: STREAM, clock, segmentBytes: 1, onSegment }, stop.signal)
    for (const message of messages(4, 6)) await bus.append(STREAM, [message])
    store.trouble = trouble
    for (let hour = 0; hour < 50; hour++) {
      clock.nowMs += HOUR_MS
      await expect(archiveStream({ bus, store, stream: STREAM, clock }, new AbortController().signal)).rejects.toMatchObject({
        code: trouble === 'away' ? 'store/unavailable' : 'bus/corrupt',
      })
    }
    expect((await bus.trim(STREAM, { maxAgeMs: 1 })).first).toBeLessThanOrEqual(4)
    store.trouble = null
    const again = new AbortController()
    await archiveStream({ bus, store, stream: STREAM, clock, segmentBytes: 1, onSegment: () => again.abort() }, again.signal)
    expect(await verifyArchive(store, STREAM)).toMatchObject({ gaps: [], damage: [] })
  })

  it('of two archivers one stood still between looking and writing: what stands in what is whole to its end', async () => {
    const bus = new MemoryBus()
    const store = new MemoryArchiveStore()
    const all = await streamOf(bus, 300)
    const part = async (from: number, to: number): Promise<void> =>
      void (await putSegment(store, STREAM, all.slice(from - 1, to), { prev: null, replaces: [] }))
    // The one that went on…
    for (const [from, to] of [
      [1, 100],
      [101, 149],
      [150, 200],
    ] as const)
      await part(from, to)
    // …and the other, which had taken 101 to 300 in hand before.
    await part(101, 300)
    expect(await archiveStatus(store, STREAM)).toMatchObject({ first: 1, last: 300, whole: 300 })
    expect(await archivedTo(store, STREAM)).toBe(300)
    expect(await verifyArchive(store, STREAM)).toMatchObject({ first: 1, last: 300, gaps: [] })
    expect(await restoreStream(new MemoryBus(), store, STREAM)).toMatchObject({ messages: 300, last: 300 })
  })

  it('is that of a stream before this one: who comes to what was trimmed is told so, and gets nothing of another history', async () => {
    const clock = handClock()
    const store = new MemoryArchiveStore()
    const old = await streamOf(new MemoryBus({ clock }), 30)
    await putSegment(store, STREAM, old, { prev: null, replaces: [] })
    const bus = new MemoryBus({ clock })
    await streamOf(bus, 20, 'new')
    clock.nowMs += HOUR_MS
    await bus.retain(STREAM, 'reader', 14)
    expect(await bus.trim(STREAM, { maxAgeMs: 1 })).toMatchObject({ first: 15, last: 20 })
    const given: StoredMessage[] = []
    const reading = (async () => {
      for await (const batch of new ArchivedBus(bus, store).read(STREAM, { from: 5, untilNow: true })) given.push(...batch)
    })()
    await expect(reading).rejects.toMatchObject({ code: 'bus/gone' })
    expect(given).toEqual([])
  })

  it('waits for no longer than its time where the clock was set back: messages of the future are archived, too', async () => {
    const clock = handClock()
    const store = new MemoryArchiveStore()
    const bus = new MemoryBus({ clock: { now: () => clock.nowMs + 400 * 24 * HOUR_MS } })
    await streamOf(bus, 3)
    const asked: number[] = []
    const sleep = async (ms: number): Promise<void> => {
      asked.push(ms)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const stop = new AbortController()
    const onSegment = (): void => stop.abort()
    await archiveStream({ bus, store, stream: STREAM, clock: { now: clock.now, sleep }, onSegment }, stop.signal)
    expect(Math.max(...asked)).toBeLessThanOrEqual(HOUR_MS)
    expect(await archivedTo(store, STREAM)).toBe(3)
  })

  it('is of an inbox: what senders call their messages is no epoch', async () => {
    const inbox = 'SF_IN_GRAPH_sales'
    const clock = handClock()
    const lost = new MemoryBus({ clock })
    const store = new MemoryArchiveStore()
    await lost.ensure(inbox)
    const id = 'deploy/12345678901234567890123456789012/2026-11-23'
    await lost.append(inbox, [{ subject: 'sf.in.graph.sales.deploy', id, body: new Uint8Array() }])
    for await (const all of lost.read(inbox, { from: 1, untilNow: true })) await putSegment(store, inbox, all, { prev: null, replaces: [] })
    const bus = new MemoryBus({ clock })
    await restoreStream(bus, store, inbox)
    expect((await bus.range(inbox)).epoch).toBeLessThanOrEqual(BEGIN_MS / 1_000 + 1)
  })
})
