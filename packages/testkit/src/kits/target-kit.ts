import { isoFromMs } from '@sheetflow/core/calendar'
import type { Command } from '@sheetflow/core/message'
import type { CommandHandler, CommandOutcome, Target } from '@sheetflow/core/ports/target'
import { isSheetflowError } from '@sheetflow/core/errors'
import { Rejected } from '@sheetflow/core/rejected'
import { ulid } from '@sheetflow/core/ulid'
import { describe, expect, it } from 'vitest'

/** A source with the table `counters(id int primary key, n int not null check (n >= 0))` and its rows 1..100, all 0. */
export interface TargetLab {
  /** Opens a target; the case disposes of it. */
  open(): Target
  /** Milliseconds since 1970 that targets read. */
  nowMs: number
  /** The counter, read beside the target. */
  counter(id: number): Promise<number>
  /** Ids in the causes of the change log since the last call, in commit order. */
  causes(): Promise<readonly string[]>
  /** Ends every connection that targets have to the source, at once. */
  cut(): Promise<void>
  /** Kills the source without a goodbye and starts it again; absent where that cannot be done. */
  crash?(): Promise<void>
}

/** Gaps of a driver: name of the case → reason. A gap that has closed fails. */
export interface TargetKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

/** Adds 1 to a counter. */
const ADD: CommandHandler = { name: 'add', sql: 'update counters set n = n + 1 where id = :id' }

/** Runs every guarantee of the port `Target` against a driver. The laboratory is shared by the cases. */
export function describeTarget(name: string, lab: () => TargetLab, options: TargetKitOptions = {}): void {
  describe(`target: ${name}`, () => {
    for (const { name: title, run } of CASES) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async () => {
        await using target = lab().open()
        await target.prepare()
        await run(target, lab())
      })
    }
  })
}

interface TargetCase {
  readonly name: string
  readonly run: (target: Target, lab: TargetLab) => Promise<void>
}

/** A new command for a counter. */
export function testCommand(lab: Pick<TargetLab, 'nowMs'>, id: number, more: Partial<Command> = {}): Command {
  return {
    id: ulid(lab.nowMs, Math.random),
    name: 'add',
    payload: { id },
    user: '7',
    claims: { role: 'clerk', tenant: 1 },
    order: 'x',
    at: isoFromMs(lab.nowMs),
    validForMs: 60_000,
    ...more,
  }
}

function handler(run: CommandHandler['run'] & {}): CommandHandler {
  return { name: 'add', run }
}

/** Delivers until the outcome is known, as the runner of commands does. */
async function deliver(target: Target, command: Command, how: CommandHandler): Promise<CommandOutcome> {
  for (;;) {
    try {
      return await target.execute(command, how)
    } catch (error) {
      if (!isSheetflowError(error) || error.retry === 'never') throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 30))
    }
  }
}

