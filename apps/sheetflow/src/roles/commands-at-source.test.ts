import { defineCommands } from '@sheetflow/command/define-commands'
import { commandIntake } from '@sheetflow/command/intake'
import { SheetflowError } from '@sheetflow/core/errors'
import type { Target } from '@sheetflow/core/ports/target'
import { ulid } from '@sheetflow/core/ulid'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { expect, it } from 'vitest'
import { CommandsAtSource } from './commands-at-source.ts'

const COMMANDS = defineCommands({ add: { payload: {}, allow: ['clerk'], run: 'x' } })

it('after a run that got something done, the next failure waits little again', async () => {
  const bus = new MemoryBus()
  const clock = { now: () => Date.UTC(2026, 10, 27), sleep: () => Promise.resolve() }
  const intake = commandIntake({ bus, sources: { shop: COMMANDS }, clock })
  const send = async (): Promise<unknown> =>
    await intake.accept(
      { id: ulid(clock.now(), Math.random), name: 'add', payload: {} },
      { user: '7', role: 'clerk', expires: null, all: {} },
    )
  const target: Target = {
    prepare: () => Promise.resolve(),
    execute: () => Promise.resolve({ status: 'done' }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const read = bus.read.bind(bus)
  // Gives what is there, and then the bus is away.
  bus.read = async function* (stream, options) {
    for await (const batch of read(stream, options)) {
      yield batch
      break
    }
    throw new SheetflowError('source/unreachable', 'away', { retry: 'later' })
  }
  const stop = new AbortController()
  const pauses: number[] = []
  await send()
  const lane = new CommandsAtSource({
    source: 'shop',
    bus,
    commands: COMMANDS,
    target,
    graphs: ['sales'],
    finished: { offset: 0 },
    clock: {
      now: clock.now,
      sleep: async (ms, signal) => {
        // A command that runs is watched by a long sleep.
        if (ms >= 10_000) return
        expect([lane.finished.offset, lane.problem]).toEqual([pauses.length + 1, 'away'])
        pauses.push(ms)
        if (pauses.length === 4) stop.abort()
        else if (signal?.aborted === false) await send()
      },
    },
  })
  await lane.run(stop.signal)
  expect(pauses.every((ms) => ms <= 240)).toBe(true)
})
