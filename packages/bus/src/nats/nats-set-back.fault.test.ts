/**
 * A NATS server loses the end of a stream while readers live on, as when its power fails before it has synced, and its writer goes on. Expected: a reader that had read further ends with
 * `bus/set-back`, whether the stream is shorter now or has grown beyond it with other messages; one that had not goes on.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bus } from '@sheetflow/core/ports/bus'
import { range, testMessage } from '@sheetflow/testkit/kits/bus-lab'
import { startNats, type NatsServer } from '@sheetflow/testkit/nats/server'
import { expect, it } from 'vitest'
import { openNatsBus } from './nats-bus.ts'

const STREAM = 'SF_SRC_shop'
const KEPT = 5
const LOST = 10

it.each([0, LOST, 3 * LOST])('the end of a stream is lost, and %i other messages stand there', async (others) => {
  await using server = await startNats()
  await using bus = await openNatsBus({ servers: [server.url] })
  await bus.ensure(STREAM)
  await write(bus, 'kept', KEPT)
  const behind = bus.read(STREAM, { from: 1 })[Symbol.asyncIterator]()
  const ahead = bus.read(STREAM, { from: 1 })[Symbol.asyncIterator]()
  expect(await idsOf(behind, KEPT)).toEqual(named('kept', KEPT))
  const other = await otherHistory(server, others)
  try {
    await write(bus, 'lost', LOST)
    expect(await idsOf(ahead, KEPT + LOST)).toEqual([...named('kept', KEPT), ...named('lost', LOST)])
    await server.kill9()
    replaceStore(other, server.dir)
    await server.start()
  } finally {
    rmSync(other, { recursive: true, force: true })
  }
  await using writer = await openNatsBus({ servers: [server.url] })
  // That is the fault.
  expect((await writer.range(STREAM)).last).toBe(KEPT + others)
  await expect(idsOf(ahead, 1)).rejects.toMatchObject({ code: 'bus/set-back' })
  await write(writer, 'later', 1)
  expect(await idsOf(behind, others + 1)).toEqual([...named('other', others), 'later-1'])
})

/** The folder of a server that has gone on with other messages from where this one stands now. */
async function otherHistory(server: NatsServer, messages: number): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'sheetflow-nats-'))
  await server.kill9()
  replaceStore(server.dir, dir)
  await server.start()
  await using other = await startNats({ dir })
  await using bus = await openNatsBus({ servers: [other.url] })
  await write(bus, 'other', messages)
  return dir
}

function replaceStore(from: string, to: string): void {
  rmSync(join(to, 'store'), { recursive: true, force: true })
  cpSync(join(from, 'store'), join(to, 'store'), { recursive: true })
}

async function write(bus: Bus, name: string, count: number): Promise<void> {
  for (const id of named(name, count)) await bus.append(STREAM, [testMessage('s.p.t', id)])
}

function named(name: string, count: number): string[] {
  return range(1, count).map((n) => `${name}-${n}`)
}

/** The ids of the next messages of a reader. */
async function idsOf(reader: AsyncIterator<readonly { readonly id: string }[]>, count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count) for (const { id } of (await reader.next()).value ?? []) ids.push(id)
  return ids
}
