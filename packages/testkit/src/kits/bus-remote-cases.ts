import { must } from '@sheetflow/core/assert'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { Bus } from '@sheetflow/core/ports/bus'
import { expect } from 'vitest'
import { runs } from '../runs.ts'
import { startScript, type RemoteScript } from '../remote-script.ts'
import { isTestMessage, range, readAll, readSome, testMessage, type BusCase, type BusLab } from './bus-lab.ts'
import type { RemoteTask } from './bus-remote/main.ts'

const SCRIPT = new URL('./bus-remote/main.ts', import.meta.url)

/** Guarantees that need others: worker threads and processes on the same bus. */
export function busRemoteCases(): BusCase[] {
  return [
    ...(['thread', 'process'] as const).flatMap((kind) => [
      {
        name: `a reader in another ${kind} sees each message once, in order, while it is written`,
        run: (lab: BusLab) => followed(lab, kind),
      },
      {
        name: `many senders in other ${kind === 'thread' ? 'threads' : 'processes'} fill one inbox; every id stands there once`,
        run: (lab: BusLab) => sentTo(lab, kind),
      },
      { name: `a writer in another ${kind} is read here, and fenced from here`, run: (lab: BusLab) => fencedFrom(lab, kind) },
    ]),
    { name: 'kill -9 of a writer loses nothing that was acknowledged and leaves no half append where appends are atomic', run: killed },
    {
      name: 'an append that is interrupted at its k-th message, for every k, stands whole or not at all, or a prefix of it does',
      run: interrupted,
    },
  ]
}

/** Starts somebody else who uses the same bus. */
function startRemote(kind: 'thread' | 'process', lab: BusLab, task: RemoteTask): RemoteScript {
  return startScript(kind, SCRIPT, [must(lab.remote, 'nobody else can open this bus'), task])
}

async function followed(lab: BusLab, kind: 'thread' | 'process'): Promise<void> {
  await using bus = await lab.open()
  await bus.ensure('S')
  const reader = startRemote(kind, lab, { do: 'follow', stream: 'S', until: 3_000 })
  await reader.reaches(0)
  for (let last = 0; last < 3_000;) {
    const messages = range(last + 1, last + 1 + (last % 37)).map((n) => testMessage('a.b', `m-${n}`))
    last = (await bus.append('S', messages, { expectedLast: last })).last
  }
  expect(await reader.reaches(3_000)).toBeGreaterThanOrEqual(3_000)
  await reader.kill()
}

async function sentTo(lab: BusLab, kind: 'thread' | 'process'): Promise<void> {
  await using bus = await lab.open()
  await bus.ensure('S')
  // Two of them send the same messages.
  const senders = ['a', 'b', 'b'].map((who) => startRemote(kind, lab, { do: 'send', stream: 'S', who, count: 400 }))
  await Promise.all(senders.map((sender) => sender.reaches(400)))
  const all = await readAll(bus, 'S')
  expect(all.map((message) => message.offset)).toEqual(range(1, 800))
  expect(new Set(all.map((message) => message.id)).size).toBe(800)
  await Promise.all(senders.map((sender) => sender.kill()))
}

async function fencedFrom(lab: BusLab, kind: 'thread' | 'process'): Promise<void> {
  await using bus = await lab.open()
  await bus.ensure('S')
  const writer = startRemote(kind, lab, { do: 'write', stream: 'S', groups: [1, 5, 20] })
  expect((await readSome(bus, 'S', 1, 500)).every(isTestMessage)).toBe(true)
  // One append without a fence is enough to end the other's chain.
  await bus.append('S', [testMessage('a', 'other')])
  await expect(writer.reaches(Infinity)).rejects.toThrow('bus/fenced')
  await writer.kill()
}

async function killed(lab: BusLab): Promise<void> {
  await using bus = await lab.open()
  await bus.ensure('S')
  const groups = [1, 7, 1_000, 64]
  for (const round of range(1, runs(5, 50))) {
    const before = (await bus.range('S')).last
    const writer = startRemote('process', lab, { do: 'write', stream: 'S', groups })
    await writer.reaches(before + round * 300)
    await writer.kill()
    const last = await fence(bus)
    expect(last).toBeGreaterThanOrEqual(writer.greatest())
    const all = await readAll(bus, 'S', before + 1)
    expect(all.map((message) => message.id)).toEqual(range(before + 1, last + 1).map((n) => `m-${n}`))
    expect(all.every(isTestMessage)).toBe(true)
    if (bus.atomic) expect(isWhole(last - before, groups), 'the last append is whole').toBe(true)
  }
}

/** What the dead have sent may be on its way still: behind a message of ours nothing of it is stored. Gives the last position before that message. */
async function fence(bus: Bus): Promise<number> {
  for (;;) {
    const { last } = await bus.range('S')
    try {
      await bus.append('S', [testMessage('a.b', `m-${last + 1}`)], { expectedLast: last })
      return last
    } catch (error) {
      if (!isSheetflowError(error, 'bus/fenced')) throw error
    }
  }
}

/** Large enough for a client's buffers: what is sent is on its way when the next message is looked at. */
const INTERRUPTED_BYTES = 100_000
const INTERRUPTED_COUNT = 4

async function interrupted(lab: BusLab): Promise<void> {
  await using bus = await lab.open()
  await bus.ensure('S')
  let expected = 0
  for (let dies = 1; ; dies++) {
    const task: RemoteTask = { do: 'die', stream: 'S', count: INTERRUPTED_COUNT, bytes: INTERRUPTED_BYTES, dies }
    const writer = startRemote('process', lab, task)
    const lived = await writer.reaches(INTERRUPTED_COUNT).then(
      () => true,
      () => false,
    )
    await writer.kill()
    const { last } = await bus.range('S')
    const stored = last - expected
    const all = await readAll(bus, 'S', expected + 1)
    expect(
      all.map((message) => message.id),
      `dead at look ${dies}`,
    ).toEqual(range(expected + 1, last).map((n) => `m-${n}`))
    expect(all.every(isTestMessage)).toBe(true)
    expect(stored).toBeLessThanOrEqual(INTERRUPTED_COUNT)
    if (bus.atomic) expect([0, INTERRUPTED_COUNT], `dead at look ${dies}`).toContain(stored)
    expected = last
    if (!lived) continue
    expect(stored).toBe(INTERRUPTED_COUNT)
    expect(dies, 'it was interrupted at every message').toBeGreaterThan(INTERRUPTED_COUNT)
    return
  }
}

/** Is the count a sum of the first groups, repeated? */
function isWhole(count: number, groups: readonly number[]): boolean {
  let left = count
  for (let i = 0; left > 0; i++) left -= groups[i % groups.length]!
  return left === 0
}
