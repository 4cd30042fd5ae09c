import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import { MemoryArchiveStore } from '@sheetflow/testkit/memory-archive-store'
import { range, readAll } from '@sheetflow/testkit/kits/bus-lab'
import { natsServers } from '@sheetflow/testkit/nats/binaries'
import { startNats } from '@sheetflow/testkit/nats/server'
import { describe, expect, it } from 'vitest'
import { ArchivedBus } from '../archive/archived-bus.ts'
import { archiveStream } from '../archive/archiver.ts'
import { rewriteArchive } from '../archive/rewrite-archive.ts'
import { eraseMessages } from './erase-messages.ts'
import { openNatsBus } from './nats-bus.ts'

const STREAM = 'SF_SRC_shop'
const SECRET = 'Bob Secret of Nowhere'
const CLOCK = { now: () => Date.now(), sleep: () => new Promise<void>(() => undefined) }

const textOf = ({ body }: Pick<StoredMessage, 'body'>): string => new TextDecoder().decode(body)
const wanted = (message: StoredMessage): boolean => textOf(message).includes(SECRET)

function filesWith(dir: string, text: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(path.join(entry.parentPath, entry.name)).includes(text))
    .map(({ name }) => name)
}

describe.for(await natsServers())('NATS $version', (binary) => {
  it('a stream is cut behind what shall be forgotten as far as the archive has it, and the bytes are overwritten', async () => {
    await using server = await startNats({ binary })
    const options = { servers: [server.url] }
    await using bus = await openNatsBus(options)
    await bus.ensure(STREAM)
    for (const body of ['a', `one ${SECRET}`, 'b', `two ${SECRET}`, 'c', `three ${SECRET}`, 'd']) {
      await bus.append(STREAM, [{ subject: 'sf.src.shop.public.t', id: body, body: new TextEncoder().encode(body) }])
    }
    const store = new MemoryArchiveStore()
    const stop = new AbortController()
    const onSegment = (last: number): void => (last >= 5 ? stop.abort() : undefined)
    await archiveStream({ bus, store, stream: STREAM, clock: CLOCK, segmentBytes: 1, onSegment }, stop.signal)
    await bus.retain(STREAM, 'archive', 7)
    const request = { stream: STREAM, wanted, archivedTo: 5 }
    expect(await eraseMessages(options, { ...request, erase: false })).toMatchObject({ erased: 2, left: 1 })
    expect(await readAll(bus, STREAM)).toHaveLength(7)
    expect(await eraseMessages(options, { ...request, erase: true })).toMatchObject({ erased: 2, left: 1 })
    expect(await eraseMessages(options, { ...request, erase: true })).toMatchObject({ erased: 0, left: 1 })
    await rewriteArchive(store, STREAM, (message) => (wanted(message) ? new TextEncoder().encode('gone') : null))
    expect((await bus.range(STREAM)).first).toBe(5)
    expect(filesWith(server.dir, `one ${SECRET}`)).toEqual([])
    expect(filesWith(server.dir, `two ${SECRET}`)).toEqual([])
    expect(filesWith(server.dir, `three ${SECRET}`)).not.toEqual([])
    const whole = await readAll(new ArchivedBus(bus, store), STREAM)
    expect(whole.map(({ offset }) => offset)).toEqual(range(1, 7))
    expect(whole.map(textOf)).toEqual(['a', 'gone', 'b', 'gone', 'c', 'gone', 'd'])
    await bus.trim(STREAM, { maxBytes: 1 })
    expect((await bus.range(STREAM)).first).toBe(8)
    expect(filesWith(server.dir, 'one ')).toEqual([])
  })

  it('what a reader still needs stays, and so does everything without an archive', async () => {
    await using server = await startNats({ binary })
    const options = { servers: [server.url] }
    await using bus = await openNatsBus(options)
    await bus.ensure(STREAM)
    for (const body of [`one ${SECRET}`, `two ${SECRET}`]) {
      await bus.append(STREAM, [{ subject: 'sf.src.shop.public.t', id: body, body: new TextEncoder().encode(body) }])
    }
    await bus.retain(STREAM, 'graph', 1)
    const before = Date.now() - 60_000
    const nothing = await eraseMessages(options, { stream: STREAM, wanted, archivedTo: 0, erase: true })
    expect(nothing).toMatchObject({ erased: 0, left: 2 })
    expect(nothing.lastAt).toBeGreaterThan(before)
    expect(await eraseMessages(options, { stream: STREAM, wanted, archivedTo: 2, erase: true })).toMatchObject({ erased: 1, left: 1 })
    expect((await readAll(bus, STREAM, 2)).map(textOf)).toEqual([`two ${SECRET}`])
  })
})
