import { SheetflowError, isSheetflowError } from '@sheetflow/core/errors'
import { decodeGraphInbox } from '@sheetflow/core/framing/inbox'
import type { Command } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import type { Claims, Clock } from '@sheetflow/core/ports/host'
import type { CommandHandler, CommandOutcome, Target } from '@sheetflow/core/ports/target'
import type { InboxMessageAt, InboxPlace } from '@sheetflow/core/position'
import { ulid } from '@sheetflow/core/ulid'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import type { MemoryStream } from '@sheetflow/testkit/memory-stream'
import { describe, expect, it } from 'vitest'
import { CommandRunner } from './command-runner.ts'
import { defineCommands, type CommandSet } from './define-commands.ts'
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
  now: () => number = () => CLOCK.now()
  fault: (command: Command, attempt: number) => SheetflowError | 'after' | 'stop' | null = () => null
  readonly #attempts = new Map<string, number>()

  prepare(): Promise<void> {
    return Promise.resolve()
  }

  async execute(command: Command, handler: CommandHandler, signal?: AbortSignal): Promise<CommandOutcome> {
    const attempt = (this.#attempts.get(command.id) ?? 0) + 1
    this.#attempts.set(command.id, attempt)
    const stored = this.stored.get(command.id)
    if (stored !== undefined) return stored
    if (this.now() > Date.parse(command.at) + command.validForMs) {
      const expired: CommandOutcome = { status: 'expired', code: 'command/expired' }
      this.stored.set(command.id, expired)
      return expired
    }
    this.most = Math.max(this.most, ++this.running)
    await new Promise((resolve) => setImmediate(resolve))
    this.running--
    const fault = this.fault(command, attempt)
    if (fault === 'stop') await aborted(signal!)
    if (fault instanceof SheetflowError) throw fault
    await handler.run?.({} as never).catch((cause: unknown) => {
      throw new SheetflowError('command/failed', 'rolled back', { retry: isSheetflowError(cause) ? cause.retry : 'never', cause })
    })
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
  readonly start: (
    finished?: InboxPlace,
    clock?: Clock,
    commands?: CommandSet,
  ) => {
    readonly runner: CommandRunner
    readonly stop: () => Promise<void>
    readonly ended: Promise<void>
    /** Events of the log above `info`. */
    readonly warned: readonly string[]
  }
  readonly receipts: (count: number, graph?: string) => Promise<{ id: string; status: string; code?: string }[]>
}

function rig(streams = new Map<string, MemoryStream>()): Rig {
  const bus = new MemoryBus({ streams })
  const target = new MapTarget()
  const intake = commandIntake({ bus, sources: { shop: COMMANDS }, clock: CLOCK })
  return {
    bus,
    target,
    send: async (id) => (await intake.accept({ id: ulid(CLOCK.now(), Math.random), name: 'add', payload: { id } }, CLERK)).id,
    start: (finished = { offset: 0 }, clock = CLOCK, commands = COMMANDS) => {
      const warned: string[] = []
      const quiet = (): void => undefined
      const loud = (event: string, { command }: Readonly<Record<string, unknown>> = {}): void => {
        // By this clock ten seconds are over at once.
        if (event !== 'command.slow') warned.push(typeof command === 'string' ? `${event} ${command}` : event)
      }
      const runner = new CommandRunner({
        source: 'shop',
        bus,
        commands,
        target,
        graphs: ['sales', 'ops'],
        finished,
        clock,
        log: { debug: quiet, info: quiet, warn: loud, error: loud },
      })
      const stop = new AbortController()
      const ended = runner.run(stop.signal)
      return { runner, ended, warned, stop: () => (stop.abort(), ended) }
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
    expect([runner.finished.offset, target.stored.size]).toEqual([4, 4])
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
    expect([attempts.length, runner.finished.offset]).toEqual([10, 1])
  })

  it('stopped in the middle leaves the rest to the next one, which begins where all is finished', async () => {
    const { send, start, receipts, target } = rig()
    const first = await send(1)
    const second = await send(2)
    target.fault = (command) => (command.id === second ? 'stop' : null)
    const one = start()
    expect(await receipts(1)).toMatchObject([{ id: first }])
    await one.stop()
    expect(one.runner.finished.offset).toBe(1)
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
    const again = start()
    await send(4)
    await receipts(4)
    await again.stop()
    expect(target.order).toHaveLength(4)
    expect((await bus.range('SF_IN_GRAPH_sales')).last).toBe(4)
    expect(again.runner.finished.offset).toBe(4)
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
    expect(runner.finished.offset).toBe(3)
  })

  describe('a command whose handler is not there', () => {
    /** Sends by those who know more commands than who carries them out. */
    const sender = (bus: Bus, known: CommandSet): ((name: string, id: number) => Promise<string>) => {
      const intake = commandIntake({ bus, sources: { shop: known }, clock: CLOCK })
      return async (name, id) => (await intake.accept({ id: ulid(CLOCK.now(), Math.random), name, payload: { id } }, CLERK)).id
    }
    const TWO = defineCommands({
      add: { payload: { id: 'int' }, allow: ['clerk'], order: (payload) => String(payload.id), run: 'x' },
      newer: { payload: { id: 'int' }, allow: ['clerk'], order: (payload) => `newer:${payload.id}`, run: 'x' },
    })

    it('is waited for as long as the command is valid, and named in the log; then it is expired', async () => {
      const { bus, target, start, receipts } = rig()
      let passed = 0
      target.now = () => CLOCK.now() + passed
      const sleeping: Clock = { now: target.now, sleep: async (ms) => ((passed += ms), CLOCK.sleep(0)) }
      const id = await sender(bus, TWO)('newer', 1)
      const { stop, warned, runner } = start({ offset: 0 }, sleeping)
      expect(await receipts(1)).toMatchObject([{ id, status: 'expired', code: 'command/expired' }])
      await stop()
      expect(warned).toEqual(['command.no-handler newer'])
      expect(passed).toBeGreaterThan(60_000)
      expect([runner.finished.offset, target.order]).toEqual([1, []])
    })

    it('and that was carried out when it was there says what it did', async () => {
      const { bus, target, start, receipts } = rig()
      const id = await sender(bus, TWO)('newer', 1)
      target.stored.set(id, { status: 'done', result: 'long ago' })
      const { stop } = start()
      expect(await receipts(1)).toMatchObject([{ id, status: 'done', result: 'long ago' }])
      await stop()
    })

    it('keeps no place of others, and is left to whoever has it', async () => {
      const { bus, target, start, receipts } = rig()
      const send = sender(bus, TWO)
      const newer = await Promise.all(Array.from({ length: 20 }, (_, i) => send('newer', i)))
      const others = await Promise.all(Array.from({ length: 20 }, (_, i) => send('add', i)))
      const { stop, runner } = start()
      expect((await receipts(20)).map(({ id }) => id).toSorted()).toEqual(others.toSorted())
      await stop()
      expect(runner.finished.offset).toBe(0)
      const upgraded = start(runner.finished, CLOCK, TWO)
      await receipts(40)
      await upgraded.stop()
      expect(target.order.toSorted()).toEqual([...others, ...newer].toSorted())
    })
  })

  describe('an inbox that is not the one of which the commit speaks is read from its beginning', () => {
    const at = (tx: string, epoch = 1): InboxMessageAt => ({ epoch, tx })

    it.each<[string, InboxPlace]>([
      ['it ends before that place', { offset: 500, at: at('a') }],
      ['it ends before that place, by a commit of an earlier version', { offset: 500 }],
      ['another message stands there', { offset: 2, at: at('another') }],
      ['it has another epoch', { offset: 3, at: at('third', 2) }],
    ])('%s', async (_, finished) => {
      const { send, start, receipts, target } = rig()
      const ids = [await send(1), await send(2), await send(3)]
      const { runner, stop, warned } = start(finished)
      expect((await receipts(3)).map(({ id }) => id)).toEqual(ids)
      await stop()
      expect(target.order).toEqual(ids)
      expect(runner.finished).toEqual({ offset: 3, at: at(ids[2]!) })
      expect(warned).toEqual(['inbox.set-back'])
    })

    it('one that is goes on behind that place', async () => {
      const { send, start, receipts, target } = rig()
      const ids = [await send(1), await send(2), await send(3)]
      const { stop, warned } = start({ offset: 2, at: at(ids[1]!) })
      await receipts(1)
      await stop()
      expect([target.order, warned]).toEqual([[ids[2]], []])
    })

    it('set back under a reader that runs: it ends, and begins there the next time', async () => {
      const streams = new Map<string, MemoryStream>()
      const { send, start, receipts, target } = rig(streams)
      const before = [await send(1), await send(2)]
      const { runner, ended } = start()
      await receipts(2)
      await expect.poll(() => runner.finished.offset, { timeout: 20_000, interval: 1 }).toBe(2)
      streams.delete('SF_IN_SRC_shop')
      runner.setBack({ offset: 0 })
      expect(runner.finished).toEqual({ offset: 0 })
      await expect(ended).rejects.toMatchObject({ code: 'bus/set-back', retry: 'now' })
      const after = await rig(streams).send(3)
      const stop = new AbortController()
      const again = runner.run(stop.signal)
      await receipts(3)
      stop.abort()
      await again
      expect(target.order).toEqual([...before, after])
      expect(runner.finished).toEqual({ offset: 1, at: at(after) })
    })
  })

  it('ends with what no retry mends; the command stays unfinished', async () => {
    const { send, start, target } = rig()
    await send(1)
    target.fault = () => new SheetflowError('source/auth', 'no')
    const { ended, runner } = start()
    await expect(ended).rejects.toMatchObject({ code: 'source/auth' })
    expect(runner.finished.offset).toBe(0)
  })

  it('an outcome that no message holds is told without its text', async () => {
    const { send, start, receipts, target } = rig()
    const [big, small] = [await send(1), await send(2)]
    target.stored.set(big, { status: 'rejected', code: 'P0001', result: 'x'.repeat(5_000_000) })
    const { stop, runner } = start()
    const all = await receipts(2)
    expect(all.find(({ id }) => id === big)).toMatchObject({ status: 'rejected', code: 'P0001' })
    expect(all.find(({ id }) => id === big)).not.toHaveProperty('result')
    expect(all.find(({ id }) => id === small)).toMatchObject({ status: 'done' })
    await stop()
    expect(runner.finished).toMatchObject({ offset: 2 })
  })

  it('says what it waits for, and since when, until it is there', async () => {
    const { bus, target, send, receipts } = rig()
    await send(1)
    target.fault = () => (open ? null : new SheetflowError('source/unreachable', 'read-only', { retry: 'later', fix: 'Name the primary.' }))
    let open = false
    const warned: [string, unknown][] = []
    const log = {
      debug: () => {},
      info: () => {},
      error: () => {},
      warn: (event: string, fields?: unknown) => void warned.push([event, fields]),
    }
    let now = CLOCK.now()
    const runner = new CommandRunner({
      source: 'shop',
      bus,
      commands: COMMANDS,
      target,
      graphs: ['sales'],
      finished: { offset: 0 },
      clock: { now: () => now, sleep: (ms, signal) => (ms < 10_000 ? CLOCK.sleep(ms, signal) : ((now += ms), Promise.resolve())) },
      log,
    })
    const stop = new AbortController()
    const ended = runner.run(stop.signal)
    await expect.poll(() => runner.problem).toBe('read-only')
    expect(runner.metrics()).toEqual({ command_running: 1, command_oldest_seconds: 10 })
    expect(warned).toMatchObject([
      ['command.slow', { command: 'add', ms: 10_000 }],
      ['command.waiting', { command: 'add', code: 'source/unreachable', message: 'read-only', fix: 'Name the primary.' }],
    ])
    open = true
    expect(await receipts(1)).toMatchObject([{ status: 'done' }])
    stop.abort()
    await ended
    expect([runner.problem, runner.metrics()]).toEqual([undefined, { command_running: 0, command_oldest_seconds: 0 }])
  })

  it('ends with what no retry mends although another command hangs', async () => {
    const { send, start, target } = rig()
    await send(1)
    const second = await send(2)
    target.fault = (command) => (command.id === second ? new SheetflowError('source/auth', 'no') : 'stop')
    await expect(start().ended).rejects.toMatchObject({ code: 'source/auth' })
  })
})
