import { SheetflowError } from '@sheetflow/core/errors'
import { decodeMessage, encodeBody } from '@sheetflow/core/framing/codec'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import type { CaptureState, CommitMessage } from '@sheetflow/core/message'
import type { Clock, Log } from '@sheetflow/core/ports/host'
import type { Source, SourceEvent } from '@sheetflow/core/ports/source'
import type { InboxMessageAt, InboxPlace } from '@sheetflow/core/position'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import type { MemoryStream } from '@sheetflow/testkit/memory-stream'
import { expect, onTestFinished, test } from 'vitest'
import { CaptureRole } from './capture-role.ts'
import type { CommandLane } from './inbox-reader.ts'

const INBOX = 'SF_IN_SRC_shop'
const AT = '2026-11-27T00:00:00.000000Z'
const CLOCK: Clock = { now: () => 1_795_420_800_000, sleep: () => Promise.resolve() }
const STATE: CaptureState = {
  origin: { system: '', timeline: '', slot: '' },
  epochs: [[1, 1]],
  tables: { 'public.orders': { run: 1, start: false, loaded: true, last: null, finished: true, repair: [] } },
}

/** A captured source over a bus in memory, whose inbox can be taken away. */
class Shop {
  readonly streams = new Map<string, MemoryStream>()
  readonly bus = new MemoryBus({ streams: this.streams })
  readonly asked: string[] = []
  readonly warned: string[] = []
  readonly lane: CommandLane & { begun: InboxPlace[] } = {
    begun: [],
    finished: { offset: Infinity },
    run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    setBack: (place) => void this.lane.begun.push(place),
  }
  /** What the driver says, life by life; the last of them goes on for ever. */
  lives: (() => readonly SourceEvent[])[] = []
  readonly #stop = new AbortController()

  /** What an earlier role has left: its stream says so of the inbox. */
  async left(inbox: number, inboxAt?: InboxMessageAt): Promise<void> {
    await this.bus.ensure('SF_SRC_shop')
    const packer = new TransactionPacker({ stream: 'SF_SRC_shop', epoch: 1, subjects: sourceSubjects('shop') })
    const tx = { at: AT, mark: 'm', inbox, ...(inboxAt === undefined ? {} : { inboxAt }), causes: [] }
    packer.begin('ctl-1')
    packer.control({ kind: 'gate', state: STATE })
    packer.commit(tx)
    packer.begin('A')
    packer.commit(tx)
    await this.bus.append('SF_SRC_shop', packer.take())
  }

  /** Somebody asks for a table anew. */
  async wish(id: string): Promise<void> {
    await this.bus.ensure(INBOX)
    const body = encodeBody({ v: 1, kind: 'resnapshot', tables: ['public.orders'] })
    await this.bus.append(INBOX, [{ subject: 'sf.in.src.shop.resnapshot', id, body }])
  }

  run(): { readonly stop: () => Promise<void> } {
    const loud = (event: string): void => void this.warned.push(event)
    const log: Log = { debug: () => undefined, info: () => undefined, warn: loud, error: loud }
    const commands = (finished: InboxPlace): CommandLane => (this.lane.begun.push(finished), this.lane)
    const role = new CaptureRole({
      name: 'shop',
      source: this.#source() as Source,
      bus: this.bus,
      clock: CLOCK,
      random: () => 0,
      log,
      commands,
    })
    const ended = role.run(this.#stop.signal)
    const stop = (): Promise<void> => (this.#stop.abort(), ended)
    onTestFinished(stop)
    return { stop }
  }

  /** The last commit on the source's stream. */
  get commit(): CommitMessage {
    return decodeMessage(this.bus.messages('SF_SRC_shop').at(-1)!).message as CommitMessage
  }

  #source(): Partial<Source> {
    const { lives, asked } = this
    return {
      metrics: () => ({}),
      confirm: () => undefined,
      snapshot: (what) => void asked.push(what.kind),
      async *follow(_start, signal) {
        const turn = lives.shift()
        if (turn !== undefined) yield* turn()
        if (lives.length > 0) throw new SheetflowError('source/unreachable', 'the connection is lost', { retry: 'now' })
        for (let n = 1; !signal.aborted; n++) {
          await new Promise((resolve) => setImmediate(resolve))
          yield { kind: 'begin', tx: `beat-${n}` }
          yield { kind: 'commit', at: AT, mark: 'm', causes: [] }
        }
      },
    }
  }
}

async function until(isSo: () => boolean): Promise<void> {
  await expect.poll(isSo, { timeout: 20_000, interval: 1 }).toBe(true)
}

test.each<[string, number, InboxMessageAt | undefined]>([
  ['ends before what was read of it', 500, { epoch: 1, tx: 'w-500' }],
  ['ends before what was read of it, by a commit of an earlier version', 500, undefined],
  ['holds another message there', 1, { epoch: 1, tx: 'another' }],
  ['has another epoch', 1, { epoch: 7, tx: 'w-1' }],
])('a wish in an inbox that %s is heard', async (_, offset, at) => {
  const shop = new Shop()
  await shop.left(offset, at)
  await shop.wish('w-1')
  await shop.wish('w-2')
  const { stop } = shop.run()
  await until(() => shop.asked.length >= 2)
  await stop()
  expect(shop.lane.begun).toEqual([{ offset: 0 }])
  expect(shop.warned).toEqual(['inbox.set-back'])
})

test('an inbox that is the one that was read is gone on with', async () => {
  const shop = new Shop()
  await shop.left(1, { epoch: 1, tx: 'w-1' })
  await shop.wish('w-1')
  await shop.wish('w-2')
  const { stop } = shop.run()
  await until(() => shop.asked.length >= 1)
  await stop()
  expect(shop.lane.begun).toEqual([{ offset: 1, at: { epoch: 1, tx: 'w-1' } }])
  expect([new Set(shop.asked).size, shop.warned]).toEqual([1, []])
})

test('a commit names the message up to which the inbox is finished', async () => {
  const shop = new Shop()
  await shop.left(0)
  // Nobody captures that table: such a wish is finished when it has been read.
  await shop.bus.ensure(INBOX)
  const body = encodeBody({ v: 1, kind: 'resnapshot', tables: ['public.gone'] })
  await shop.bus.append(INBOX, [{ subject: 'sf.in.src.shop.resnapshot', id: 'w-1', body }])
  const { stop } = shop.run()
  await until(() => shop.commit.inbox === 1)
  await stop()
  expect(shop.commit).toMatchObject({ inbox: 1, inboxAt: { epoch: 1, tx: 'w-1' } })
})

test('an inbox that is lost while its role runs is noticed by the next life, once, and told to who carries commands out', async () => {
  const shop = new Shop()
  await shop.left(1, { epoch: 1, tx: 'w-1' })
  await shop.wish('w-1')
  const lose = (): readonly SourceEvent[] => (shop.streams.delete(INBOX), [])
  shop.lives = [lose, () => [], () => []]
  const { stop } = shop.run()
  await until(() => shop.lane.begun.length === 2)
  await shop.wish('w-9')
  await until(() => shop.asked.length > 0 && shop.commit.inbox === 0)
  await stop()
  expect(shop.lane.begun).toEqual([{ offset: 1, at: { epoch: 1, tx: 'w-1' } }, { offset: 0 }])
  expect(shop.warned.filter((event) => event === 'inbox.set-back')).toHaveLength(1)
})