const CASES: readonly TargetCase[] = [
  {
    name: 'prepare may be called again, by several at the same time',
    run: async (target, lab) => {
      await using other = lab.open()
      expect(await Promise.all([target.prepare(), other.prepare(), target.prepare()])).toHaveLength(3)
    },
  },
  {
    name: 'a command is done once; a second delivery answers the stored outcome and runs nothing',
    run: async (target, lab) => {
      const command = testCommand(lab, 1)
      const first = await target.execute(command, ADD)
      expect(first).toEqual({ status: 'done', result: { count: 1 } })
      expect(await target.execute(command, ADD)).toEqual(first)
      await using other = lab.open()
      expect(await other.execute(command, ADD)).toEqual(first)
      expect(await lab.counter(1)).toBe(1)
    },
  },
  {
    name: 'delivered many times at once, it runs once',
    run: async (target, lab) => {
      await using other = lab.open()
      const commands = Array.from({ length: 10 }, () => testCommand(lab, 2))
      let runs = 0
      const how = handler(async ({ db, payload }) => {
        runs++
        await db.query('update counters set n = n + 1 where id = :id', { id: payload['id'] })
        return runs
      })
      const all = commands.flatMap((command) => [target, other, target].map((each) => each.execute(command, how)))
      const outcomes = await Promise.all(all)
      expect(outcomes.every((outcome) => outcome.status === 'done')).toBe(true)
      expect([runs, await lab.counter(2)]).toEqual([10, 10])
    },
  },
  {
    name: 'its id stands in the change log with its changes, and also when it changed no row',
    run: async (target, lab) => {
      await lab.causes()
      const [one, none, refused] = [testCommand(lab, 3), testCommand(lab, -1), testCommand(lab, 3)]
      await target.execute(one, ADD)
      expect(await target.execute(none, ADD)).toEqual({ status: 'done', result: { count: 0 } })
      await target.execute(
        refused,
        handler(() => Promise.reject(new Rejected('no', 'not today'))),
      )
      expect(await lab.causes()).toEqual([one.id, none.id])
    },
  },
  {
    name: 'what a function returns is the result; rows come in JSON form',
    run: async (target, lab) => {
      const how = handler(async ({ db, user, id }) => {
        const rows = await db.query(
          "select 42 as i, 42::bigint as b, 9.50 as d, true as t, null as z, timestamptz '2026-11-23 10:00:00.5+02' as at, :tenant::int as tenant",
          {
            tenant: user['tenant'],
          },
        )
        return [id, ...rows] as never
      })
      const command = testCommand(lab, 1)
      const result = [command.id, { i: 42, b: '42', d: '9.50', t: true, z: null, at: '2026-11-23T08:00:00.500000Z', tenant: 1 }]
      expect(await target.execute(command, how)).toEqual({ status: 'done', result })
      expect(await target.execute(command, how)).toEqual({ status: 'done', result })
    },
  },
  {
    name: 'a refusal leaves nothing behind and is remembered',
    run: async (target, lab) => {
      const command = testCommand(lab, 4)
      const how = handler(async ({ db }) => {
        await db.query('update counters set n = n + 1 where id = 4')
        throw new Rejected('sold_out', 'There is none left.')
      })
      const outcome = { status: 'rejected', code: 'sold_out', result: 'There is none left.' }
      expect(await target.execute(command, how)).toEqual(outcome)
      expect(await target.execute(command, ADD)).toEqual(outcome)
      expect(await lab.counter(4)).toBe(0)
    },
  },
  {
    name: 'what the source itself refuses is rejected; a handler that is wrong is failed; both are remembered',
    run: async (target, lab) => {
      const [below, wrong, bug] = [testCommand(lab, 5), testCommand(lab, 5), testCommand(lab, 5)]
      const minus: CommandHandler = { ...ADD, sql: 'update counters set n = n - 1 where id = :id' }
      expect(await target.execute(below, minus)).toMatchObject({ status: 'rejected' })
      expect(await target.execute(wrong, { ...ADD, sql: 'update nowhere set n = 1' })).toMatchObject({ status: 'failed' })
      expect(
        await target.execute(
          bug,
          handler(() => Promise.reject(new TypeError('x is undefined'))),
        ),
      ).toEqual({ status: 'failed', code: 'command/failed' })
      for (const command of [below, wrong, bug]) expect((await target.execute(command, ADD)).status).not.toBe('done')
      expect(await lab.counter(5)).toBe(0)
    },
  },
  {
    name: 'a command that waited too long is expired; one that was done before is not',
    run: async (target, lab) => {
      const done = testCommand(lab, 6)
      const late = testCommand(lab, 6)
      await target.execute(done, ADD)
      lab.nowMs += 61_000
      expect(await target.execute(done, ADD)).toMatchObject({ status: 'done' })
      expect(await target.execute(late, ADD)).toMatchObject({ status: 'expired', code: 'command/expired' })
      lab.nowMs -= 61_000
      expect(await target.execute(late, ADD)).toMatchObject({ status: 'expired' })
      expect(await lab.counter(6)).toBe(1)
    },
  },
  {
    name: 'a handler whose reason passes is rolled back, said to be tried again, and then done',
    run: async (target, lab) => {
      const command = testCommand(lab, 7)
      let turn = 0
      const how = handler(async ({ db }) => {
        await db.query('update counters set n = n + 1 where id = 7')
        if (turn++ === 0) throw Object.assign(new Error('busy'), { code: 'x', retry: 'later' })
        return undefined
      })
      await expect(target.execute(command, how)).rejects.toMatchObject({ code: 'command/failed', retry: 'later' })
      expect(await lab.counter(7)).toBe(0)
      expect(await target.execute(command, how)).toEqual({ status: 'done' })
      expect(await lab.counter(7)).toBe(1)
    },
  },
  {
    name: 'commands that cross each other are all done in the end',
    run: async (target, lab) => {
      const cross = (a: number, b: number): CommandHandler =>
        handler(async ({ db }) => {
          for (const id of [a, b]) await db.query('update counters set n = n + 1 where id = :id', { id })
          return undefined
        })
      const all = Array.from({ length: 30 }, (_, i) => deliver(target, testCommand(lab, 8), i % 2 === 0 ? cross(8, 9) : cross(9, 8)))
      expect((await Promise.all(all)).every((outcome) => outcome.status === 'done')).toBe(true)
      expect([await lab.counter(8), await lab.counter(9)]).toEqual([30, 30])
    },
  },
  {
    name: 'a handler may not end its transaction, nor go on after a failed statement',
    run: async (target, lab) => {
      expect(await target.execute(testCommand(lab, 10), { ...ADD, sql: 'update counters set n = 5 where id = 10; commit' })).toMatchObject({
        status: 'failed',
      })
      const swallows = handler(async ({ db }) => {
        await db.query('update counters set n = 5 where id = 10')
        await db.query('select 1/0').catch(() => [])
        return undefined
      })
      expect(await target.execute(testCommand(lab, 10), swallows)).toMatchObject({ status: 'failed' })
      expect(await lab.counter(10)).toBe(0)
    },
  },
  {
    name: 'a handler that never ends is failed after its time, and holds nothing up',
    run: async (target, lab) => {
      const command = testCommand(lab, 11)
      let told = false
      const hangs = handler(async ({ db, signal }) => {
        await db.query('update counters set n = n + 1 where id = 11')
        signal.addEventListener('abort', () => (told = true))
        return await new Promise<never>(() => {})
      })
      const outcome = { status: 'failed', code: 'command/timeout' }
      expect(await target.execute(command, { ...hangs, timeoutMs: 100 })).toEqual(outcome)
      expect(told).toBe(true)
      expect(await target.execute(command, ADD)).toEqual(outcome)
      expect(await target.execute(testCommand(lab, 11), ADD)).toMatchObject({ status: 'done' })
      expect(await lab.counter(11)).toBe(1)
    },
  },
  {
    name: 'a statement that never ends is failed after its time, and holds nothing up',
    run: async (target, lab) => {
      const held = Promise.withResolvers<void>()
      const free = Promise.withResolvers<void>()
      const holds = handler(async ({ db }) => {
        await db.query('update counters set n = n + 1 where id = 12')
        held.resolve()
        await free.promise
        return undefined
      })
      const holder = target.execute(testCommand(lab, 12), holds)
      await held.promise
      const waits: CommandHandler = { ...ADD, timeoutMs: 100 }
      expect(await target.execute(testCommand(lab, 12), waits)).toEqual({ status: 'failed', code: 'command/timeout' })
      free.resolve()
      expect(await holder).toEqual({ status: 'done' })
      expect(await lab.counter(12)).toBe(1)
    },
  },
  {
    name: 'told to stop, ends though its handler does not; the command is done when it is delivered again',
    run: async (target, lab) => {
      const command = testCommand(lab, 13)
      const stop = new AbortController()
      const hangs = handler(async ({ db }) => {
        await db.query('update counters set n = n + 1 where id = 13')
        stop.abort()
        return await new Promise<never>(() => {})
      })
      await expect(target.execute(command, hangs, stop.signal)).rejects.toMatchObject({ retry: 'later' })
      expect(await deliver(target, command, ADD)).toMatchObject({ status: 'done' })
      expect(await lab.counter(13)).toBe(1)
    },
  },
  {
    name: 'a handler that loses its connection again and again is said to be rolled back each time',
    run: async (target, lab) => {
      const command = testCommand(lab, 14)
      let runs = 0
      const how = handler(async ({ db }) => {
        runs++
        await lab.cut()
        await db.query('update counters set n = n + 1 where id = 14')
        return undefined
      })
      for (let rollbacks = 0; rollbacks < 3;) {
        const error: unknown = await target.execute(command, how).catch((cause: unknown) => cause)
        if (isSheetflowError(error, 'command/failed')) rollbacks++
        expect(isSheetflowError(error) && error.retry !== 'never').toBe(true)
      }
      expect(runs).toBe(3)
      expect(await deliver(target, command, ADD)).toMatchObject({ status: 'done' })
    },
  },
  {
    name: 'a statement that nobody awaits and that fails is the failure of its command alone',
    run: async (target, lab) => {
      const forgets = handler(async ({ db }) => {
        void db.query('select 1/0')
        await Promise.resolve()
        return undefined
      })
      expect(await target.execute(testCommand(lab, 15), forgets)).toMatchObject({ status: 'failed' })
      expect(await target.execute(testCommand(lab, 15), ADD)).toMatchObject({ status: 'done' })
    },
  },
  {
    name: 'connections cut at any point: every command is done exactly once',
    run: async (target, lab) => {
      const all = Array.from({ length: 60 }, (_, i) => deliver(target, testCommand(lab, 20 + (i % 5)), ADD))
      for (let cuts = 0; cuts < 25; cuts++) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
        await lab.cut()
      }
      expect((await Promise.all(all)).every((outcome) => outcome.status === 'done')).toBe(true)
      for (const id of [20, 21, 22, 23, 24]) expect(await lab.counter(id)).toBe(12)
    },
  },
  {
    name: 'the source killed while commands run: every command is done exactly once',
    run: async (target, lab) => {
      if (lab.crash === undefined) return
      const all = Array.from({ length: 100 }, (_, i) => deliver(target, testCommand(lab, 30 + (i % 5)), ADD))
      await all[5]
      await lab.crash()
      expect((await Promise.all(all)).every((outcome) => outcome.status === 'done')).toBe(true)
      for (const id of [30, 31, 32, 33, 34]) expect(await lab.counter(id)).toBe(20)
    },
  },
]
