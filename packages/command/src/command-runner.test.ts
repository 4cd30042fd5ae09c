import { SheetflowError } from '@sheetflow/core/errors'
import { decodeGraphInbox } from '@sheetflow/core/framing/inbox'
import type { Command } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Claims, Clock } from '@sheetflow/core/ports/host'
import type { CommandHandler, CommandOutcome, Target } from '@sheetflow/core/ports/target'
import { ulid } from '@sheetflow/core/ulid'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { describe, expect, it } from 'vitest'
import { CommandRunner } from './command-runner.ts'
import { defineCommands } from './define-commands.ts'
import { commandIntake } from './intake.ts'

const CLERK: Claims = { user: '7', role: 'clerk', expires: null, all: {} }
const COMMANDS = defineCommands({
  add: { payload: { id: 'int' }, allow: ['clerk'], order: (payload) => String(payload.id), run: 'x' },
})
/** Time passes only by sleeping: nobody waits for real. */
const CLOCK: Clock & { slept: number } = {
  slept: 0,
  now: () => Date.UTC(2026, 10, 23),
  sleep: async (ms) => {
    CLOCK.slept += ms
    await new Promise((resolve) => setImmediate(resolve))
  },
}

/** What the port `Target` promises, over a map; `fault` says what goes wrong before (`throw`) or after the deed. */
class MapTarget implements Target {
  readonly stored = new Map<string, CommandOutcome>()
  readonly order: string[] = []
  running = 0
  most = 0
  fault: (command: Command, attempt: number) => SheetflowError | 'after' | 'stop' | null = () => null
  readonly #attempts = new Map<string, number>()

  prepare(): Promise<void> {
    return Promise.resolve()
  }

  async execute(command: Command, _handler: CommandHandler, signal?: AbortSignal): Promise<CommandOutcome> {
    const attempt = (this.#attempts.get(command.id) ?? 0) + 1
    this.#attempts.set(command.id, attempt)
    const stored = this.stored.get(command.id)
    if (stored !== undefined) return stored
    this.most = Math.max(this.most, ++this.running)
    await new Promise((resolve) => setImmediate(resolve))
    this.running--
    const fault = this.fault(command, attempt)
    if (fault === 'stop') await aborted(signal!)
    if (fault instanceof SheetflowError) throw fault
    const outcome: CommandOutcome = { status: 'done', result: attempt }
    this.stored.set(command.id, outcome)
    this.order.push(command.id)
    if (fault === 'after') throw lost()
    return outcome
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(lost())
    else signal.addEventListener('abort', () => reject(lost()), { once: true })
  })
}

function lost(): SheetflowError {
  return new SheetflowError('source/unreachable', 'connection lost', { retry: 'later' })
}

interface Rig {
  readonly bus: Bus
  readonly target: MapTarget
  readonly send: (id: number) => Promise<string>
  readonly start: (finished?: number) => {
    readonly runner: CommandRunner
    readonly stop: () => Promise<void>
    readonly ended: Promise<void>
  }
  readonly receipts: (count: number, graph?: string) => Promise<{ id: string; status: string; code?: string }[]>
}

function rig(): Rig {
  const bus = new MemoryBus()
  const target = new MapTarget()
  const intake = commandIntake({ bus, sources: { shop: COMMANDS }, clock: CLOCK })
  return {
    bus,
    target,
    send: async (id) => (await intake.accept({ id: ulid(CLOCK.now(), Math.random), name: 'add', payload: { id } }, CLERK)).id,
    start: (finished = 0) => {
      const runner = new CommandRunner({
        source: 'shop',
        bus,
        commands: COMMANDS,
        target,
        graphs: ['sales', 'ops'],
        finished,
        clock: CLOCK,
      })
      const stop = new AbortController()
      const ended = runner.run(stop.signal)
      return { runner, ended, stop: () => (stop.abort(), ended) }
    },
    receipts: async (count, graph = 'sales') => {
      const all: { id: string; status: string }[] = []
      await bus.ensure(`SF_IN_GRAPH_${graph}`)
      for await (const batch of bus.read(`SF_IN_GRAPH_${graph}`, { from: 1 })) {
        for (const message of batch) all.push(decodeGraphInbox(message) as never)
        if (all.length >= count) break
      }
      return all
    },
  }
}

