import { isSheetflowError, type ErrorCode } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import { describe, expect, it } from 'vitest'
import {
  isTestMessage,
  range,
  readAll,
  readSome,
  testMessage,
  type BusCase,
  type BusLab,
  type MakeBusLab,
  type TestClock,
} from './bus-lab.ts'
import { busModelCases } from './bus-model.ts'
import { busRemoteCases } from './bus-remote-cases.ts'

/** Gaps of a driver: name of the case → reason. A gap that has closed fails. */
export interface BusKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

/** Runs every guarantee of the port `Bus` against a driver. */
export function describeBus(name: string, make: MakeBusLab, options: BusKitOptions = {}): void {
  describe(`bus: ${name}`, () => {
    for (const { name: title, run } of [...CASES, ...busRemoteCases(), ...busModelCases()]) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async () => {
        const clock = { nowMs: Date.UTC(2026, 10, 23) }
        await using lab = await make({ now: () => clock.nowMs })
        await run(lab, clock)
      })
    }
  })
}

/** A case with one bus and one empty stream `S`. */
function one(name: string, run: (bus: Bus, clock: TestClock, lab: BusLab) => Promise<void>): BusCase {
  return {
    name,
    run: async (lab, clock) => {
      await using bus = await lab.open()
      await bus.ensure('S')
      await run(bus, clock, lab)
    },
  }
}

async function code(promise: Promise<unknown>): Promise<ErrorCode | 'none'> {
  return promise.then(
    () => 'none',
    (error: unknown) => {
      if (isSheetflowError(error)) return error.code
      throw error
    },
  )
}

/** Appends messages `m-1`, `m-2`, … behind what is there. */
async function fill(bus: Bus, count: number, subject: (n: number) => string = () => 'a.b', bytes = 0): Promise<void> {
  let { last } = await bus.range('S')
  for (let left = count; left > 0; left -= 1_000) {
    const messages = range(last + 1, last + Math.min(left, 1_000)).map((n) => testMessage(subject(n), `m-${n}`, bytes))
    last = (await bus.append('S', messages, { expectedLast: last })).last
  }
}

/** Its name, for drivers in which it is a gap. */
export const PIPELINE_FENCED = 'of a writer that pipelines nothing is stored behind the message that fenced it'

const CONTENDED = 25

interface Claim {
  readonly first: number
  readonly last: number
  readonly ids: readonly string[]
}

/** Appends at the end until it has succeeded so often; whenever it is fenced it looks where the end is now. */
async function contend(bus: Bus, who: string, whole: boolean): Promise<Claim[]> {
  const claims: Claim[] = []
  for (let n = 0; claims.length < CONTENDED; n++) {
    const { last: expectedLast } = await bus.range('S')
    const ids = range(1, 1 + (n % 4)).map((i) => `${who}-${n}-${i}`)
    try {
      const answer = await bus.append(
        'S',
        ids.map((id) => testMessage('a', id)),
        { expectedLast, whole },
      )
      claims.push({ ...answer, ids })
    } catch (error) {
      if (!isSheetflowError(error, 'bus/fenced')) throw error
    }
  }
  return claims
}

