import { setTimeout as pause } from 'node:timers/promises'
import type { Bus, BusMessage, StoredMessage } from '@sheetflow/core/ports/bus'
import type { Clock } from '@sheetflow/core/ports/host'
import { MemoryArchiveStore } from '@sheetflow/testkit/memory-archive-store'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ArchivedBus } from './archived-bus.ts'
import { archiveBytes, archivedTo, archiveStatus } from './archive-status.ts'
import { archiveStream } from './archiver.ts'
import { pastBus } from './past-bus.ts'
import { lookToRestore, restoreStream } from './restore-stream.ts'
import { rewriteArchive } from './rewrite-archive.ts'
import { getSegment, listSegments } from './segment.ts'
import { segmentName } from './segment-name.ts'
import { verifyArchive } from './verify-archive.ts'

const STREAM = 'SF_SRC_shop'
const HOUR_MS = 3_600_000

/** A clock that stands where it is put; whoever sleeps until then wakes. */
class HandClock implements Clock {
  #now = 1_000_000
  #sleepers: (() => void)[] = []

  get sleepers(): number {
    return this.#sleepers.length
  }

  now(): number {
    return this.#now
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = this.#now + ms
    signal?.addEventListener('abort', () => this.#wake(), { once: true })
    while (this.#now < until && signal?.aborted !== true) await new Promise<void>((resolve) => this.#sleepers.push(resolve))
  }

  forward(ms: number): void {
    this.#now += ms
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#sleepers.splice(0)) wake()
  }
}

/** A bus that knows how many are reading. */
class CountedBus extends MemoryBus {
  readers = 0
  reads = 0

  override async *read(...args: Parameters<Bus['read']>): ReturnType<MemoryBus['read']> {
    this.reads += 1
    this.readers += 1
    try {
      yield* super.read(...args)
    } finally {
      this.readers -= 1
    }
  }
}

class Archive {
  readonly clock = new HandClock()
  readonly bus = new MemoryBus({ clock: this.clock })
  readonly store = new MemoryArchiveStore()
  readonly reading = new ArchivedBus(this.bus, this.store)
  archived = 0

  async append(...bodies: readonly string[]): Promise<void> {
    await this.bus.ensure(STREAM)
    const { last } = await this.bus.range(STREAM)
    await this.bus.append(
      STREAM,
      bodies.map((body, i) => message(last + i + 1, body)),
    )
  }

  /** Archives until everything that the stream has is archived, then stops as a killed process does. */
  async archive(segmentBytes: number): Promise<void> {
    const { last } = await this.bus.ensure(STREAM)
    const stop = new AbortController()
    const { bus, store, clock } = this
    const onSegment = (to: number): void => void (this.archived = to)
    const options = { bus, store, clock, segmentBytes, onSegment, stream: STREAM, lingerMs: 1_000 }
    const running = archiveStream(options, stop.signal)
    for (const deadline = Date.now() + 60_000; this.archived < last && Date.now() < deadline; await pause(0)) clock.forward(10_000)
    stop.abort()
    await running
  }

  /** Trims all that may be trimmed. */
  async trim(): Promise<void> {
    this.clock.forward(HOUR_MS)
    await this.bus.trim(STREAM, { maxAgeMs: 1 })
  }
}

function message(n: number, body: string): BusMessage {
  return { subject: n % 2 === 0 ? 'sf.src.shop.even' : 'sf.src.shop.odd', id: `${STREAM}/1/t${n}/0`, body: new TextEncoder().encode(body) }
}

async function read(bus: Bus, from: number, subjects?: readonly string[]): Promise<StoredMessage[]> {
  const found: StoredMessage[] = []
  const options = { from, untilNow: true, ...(subjects === undefined ? {} : { subjects }) }
  for await (const messages of bus.read(STREAM, options)) found.push(...messages)
  return found
}

const textOf = ({ body }: StoredMessage): string => new TextDecoder().decode(body)

describe('an archive', () => {
  it('keeps what is trimmed: a reader from any offset sees every message once, in order, as it was stored', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ do: fc.constant('archive' as const), bytes: fc.integer({ min: 1, max: 300 }) }),
      fc.record({ do: fc.constant('trim' as const) }),
    )
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const archive = new Archive()
      await archive.append('first')
      for (const one of steps) {
        if (one.do === 'append') await archive.append(...Array.from({ length: one.count }, (_, i) => `message ${i} "\u0000é`))
        else if (one.do === 'archive') await archive.archive(one.bytes)
        else if (archive.archived > 0) await archive.trim()
      }
      const { last } = await archive.bus.range(STREAM)
      const all = await read(archive.reading, 1)
      expect(all.map(({ offset }) => offset)).toEqual(Array.from({ length: last }, (_, i) => i + 1))
      for (const from of [2, Math.ceil(last / 2), last]) {
        expect((await read(archive.reading, from)).map(({ offset }) => offset)).toEqual(all.slice(from - 1).map(({ offset }) => offset))
      }
      const even = await read(archive.reading, 1, ['sf.src.shop.even'])
      expect(even).toEqual(all.filter(({ subject }) => subject === 'sf.src.shop.even'))
      const { damage, gaps } = await verifyArchive(archive.store, STREAM)
      expect([damage, gaps]).toEqual([[], []])
    })
    await expect(fc.assert(property, { numRuns: runs(30, 500) })).resolves.toBeUndefined()
  })

  it('goes on where it was, and writes what nobody adds to after its time', async () => {
    const archive = new Archive()
    await archive.append('a', 'b')
    await archive.archive(1_000_000)
    await archive.append('c')
    await archive.archive(1_000_000)
    expect((await listSegments(archive.store, STREAM)).map(({ first, last }) => [first, last])).toEqual([
      [1, 2],
      [3, 3],
    ])
  })

  it('gives bodies back that are no text', async () => {
    const archive = new Archive()
    await archive.bus.ensure(STREAM)
    const body = Uint8Array.from([0xff, 0xfe, 0, 1])
    await archive.bus.append(STREAM, [{ ...message(1, ''), body, headers: { 'x-a': 'b' } }])
    const [before] = await read(archive.bus, 1)
    await archive.archive(1)
    await archive.trim()
    const [after] = await read(archive.reading, 1)
    expect({ ...after, body: [...(after?.body ?? [])] }).toEqual({ ...before, body: [...body] })
  })

  it('a trim takes nothing that is not archived; what was trimmed before is a gap that is told', async () => {
    const archive = new Archive()
    await archive.append('a', 'b', 'c')
    await archive.archive(1)
    await archive.append('d')
    await archive.trim()
    expect((await archive.bus.range(STREAM)).first).toBe(4)
    const late = new MemoryArchiveStore()
    const stop = new AbortController()
    const { bus, clock } = archive
    await archiveStream({ bus, clock, store: late, stream: STREAM, segmentBytes: 1, onSegment: () => stop.abort() }, stop.signal)
    await late.put(segmentName({ stream: STREAM, first: 1, last: 1, from: 0, to: 0, sha256: '0'.repeat(64) }), new Uint8Array())
    expect(await verifyArchive(late, STREAM)).toMatchObject({ gaps: [[2, 3]], damage: [{ code: 'bus/corrupt' }] })
    await expect(read(new ArchivedBus(bus, late), 2)).rejects.toMatchObject({ code: 'bus/gone' })
  })

  it('names a flipped bit and a missing segment, and never gives out what is damaged', async () => {
    const archive = new Archive()
    for (const body of ['a', 'b', 'c', 'd']) {
      await archive.append(body)
      await archive.archive(1)
    }
    await archive.trim()
    const [, second, third] = await listSegments(archive.store, STREAM)
    const name = segmentName(second as NonNullable<typeof second>)
    const whole = archive.store.objects.get(name) as Uint8Array
    for (let at = 0; at < whole.length; at++) {
      const flipped = Uint8Array.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      archive.store.objects.set(name, flipped)
      await expect(read(archive.reading, 1)).rejects.toMatchObject({ code: 'bus/corrupt' })
    }
    expect((await verifyArchive(archive.store, STREAM)).damage).toMatchObject([{ code: 'bus/corrupt', details: { first: 2 } }])
    archive.store.objects.set(name, whole)
    await archive.store.delete(segmentName(third as NonNullable<typeof third>))
    expect(await verifyArchive(archive.store, STREAM)).toMatchObject({ gaps: [[3, 3]], damage: [{ details: { first: 4 } }] })
  })

  it('can forget: segments are written anew, the chain knows of it, and doing it twice does it once', async () => {
    const archive = new Archive()
    for (const body of ['keep', 'secret', 'keep', 'secret']) {
      await archive.append(body)
      await archive.archive(1)
    }
    await archive.trim()
    const erase = ({ body }: StoredMessage): Uint8Array | null =>
      new TextDecoder().decode(body) === 'secret' ? new TextEncoder().encode('gone') : null
    expect(await rewriteArchive(archive.store, STREAM, erase)).toEqual({ segments: 2, messages: 2 })
    expect(await rewriteArchive(archive.store, STREAM, erase)).toEqual({ segments: 0, messages: 0 })
    expect((await read(archive.reading, 1)).map(textOf)).toEqual(['keep', 'gone', 'keep', 'gone'])
    expect(await verifyArchive(archive.store, STREAM)).toMatchObject({ damage: [], gaps: [], erased: 2, messages: 4 })
    await archive.append('last')
    await archive.archive(1)
    expect((await verifyArchive(archive.store, STREAM)).damage).toEqual([])
  })

  it('an archiver that was stopped with messages in hand brings nothing back that was archived and forgotten meanwhile', async () => {
    const archive = new Archive()
    await archive.append('keep', 'secret', 'keep')
    const { bus, store, clock } = archive
    const stop = new AbortController()
    const told: number[] = []
    const stopped = archiveStream({ bus, store, clock, stream: STREAM, onSegment: (last) => told.push(last) }, stop.signal)
    // It has read them, and waits for its hour.
    await vi.waitFor(() => expect(clock.sleepers).toBeGreaterThan(0), { timeout: 20_000 })
    const stopOther = new AbortController()
    const done = (): void => stopOther.abort()
    await archiveStream({ bus, store, clock, stream: STREAM, segmentBytes: 1, onSegment: done }, stopOther.signal)
    const erase = ({ body }: StoredMessage): Uint8Array | null =>
      new TextDecoder().decode(body) === 'secret' ? new TextEncoder().encode('gone') : null
    expect(await rewriteArchive(store, STREAM, erase)).toMatchObject({ messages: 1 })
    clock.forward(HOUR_MS)
    await vi.waitFor(() => expect(told).toEqual([3]), { timeout: 20_000 })
    stop.abort()
    await stopped
    expect(await verifyArchive(store, STREAM)).toMatchObject({ damage: [], gaps: [], messages: 3 })
    for (const name of await listSegments(store, STREAM))
      expect((await getSegment(store, name)).messages.map(textOf)).not.toContain('secret')
  })

  it('who reads or checks while segments are rewritten goes on in what they are now', async () => {
    const archive = new Archive()
    for (const body of ['a', 'b', 'c']) {
      await archive.append(body)
      await archive.archive(1)
    }
    await archive.trim()
    /** From now on everything is rewritten once more when somebody who has listed the segments opens the first of them. */
    const rewriteMeanwhile = (to: string): void => {
      const { store } = archive
      const get = store.get.bind(store)
      store.get = async (name) => {
        store.get = get
        await rewriteArchive(store, STREAM, () => new TextEncoder().encode(to))
        return await get(name)
      }
    }
    rewriteMeanwhile('new')
    expect((await read(archive.reading, 1)).map(textOf)).toEqual(['new', 'new', 'new'])
    rewriteMeanwhile('newer')
    expect(await verifyArchive(archive.store, STREAM)).toMatchObject({ damage: [], gaps: [], messages: 3 })
    expect((await read(archive.reading, 1)).map(textOf)).toEqual(['newer', 'newer', 'newer'])
  })

  it('bytes are counted beside an erasure: each message once, whatever is rewritten meanwhile', async () => {
    const archive = new Archive()
    for (const body of ['a', 'b', 'c']) {
      await archive.append(body)
      await archive.archive(1)
    }
    const { store } = archive
    const size = store.size.bind(store)
    let asked = 0
    store.size = async (name) => {
      // The second segment is gone when it is asked for; the first was counted already, the third is rewritten, too.
      if (++asked === 2) await rewriteArchive(store, STREAM, () => new TextEncoder().encode('something longer'))
      return await size(name)
    }
    const before = [...store.objects.values()].map(({ length }) => length)
    const bytes = await archiveBytes(store, STREAM)
    const after = [...store.objects.values()].map(({ length }) => length)
    expect(store.objects.size).toBe(3)
    expect(bytes).toBe((before[0] ?? 0) + (after[1] ?? 0) + (after[2] ?? 0))
  })

  it('who looks back finds its first offset in the archive, and not beyond a gap', async () => {
    const archive = new Archive()
    for (const body of ['a', 'b', 'c', 'd']) {
      await archive.append(body)
      await archive.archive(1)
    }
    await archive.trim()
    await archive.append('e')
    const past = pastBus(archive.bus, archive.store)
    expect([(await archive.reading.range(STREAM)).first, (await past.range(STREAM)).first]).toEqual([5, 1])
    expect((await read(past, 1)).map(textOf)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await archiveStatus(archive.store, STREAM)).toMatchObject({ segments: 4, first: 1, last: 4, whole: 4 })
    expect(await archiveBytes(archive.store, STREAM)).toBe([...archive.store.objects.values()].reduce((sum, { length }) => sum + length, 0))
    const [, second] = await listSegments(archive.store, STREAM)
    await archive.store.delete(segmentName(second as NonNullable<typeof second>))
    expect((await past.range(STREAM)).first).toBe(3)
    expect(await archiveStatus(archive.store, STREAM)).toMatchObject({ segments: 3, first: 1, last: 4, whole: 1 })
    expect(await archivedTo(archive.store, STREAM)).toBe(0)
  })

  it.each([
    ['while it reads', 1],
    ['while it waits for more', 1_000],
  ])(
    'an archiver that cannot write %s leaves no reader of the bus behind: it is tried again for as long as that goes on',
    async (_, segmentBytes) => {
      const { clock, store } = new Archive()
      const bus = new CountedBus({ clock })
      await bus.ensure(STREAM)
      await bus.append(STREAM, [message(1, 'a'), message(2, 'b')])
      store.put = () => Promise.reject(new Error('the disk is full'))
      const running = archiveStream({ bus, store, clock, segmentBytes, stream: STREAM, lingerMs: 1_000 }, new AbortController().signal)
      running.catch(() => undefined)
      await expect.poll(() => bus.reads).toBe(1)
      // It sleeps for as long as a segment may wait, unless the first message is one.
      await vi.waitUntil(() => segmentBytes === 1 || clock.sleepers > 0, { timeout: 60_000 })
      clock.forward(10_000)
      await expect(running).rejects.toThrow('the disk is full')
      await expect.poll(() => bus.readers).toBe(0)
    },
  )

  it('refuses a stream that was begun anew', async () => {
    const archive = new Archive()
    await archive.append('a', 'b')
    await archive.archive(1)
    const bus = new MemoryBus({ clock: archive.clock })
    await bus.ensure(STREAM)
    const { store, clock } = archive
    const archiving = (): Promise<void> => archiveStream({ bus, store, clock, stream: STREAM }, new AbortController().signal)
    await expect(archiving()).rejects.toMatchObject({ code: 'bus/archive-ahead' })
    // Also when it has grown to beyond where the archive ends.
    for (const n of [1, 2, 3]) await bus.append(STREAM, [{ ...message(n, 'other'), id: `${STREAM}/2/other${n}/0` }])
    await expect(archiving()).rejects.toMatchObject({ code: 'bus/archive-ahead' })
    await expect(restoreStream(bus, store, STREAM)).rejects.toMatchObject({ code: 'bus/archive-ahead' })
  })

  it('fills a stream of a lost bus anew: the same messages at the same offsets, a later epoch, and what is interrupted goes on', async () => {
    const archive = new Archive()
    for (let i = 0; i < 30; i++) await archive.append(`a${i}`, `b${i}`)
    await archive.archive(10)
    const before = await read(archive.bus, 1)
    const bus = new MemoryBus({ clock: archive.clock })
    expect(await restoreStream(bus, archive.store, 'SF_SRC_other')).toBeNull()
    expect(await lookToRestore(bus, archive.store, STREAM)).toMatchObject({ messages: 60, last: 60 })
    await expect(bus.range(STREAM)).rejects.toMatchObject({ code: 'bus/unknown-stream' })
    await bus.ensure(STREAM)
    await bus.append(
      STREAM,
      before.slice(0, 25).map(({ subject, id, body }) => ({ subject, id, body })),
    )
    expect(await restoreStream(bus, archive.store, STREAM)).toMatchObject({ messages: 35, last: 60 })
    expect(await restoreStream(bus, archive.store, STREAM)).toMatchObject({ messages: 0, last: 60 })
    const plain = ({ offset, subject, id, body }: StoredMessage): unknown => ({
      offset,
      subject,
      id,
      text: textOf({ body } as StoredMessage),
    })
    expect((await read(bus, 1)).map(plain)).toEqual(before.map(plain))
    expect((await bus.range(STREAM)).epoch).toBeGreaterThan(1)
    // It is archived on from there, and the chain is whole.
    const stop = new AbortController()
    await bus.append(STREAM, [message(61, 'new')])
    const { store, clock } = archive
    await archiveStream({ bus, store, clock, stream: STREAM, segmentBytes: 1, onSegment: () => stop.abort() }, stop.signal)
    expect(await verifyArchive(store, STREAM)).toMatchObject({ messages: 61, gaps: [], damage: [] })
  })

  it('an archive that does not reach back to the beginning, or has a gap, is not restored', async () => {
    const archive = new Archive()
    for (const body of ['a', 'b', 'c']) {
      await archive.append(body)
      await archive.archive(1)
    }
    const bus = new MemoryBus({ clock: archive.clock })
    const [first, second] = await listSegments(archive.store, STREAM)
    await archive.store.delete(segmentName(second as NonNullable<typeof second>))
    await expect(lookToRestore(bus, archive.store, STREAM)).rejects.toMatchObject({ code: 'bus/gone', details: { missing: 2 } })
    await archive.store.delete(segmentName(first as NonNullable<typeof first>))
    await expect(lookToRestore(bus, archive.store, STREAM)).rejects.toMatchObject({ code: 'bus/gone', details: { missing: 1 } })
  })
})
