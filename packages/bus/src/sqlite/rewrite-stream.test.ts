import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { readAll } from '@sheetflow/testkit/kits/bus-lab'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { rewriteStream } from './rewrite-stream.ts'
import { openSqliteBus } from './sqlite-bus.ts'
import { verifyStream } from './verify.ts'

const STREAM = 'SF_SRC_shop'
const SECRET = 'Bob Secret of Nowhere'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rewrite-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

async function append(bus: Bus, ...bodies: readonly string[]): Promise<void> {
  const { last } = await bus.ensure(STREAM)
  const messages = bodies.map((body, i) => ({ subject: 's.t', id: `${last + i + 1}`, body: new TextEncoder().encode(body) }))
  await bus.append(STREAM, messages, { expectedLast: last })
}

const textOf = ({ body }: Pick<StoredMessage, 'body'>): string => new TextDecoder().decode(body)

function withoutSecret(message: StoredMessage): Uint8Array | null {
  const text = textOf(message)
  return text.includes(SECRET) ? new TextEncoder().encode(text.replaceAll(SECRET, 'x')) : null
}

/** Files in which those words stand. */
function filesWith(text: string): string[] {
  return readdirSync(dir).filter((file) => readFileSync(join(dir, file)).includes(text))
}

it('changes bodies where they stand: the others, the order and the checksums stay, and the old bytes are in no file', async () => {
  {
    await using bus = await openSqliteBus({ dir })
    await append(bus, 'a', `one ${SECRET}`, 'b'.repeat(200_000))
    await append(bus, 'c', `two ${SECRET} ${SECRET}`)
    await append(bus, 'd')
  }
  expect(filesWith(SECRET)).toEqual([`${STREAM}.db`])
  expect(rewriteStream(dir, STREAM, withoutSecret)).toBe(2)
  expect(rewriteStream(dir, STREAM, withoutSecret)).toBe(0)
  expect(filesWith(SECRET)).toEqual([])
  expect(verifyStream(dir, STREAM)).toMatchObject({ messages: 6, first: 1, last: 6, damage: null })
  await using bus = await openSqliteBus({ dir })
  await append(bus, 'e')
  const all = await readAll(bus, STREAM)
  expect(all.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(all.map(textOf)).toEqual(['a', 'one x', 'b'.repeat(200_000), 'c', 'two x x', 'd', 'e'])
})

it('what was trimmed before leaves the file too', async () => {
  {
    await using bus = await openSqliteBus({ dir })
    await append(bus, SECRET.repeat(10_000))
    await append(bus, 'b'.repeat(100_000))
    await bus.trim(STREAM, { maxBytes: 1 })
    await append(bus, 'c')
  }
  expect(filesWith(SECRET)).not.toEqual([])
  expect(rewriteStream(dir, STREAM, withoutSecret)).toBe(0)
  expect(filesWith(SECRET)).toEqual([])
  expect(verifyStream(dir, STREAM)).toMatchObject({ first: 3, last: 3, damage: null })
})

it('a stream whose blocks became shorter is trimmed as before', async () => {
  {
    await using bus = await openSqliteBus({ dir })
    for (let i = 0; i < 20; i++) await append(bus, `${i} ${SECRET.repeat(100)}`, 'rest')
  }
  rewriteStream(dir, STREAM, withoutSecret)
  await using bus = await openSqliteBus({ dir })
  const { bytes } = await bus.range(STREAM)
  const cut = await bus.trim(STREAM, { maxBytes: Math.floor(bytes / 2) })
  expect(cut.first).toBeGreaterThan(1)
  expect(cut.bytes).toBeLessThanOrEqual(bytes / 2)
  const left = await readAll(bus, STREAM, cut.first)
  expect(left.map(({ offset }) => offset)).toEqual(Array.from({ length: 40 - cut.first + 1 }, (_, i) => cut.first + i))
  expect(verifyStream(dir, STREAM).damage).toBeNull()
})

it('says which stream is not there', () => {
  expect(() => rewriteStream(dir, 'SF_SRC_none', () => null)).toThrow(expect.objectContaining({ code: 'bus/unknown-stream' }) as Error)
})