const CASES: readonly BusCase[] = [
  one('a new stream is empty; its epoch is the time of its creation', async (bus, clock) => {
    const epoch = Math.floor(clock.nowMs / 1_000)
    expect(await bus.range('S')).toMatchObject({ stream: 'S', epoch, first: 1, last: 0, bytes: 0 })
  }),
  one('ensure raises the epoch, never lowers it', async (bus) => {
    const { epoch } = await bus.range('S')
    await fill(bus, 3)
    expect(await bus.ensure('S', { epoch: epoch + 5 })).toMatchObject({ epoch: epoch + 5, first: 1, last: 3 })
    expect((await bus.ensure('S', { epoch })).epoch).toBe(epoch + 5)
    expect((await bus.ensure('S')).epoch).toBe(epoch + 5)
  }),
  one('what is not there is bus/unknown-stream', async (bus) => {
    expect(await code(bus.range('NONE'))).toBe('bus/unknown-stream')
    expect(await code(bus.append('NONE', [testMessage('a', '1')]))).toBe('bus/unknown-stream')
    expect(await code(readAll(bus, 'NONE'))).toBe('bus/unknown-stream')
    expect(await code(bus.last('NONE', '>'))).toBe('bus/unknown-stream')
  }),
  one('offsets count up by one over all subjects, appends and reopenings', async (bus, _, lab) => {
    await fill(bus, 5, (n) => `a.${n}`)
    expect(await bus.append('S', [testMessage('a', 'm-6'), testMessage('b', 'm-7')])).toEqual({ first: 6, last: 7 })
    await using again = await lab.open()
    expect(await again.append('S', [testMessage('c', 'm-8')])).toEqual({ first: 8, last: 8 })
    expect((await readAll(bus, 'S')).map((message) => message.offset)).toEqual(range(1, 8))
  }),
  one('a message comes back as it was: subject, id, headers, body, time', async (bus, clock) => {
    const body = Uint8Array.from(range(0, 255))
    const headers = { 'content-type': 'x/y', leer: '', snow: '☃ \u0000' }
    await bus.append('S', [
      { subject: 'a.%2E.c', id: 'łódź/1', headers, body },
      testMessage('a', '2'),
      { subject: 'a', id: '3', body: new Uint8Array() },
    ])
    const [first, , third] = await readAll(bus, 'S')
    expect(first).toMatchObject({ offset: 1, subject: 'a.%2E.c', id: 'łódź/1', headers, storedAt: clock.nowMs })
    expect([...first!.body]).toEqual([...body])
    expect(third!.body.byteLength).toBe(0)
    expect('headers' in third!).toBe(false)
  }),
  one('an append of 1,000 messages or 4 MiB is taken, more is bus/too-large and stores nothing', async (bus) => {
    const small = range(1, 1_001).map((n) => testMessage('a', `${n}`))
    expect(await code(bus.append('S', small))).toBe('bus/too-large')
    expect(await bus.append('S', small.slice(1))).toEqual({ first: 1, last: 1_000 })
    const big = { subject: 'a', id: 'x', body: new Uint8Array(4 * 1024 * 1024) }
    expect(await code(bus.append('S', [big]))).toBe('bus/too-large')
    expect(await bus.append('S', [{ ...big, body: big.body.subarray(1_000) }])).toEqual({ first: 1_001, last: 1_001 })
  }),
  one('an empty append answers where the stream ends', async (bus) => {
    await fill(bus, 3)
    expect(await bus.append('S', [])).toEqual({ first: 4, last: 3 })
    expect(await code(bus.append('S', [], { expectedLast: 2 }))).toBe('bus/fenced')
  }),
  one('a wrong expectedLast is bus/fenced and stores nothing', async (bus) => {
    await fill(bus, 3)
    for (const expectedLast of [0, 2, 4]) expect(await code(bus.append('S', [testMessage('a', 'x')], { expectedLast }))).toBe('bus/fenced')
    expect((await bus.range('S')).last).toBe(3)
  }),
  one('of two writers the one that comes second is fenced, for ever', async (bus, _, lab) => {
    await using other = await lab.open()
    expect(await bus.append('S', [testMessage('a', '1')], { expectedLast: 0 })).toEqual({ first: 1, last: 1 })
    expect(await other.append('S', [testMessage('a', '2')], { expectedLast: 1 })).toEqual({ first: 2, last: 2 })
    expect(await code(bus.append('S', [testMessage('a', 'x')], { expectedLast: 1 }))).toBe('bus/fenced')
    expect(await code(bus.append('S', [testMessage('a', 'x')], { expectedLast: 1 }))).toBe('bus/fenced')
    expect((await readAll(bus, 'S')).map((message) => message.id)).toEqual(['1', '2'])
  }),
  ...[true, false].map((whole) =>
    one(
      `two writers at once: each append stands whole where its answer says; of what was fenced nothing does, or a beginning${whole ? '' : ', where that may be'}`,
      async (bus, _, lab) => {
        await using other = await lab.open()
        const answers = await Promise.all([contend(bus, 'x', whole), contend(other, 'y', whole)])
        const all = await readAll(bus, 'S')
        const claimed = answers.flat().toSorted((a, b) => a.first - b.first)
        for (const { first, last, ids } of claimed) expect(all.slice(first - 1, last).map((message) => message.id)).toEqual(ids)
        const stored = new Set(claimed.flatMap(({ ids }) => ids))
        const left = all.map((message) => message.id).filter((id) => !stored.has(id))
        if (bus.atomic && whole) expect(left).toEqual([])
        // Else the other came between two messages of one append: what stands is a beginning of it.
        for (const id of left) if (!id.endsWith('-1')) expect(left).toContain(id.replace(/\d+$/, (i) => String(Number(i) - 1)))
        for (const mine of answers) expect(mine).toHaveLength(CONTENDED)
      },
    ),
  ),
  one(PIPELINE_FENCED, async (bus, _, lab) => {
    await using other = await lab.open()
    expect(await other.append('S', [testMessage('a', 'other')], { expectedLast: 0 })).toEqual({ first: 1, last: 1 })
    // All but the first expect an offset that the stream reaches, or has reached by the other's message.
    const calls = range(0, 40).map((n) => code(bus.append('S', [testMessage('a', `${n}`)], { expectedLast: n })))
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['bus/fenced']))
    expect((await readAll(bus, 'S')).map((message) => message.id)).toEqual(['other'])
    // Who has learnt it begins anew where the stream ends.
    expect(await bus.append('S', [testMessage('a', 'anew')], { expectedLast: 1 })).toEqual({ first: 2, last: 2 })
  }),
  one('pipelined appends are stored in call order; after a failure every later one fails', async (bus) => {
    const calls = range(0, 40).map((n) => bus.append('S', [testMessage('a', `${n}`)], { expectedLast: n < 20 ? n : n + 1 }))
    const ends = await Promise.allSettled(calls)
    expect(ends.map((end) => end.status)).toEqual(range(0, 40).map((n) => (n < 20 ? 'fulfilled' : 'rejected')))
    expect((await readAll(bus, 'S')).map((message) => message.id)).toEqual(range(0, 19).map(String))
  }),
  one('a message id is stored once in appends without a fence; the answer is the old offset', async (bus, _, lab) => {
    await bus.append('S', [testMessage('a', '1'), testMessage('a', '2')], { expectedLast: 0 })
    expect(await bus.append('S', [testMessage('a', '2')])).toEqual({ first: 2, last: 2 })
    const [third, again] = await Promise.all([bus.append('S', [testMessage('a', '3')]), bus.append('S', [testMessage('a', '3')])])
    expect([third, again]).toEqual([
      { first: 3, last: 3 },
      { first: 3, last: 3 },
    ])
    expect(await bus.append('S', [testMessage('a', '1'), testMessage('a', '4'), testMessage('a', '4')])).toEqual({ first: 1, last: 4 })
    await using other = await lab.open()
    expect(await other.append('S', [testMessage('b', '4')])).toEqual({ first: 4, last: 4 })
    expect((await readAll(bus, 'S')).map((message) => message.id)).toEqual(['1', '2', '3', '4'])
  }),
  one('an id is remembered for 100,000 messages, trimmed or not', async (bus) => {
    await bus.append('S', [testMessage('a', 'first')])
    await fill(bus, 99_000)
    await bus.trim('S', { maxBytes: 0 })
    expect(await bus.append('S', [testMessage('a', 'first')])).toEqual({ first: 1, last: 1 })
  }),
  one('readers starting at every offset see the rest, in batches that are never empty', async (bus) => {
    await fill(bus, 60, (n) => `a.${n % 3}`)
    for (const from of range(1, 61)) {
      const batches = []
      for await (const batch of bus.read('S', { from, untilNow: true })) batches.push(batch)
      expect(batches.every((batch) => batch.length > 0 && batch.length <= 1_000)).toBe(true)
      expect(batches.flat().map((message) => message.offset)).toEqual(range(from, 60))
      expect(batches.flat().every(isTestMessage)).toBe(true)
    }
  }),
  one('batches hold at most 1,000 messages and 4 MiB', async (bus) => {
    await fill(bus, 2_500)
    for (const n of range(1, 7))
      await bus.append(
        'S',
        range(1, 3).map((i) => testMessage('a', `${n}.${i}`, 900_000)),
      )
    for await (const batch of bus.read('S', { from: 1, untilNow: true })) {
      expect(batch.length).toBeLessThanOrEqual(1_000)
      expect(batch.reduce((sum, message) => sum + message.body.byteLength, 0)).toBeLessThanOrEqual(4 * 1024 * 1024)
    }
    expect(await readAll(bus, 'S')).toHaveLength(2_521)
  }),
  one('what is read in passing is whole as long as its batch is looked at; who reads otherwise keeps what was read', async (bus) => {
    for (let n = 0; n < 20; n++) await fill(bus, 1, undefined, 1024 * 1024)
    const kept = await readAll(bus, 'S')
    const passed: number[] = []
    for await (const batch of bus.read('S', { from: 1, untilNow: true, passing: true })) {
      for (const message of batch) if (isTestMessage(message) && message.body.byteLength === 1024 * 1024) passed.push(message.offset)
    }
    expect(passed).toEqual(range(1, 20))
    expect(kept.every(isTestMessage)).toBe(true)
  }),
  one('subject patterns choose: exact, * and >', async (bus) => {
    for (const subject of ['a', 'a.b', 'a.c', 'a.b.c', 'd.b']) await bus.append('S', [testMessage(subject, subject)])
    const read = async (...subjects: string[]): Promise<string[]> => (await readAll(bus, 'S', 1, subjects)).map((message) => message.id)
    expect(await read('a.b')).toEqual(['a.b'])
    expect(await read('a.*')).toEqual(['a.b', 'a.c'])
    expect(await read('a.>', 'd.*')).toEqual(['a.b', 'a.c', 'a.b.c', 'd.b'])
    expect(await read('>')).toHaveLength(5)
    expect(await read('x')).toEqual([])
  }),
  one('a live reader waits for what is not there yet', async (bus) => {
    await fill(bus, 2)
    const all = readSome(bus, 'S', 1, 5)
    const ahead = readSome(bus, 'S', 5, 1)
    const some = readSome(bus, 'S', 1, 2, ['c'])
    await bus.append('S', [testMessage('a', '3'), testMessage('c', '4')])
    await bus.append('S', [testMessage('c', '5')])
    expect((await all).map((message) => message.offset)).toEqual(range(1, 5))
    expect((await ahead).map((message) => message.offset)).toEqual([5])
    expect((await some).map((message) => message.offset)).toEqual([4, 5])
  }),
  one('a signal ends a reader without an error, waiting or not; so does closing the bus', async (bus, _, lab) => {
    await fill(bus, 1)
    const stop = new AbortController()
    const seen: number[] = []
    for await (const batch of bus.read('S', { from: 1, signal: stop.signal })) {
      seen.push(batch.length)
      setImmediate(() => stop.abort())
    }
    expect(seen).toEqual([1])
    for await (const _batch of bus.read('S', { from: 1, signal: AbortSignal.abort() })) expect.unreachable()
    const other = await lab.open()
    const waiting = other.read('S', { from: 1 })[Symbol.asyncIterator]()
    expect((await waiting.next()).value).toHaveLength(1)
    const end = waiting.next()
    await other[Symbol.asyncDispose]()
    expect((await end).done).toBe(true)
    expect(await code(other.range('S'))).toBe('bus/unavailable')
  }),
  one('an append whose signal has aborted stores nothing', async (bus) => {
    await expect(bus.append('S', [testMessage('a', '1')], { signal: AbortSignal.abort() })).rejects.toThrow()
    const stop = new AbortController()
    const append = bus.append('S', [testMessage('a', '1')], { signal: stop.signal })
    stop.abort()
    const stored = await append.then(
      () => 1,
      () => 0,
    )
    expect((await bus.range('S')).last).toBe(stored)
  }),
  one('last gives the last message of each subject, by offset', async (bus) => {
    await fill(bus, 30, (n) => `a.${n % 4}.x`)
    expect((await bus.last('S', 'a.>')).map((message) => message.offset)).toEqual([27, 28, 29, 30])
    expect((await bus.last('S', 'a.3.x')).map((message) => message.id)).toEqual(['m-27'])
    expect((await bus.last('S', '*.1.*')).every(isTestMessage)).toBe(true)
    expect(await bus.last('S', 'b')).toEqual([])
  }),
  one('trim keeps what readers need; behind them it drops by bytes', async (bus) => {
    await fill(bus, 2_000)
    await bus.retain('S', 'store', 1_234)
    await bus.retain('S', 'graph', 1_500)
    expect(await bus.trim('S', {})).toMatchObject({ first: 1 })
    expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: 1_235, last: 2_000 })
    expect((await readAll(bus, 'S', 1_235)).map((message) => message.offset)).toEqual(range(1_235, 2_000))
    await bus.retain('S', 'store', 2_000)
    expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: 1_501, last: 2_000 })
    await bus.retain('S', 'graph', 2_000)
    expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: 2_001, last: 2_000, bytes: 0 })
    expect(await bus.append('S', [testMessage('a', 'm-2001')], { expectedLast: 2_000 })).toEqual({ first: 2_001, last: 2_001 })
    expect(await readAll(bus, 'S', 2_001)).toHaveLength(1)
  }),
  one('trim by bytes drops no more than it must', async (bus) => {
    await fill(bus, 3_000, undefined, 100)
    const { bytes } = await bus.range('S')
    const after = await bus.trim('S', { maxBytes: Math.floor(bytes / 3) })
    expect(after.bytes).toBeLessThanOrEqual(bytes / 3)
    expect(after.bytes).toBeGreaterThan(bytes / 3 - 1_000)
  }),
  one('trim by age', async (bus, clock) => {
    await fill(bus, 10)
    clock.nowMs += 60_000
    await fill(bus, 10)
    clock.nowMs += 60_000
    expect(await bus.trim('S', { maxAgeMs: 180_000 })).toMatchObject({ first: 1 })
    expect(await bus.trim('S', { maxAgeMs: 90_000 })).toMatchObject({ first: 11, last: 20 })
    expect(await bus.trim('S', { maxAgeMs: 0 })).toMatchObject({ first: 21, last: 20 })
  }),
  one('a reader that was silent for 24 hours holds nothing back', async (bus, clock) => {
    await fill(bus, 10)
    await bus.retain('S', 'lost', 2)
    clock.nowMs += 23 * 3_600_000
    expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: 3 })
    await bus.retain('S', 'lost', 2)
    clock.nowMs += 23 * 3_600_000
    expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: 3 })
    clock.nowMs += 2 * 3_600_000
    expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: 11 })
  }),
  one('trim keeps the last message of every _schema and _ctl subject, and of what keep names', async (bus) => {
    const subjects = ['sf.src.s._schema.p.t', 'sf.src.s._ctl', 'sf.src.s._commit', 'in.deploy', 'sf.src.s.p.t']
    await fill(bus, 1_003, (n) => subjects[n % 5]!)
    await bus.trim('S', { maxBytes: 0, keep: ['in.deploy'] })
    expect((await bus.last('S', '>')).map((message) => message.subject)).toEqual(['sf.src.s._schema.p.t', 'sf.src.s._ctl', 'in.deploy'])
    expect((await bus.last('S', '>')).every(isTestMessage)).toBe(true)
    expect(await code(readAll(bus, 'S', 1_000))).toBe('bus/gone')
    await fill(bus, 2, (n) => (n % 2 === 0 ? 'sf.src.s._ctl' : 'x'))
    await bus.trim('S', { maxBytes: 0 })
    expect((await bus.last('S', '>')).map((message) => message.offset)).toEqual([1_000, 1_004])
    expect(await bus.range('S')).toMatchObject({ first: 1_006, last: 1_005 })
  }),
  one('trim that has to keep the very first message leaves what stands behind its end', async (bus) => {
    await fill(bus, 6, (n) => (n === 1 ? 's._schema.p.t' : 's.p.t'))
    await bus.retain('S', 'reader', 3)
    expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: 4, last: 6 })
    expect((await readAll(bus, 'S', 4)).map((message) => message.offset)).toEqual([4, 5, 6])
    expect((await bus.last('S', '>')).map((message) => message.offset)).toEqual([1, 6])
  }),
  one('a reader starting at every offset of a trimmed stream sees the rest, or bus/gone', async (bus) => {
    const subjects = ['s._schema.t', 's.t', 's._ctl', 's.u']
    await fill(bus, 60, (n) => subjects[n % 4]!)
    for (const behind of [7, 31, 32, 60]) {
      await bus.retain('S', 'reader', behind)
      expect(await bus.trim('S', { maxBytes: 0 })).toMatchObject({ first: behind + 1, last: 60 })
      for (const from of range(1, behind)) expect(await code(readAll(bus, 'S', from)), `${from} of ${behind}`).toBe('bus/gone')
      for (const from of range(behind + 1, 61)) {
        expect((await readAll(bus, 'S', from)).map((message) => message.offset)).toEqual(range(from, 60))
        const some = (await readAll(bus, 'S', from, ['s.t'])).map((message) => message.offset)
        expect(some).toEqual(range(from, 60).filter((offset) => offset % 4 === 1))
      }
    }
  }),
  one('reading before what is retained is bus/gone, for a reader that waits behind too', async (bus) => {
    await fill(bus, 1_500)
    const reader = bus.read('S', { from: 1 })[Symbol.asyncIterator]()
    await reader.next()
    await bus.trim('S', { maxBytes: 0 })
    expect(await code(readAll(bus, 'S', 1))).toBe('bus/gone')
    expect(await code(readAll(bus, 'S', 1_500))).toBe('bus/gone')
    expect(await code(Promise.resolve(reader.next()))).toBe('bus/gone')
    expect(await readAll(bus, 'S', 1_501)).toEqual([])
  }),
  one('above maxBytes an append is bus/full and stores nothing; after a trim it goes on', async (bus) => {
    await bus.ensure('S', { maxBytes: 10_000 })
    await bus.append('S', [testMessage('a', '1', 6_000)], { expectedLast: 0 })
    const refused = [1, 2, 3].map((n) => code(bus.append('S', [testMessage('a', `x${n}`, 6_000)], { expectedLast: n })))
    expect(await Promise.all(refused), 'pipelined appends say why the first failed').toEqual(['bus/full', 'bus/full', 'bus/full'])
    expect(await bus.append('S', [testMessage('a', '2', 3_000)], { expectedLast: 1 })).toEqual({ first: 2, last: 2 })
    await bus.trim('S', { maxBytes: 4_000 })
    expect(await bus.append('S', [testMessage('a', '3', 6_000)], { expectedLast: 2 })).toEqual({ first: 3, last: 3 })
    expect((await readAll(bus, 'S', 2)).map((message) => message.id)).toEqual(['2', '3'])
  }),
]