describe('the runner of commands', () => {
  it('executes every command once, tells every graph, and knows up to where it is finished', async () => {
    const { send, start, receipts, target } = rig()
    const ids = await Promise.all([1, 2, 3, 4].map(send))
    const { runner, stop } = start()
    for (const graph of ['sales', 'ops']) {
      const all = await receipts(4, graph)
      expect(all.map((receipt) => receipt.id).toSorted()).toEqual(ids.toSorted())
      expect(all.every((receipt) => receipt.status === 'done')).toBe(true)
    }
    await stop()
    expect([runner.finished, target.stored.size]).toEqual([4, 4])
  })

  it('runs those of one order one after the other, others at the same time, eight at most', async () => {
    const { send, start, receipts, target } = rig()
    const ids: string[][] = [[], [], []]
    for (let i = 0; i < 60; i++) ids[i % 3]!.push(await send(i % 3))
    for (let i = 0; i < 40; i++) await send(100 + i)
    const { stop } = start()
    await receipts(100)
    await stop()
    for (const own of ids) expect(target.order.filter((id) => own.includes(id))).toEqual(own)
    expect(target.most).toBe(8)
  })

  it('asks again while the outcome is not known, for as long as it takes, and does nothing twice', async () => {
    const { send, start, receipts, target } = rig()
    target.fault = (_, attempt) => (attempt < 25 ? lost() : attempt === 25 ? 'after' : null)
    const id = await send(1)
    const { stop } = start()
    expect(await receipts(1)).toMatchObject([{ id, status: 'done', result: 25 }])
    await stop()
    expect(target.order).toEqual([id])
  })

  it('tries what was rolled back for a passing reason ten times, then it is failed', async () => {
    const { send, start, receipts, target } = rig()
    const attempts: number[] = []
    target.fault = (_, attempt) => {
      attempts.push(attempt)
      return new SheetflowError('command/failed', 'deadlock', { retry: 'now' })
    }
    await send(1)
    const { stop, runner } = start()
    expect(await receipts(1)).toMatchObject([{ status: 'failed', code: 'command/failed' }])
    await stop()
    expect([attempts.length, runner.finished]).toEqual([10, 1])
  })

  it('stopped in the middle leaves the rest to the next one, which begins where all is finished', async () => {
    const { send, start, receipts, target } = rig()
    const first = await send(1)
    const second = await send(2)
    target.fault = (command) => (command.id === second ? 'stop' : null)
    const one = start()
    expect(await receipts(1)).toMatchObject([{ id: first }])
    await one.stop()
    expect(one.runner.finished).toBe(1)
    target.fault = () => null
    const other = start(one.runner.finished)
    expect(await receipts(2)).toMatchObject([{ id: first }, { id: second, status: 'done' }])
    await other.stop()
    expect(target.order).toEqual([first, second])
  })

  it('delivered again from the start, answers the same and says nothing twice', async () => {
    const { send, start, receipts, bus, target } = rig()
    await Promise.all([1, 2, 3].map(send))
    const one = start()
    await receipts(3)
    await one.stop()
    const again = start(0)
    await send(4)
    await receipts(4)
    await again.stop()
    expect(target.order).toHaveLength(4)
    expect((await bus.range('SF_IN_GRAPH_sales')).last).toBe(4)
    expect(again.runner.finished).toBe(4)
  })

  it('steps over what is not a command, and over what cannot be read', async () => {
    const { bus, send, start, receipts } = rig()
    await bus.ensure('SF_IN_SRC_shop')
    const encoder = new TextEncoder()
    const put = (text: string): Promise<unknown> =>
      bus.append('SF_IN_SRC_shop', [{ subject: 'sf.in.src.shop.command', id: text, body: encoder.encode(text) }])
    await put('{"v":1,"kind":"resnapshot","tables":["public.orders"]}')
    await put('no JSON at all')
    const id = await send(1)
    const { stop, runner } = start()
    expect(await receipts(1)).toMatchObject([{ id }])
    await stop()
    expect(runner.finished).toBe(3)
  })

  it('a command whose handler is gone is failed', async () => {
    const { bus, target, send, receipts } = rig()
    await send(1)
    const stop = new AbortController()
    const runner = new CommandRunner({ source: 'shop', bus, commands: new Map(), target, graphs: ['sales'], finished: 0, clock: CLOCK })
    const ended = runner.run(stop.signal)
    expect(await receipts(1)).toMatchObject([{ status: 'failed', code: 'command/unknown' }])
    stop.abort()
    await ended
  })

  it('ends with what no retry mends; the command stays unfinished', async () => {
    const { send, start, target } = rig()
    await send(1)
    target.fault = () => new SheetflowError('source/auth', 'no')
    const { ended, runner } = start()
    await expect(ended).rejects.toMatchObject({ code: 'source/auth' })
    expect(runner.finished).toBe(0)
  })
})
