/**
 * A stream's file is damaged: a bit is flipped anywhere, it is cut off anywhere, its log is gone, it is no database at all (F28). Expected: the right data, a shorter stream, or a coded error with
 * the place and the way out; never wrong data.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { arbitraryShare } from '@sheetflow/testkit/arbitrary'
import { isTestMessage, range, readAll, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteBus } from './sqlite-bus.ts'
import { setStreamAside, verifyStream } from './verify.ts'

const RUNS = runs(150, 1_000)
const STREAM = 'SF_SRC_shop'
const SUBJECTS = ['s._schema.p.t', 's._ctl', 's.p.t', 's.p.u', 's._commit']
const PARTS = ['.db', '.db-wal'] as const

let root = ''
let original: StoredMessage[] = []
let originalLast: number[] = []

/** All that may come of damage. `right` includes a stream that is shorter. */
const ALLOWED = ['right', 'bus/corrupt', 'bus/unavailable', 'bus/unknown-stream', 'core/unknown-format']

describe('a damaged file', () => {
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'sheetflow-damage-'))
    await makeOriginal()
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  it('with a flipped bit anywhere: a coded error or the right data, never wrong data', async () => {
    const place = fc.record({
      part: fc.constantFrom(...PARTS),
      at: arbitraryShare(),
      bit: fc.nat(7),
    })
    await fc.assert(
      fc.asyncProperty(place, async ({ part, at, bit }) => {
        const dir = restored()
        const path = join(dir, STREAM + part)
        const bytes = readFileSync(path)
        const index = Math.floor(at * bytes.byteLength)
        bytes[index] = bytes[index]! ^ (1 << bit)
        writeFileSync(path, bytes)
        expect(ALLOWED).toContain(await lookAt(dir))
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })

  it('cut off anywhere: a coded error or a shorter stream', async () => {
    const place = fc.record({ part: fc.constantFrom(...PARTS), at: arbitraryShare() })
    await fc.assert(
      fc.asyncProperty(place, async ({ part, at }) => {
        const dir = restored()
        const path = join(dir, STREAM + part)
        truncateSync(path, Math.floor(at * statSync(path).size))
        expect(ALLOWED).toContain(await lookAt(dir))
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  })

  it('without its log: a shorter stream that goes on', async () => {
    const dir = restored()
    rmSync(join(dir, `${STREAM}.db-wal`))
    expect(ALLOWED).toContain(await lookAt(dir))
    await using bus = await openSqliteBus({ dir })
    const { last } = await bus.range(STREAM)
    expect(last).toBeGreaterThan(0)
    expect(last).toBeLessThan(original.length)
    expect(await bus.append(STREAM, [testMessage('a', `m-${last + 1}`)], { expectedLast: last })).toEqual({
      first: last + 1,
      last: last + 1,
    })
  })

  it('is named with its offset and the way out; set aside, the stream begins a new epoch', async () => {
    const dir = restored()
    const path = join(dir, `${STREAM}.db`)
    const bytes = readFileSync(path)
    // The text of one body: SQLite itself cannot notice.
    bytes[bytes.indexOf('m-1500|')] = 0x21
    writeFileSync(path, bytes)
    const { damage } = verifyStream(dir, STREAM)
    expect(damage).toMatchObject({ code: 'bus/corrupt', details: { offset: 1_001 } })
    expect(damage?.fix).toContain(`sheetflow verify --repair ${STREAM}`)
    const aside = setStreamAside(dir, STREAM)
    expect(existsSync(aside)).toBe(true)
    await using bus = await openSqliteBus({ dir })
    expect(await bus.ensure(STREAM)).toMatchObject({ first: 1, last: 0 })
  })

  it('that is none at all is bus/corrupt; a newer format is refused', async () => {
    const dir = restored()
    writeFileSync(join(dir, 'JUNK.db'), 'this is no stream, whatever its name says. '.repeat(100))
    await using bus = await openSqliteBus({ dir })
    await expect(bus.ensure('JUNK')).rejects.toMatchObject({ code: 'bus/corrupt' })
    const newer = new DatabaseSync(join(dir, `${STREAM}.db`))
    newer.exec('PRAGMA user_version = 2')
    newer.close()
    await expect(bus.range(STREAM)).rejects.toMatchObject({ code: 'core/unknown-format' })
  })

  it('untouched is found right', () => {
    expect(verifyStream(restored(), STREAM)).toEqual({
      stream: STREAM,
      messages: original.length,
      first: 1,
      last: original.length,
      damage: null,
    })
  })
})

/** A stream with both parts in use: 3,000 messages in the file itself, 600 in its log. Copied while open, as a crash leaves it. */
async function makeOriginal(): Promise<void> {
  const dir = join(root, 'open')
  await (await openSqliteBus({ dir }))[Symbol.asyncDispose]()
  for (const [from, to] of [
    [1, 3_000],
    [3_001, 3_600],
  ] as const) {
    // Closing brings everything from the log into the file, so the second opening begins an empty log.
    await using bus = await openSqliteBus({ dir })
    await bus.ensure(STREAM)
    for (let first = from; first <= to; first += 1_000) {
      const messages = range(first, Math.min(to, first + 999)).map((n) => testMessage(SUBJECTS[n % 5]!, `m-${n}`, 150))
      await bus.append(STREAM, messages, { expectedLast: first - 1 })
    }
    if (to < 3_600) continue
    await bus.append(STREAM, [testMessage('s._ctl', 'm-3601')])
    for (const part of PARTS) copyFileSync(join(dir, STREAM + part), join(root, STREAM + part))
    original = await readAll(bus, STREAM)
    originalLast = (await bus.last(STREAM, '>')).map((message) => message.offset)
  }
}

function restored(): string {
  const dir = join(root, 'copy')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir)
  for (const part of PARTS) copyFileSync(join(root, STREAM + part), join(dir, STREAM + part))
  return dir
}

/** Whatever can be read stands in the original at the same offset; anything else is an error of these codes. */
async function lookAt(dir: string): Promise<string> {
  try {
    await using bus = await openSqliteBus({ dir })
    const { first, last } = await bus.range(STREAM)
    const all = await readAll(bus, STREAM)
    const lasts = await bus.last(STREAM, '>')
    const same = first === 1 && last <= original.length && all.length === last && all.every(isOriginal) && lasts.every(isOriginal)
    const sameLast = last < original.length || lasts.map((message) => message.offset).join() === originalLast.join()
    return same && sameLast
      ? 'right'
      : `wrong: ${JSON.stringify({ first, last, read: all.length, lasts: lasts.map((each) => each.offset) })}`
  } catch (error) {
    return isSheetflowError(error) ? error.code : String(error)
  }
}

function isOriginal(message: StoredMessage): boolean {
  const { id, subject, storedAt } = original[message.offset - 1]!
  return isTestMessage(message) && message.id === id && message.subject === subject && message.storedAt === storedAt
}
