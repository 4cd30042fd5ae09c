import type { Lease, Leases } from '@sheetflow/core/ports/leases'
import { describe, expect, it } from 'vitest'

/** One place of leases, empty at first; every `open` is another process' view of it. */
export interface LeasesLab extends AsyncDisposable {
  open(): Promise<Leases>
  /** From now on what this one is asked or sends gets no answer: its process is cut off from all others. */
  cutOff(leases: Leases): Promise<void>
}

export interface LeasesKitOptions {
  readonly knownGaps?: Readonly<Record<string, string>>
}

/**
 * Runs every guarantee of the port `Leases` against a driver. The lab's leases wait for a short silence, by a clock that stands still when the machine does
 * (`SteadyClock`): a holder that could not renew in time has rightly lost, which is no fault of the driver.
 */
export function describeLeases(name: string, make: () => Promise<LeasesLab>, options: LeasesKitOptions = {}): void {
  describe(`leases: ${name}`, () => {
    for (const { name: title, run } of CASES) {
      const test = options.knownGaps?.[title] === undefined ? it : it.fails
      test(title, async () => {
        await using lab = await make()
        await using one = await lab.open()
        await using other = await lab.open()
        await run(one, other, lab)
      })
    }
  })
}

interface LeasesCase {
  readonly name: string
  readonly run: (one: Leases, other: Leases, lab: LeasesLab) => Promise<void>
}

const NEVER = new AbortController().signal

/** Asks, and says whether it was given. */
function ask(leases: Leases, name: string, holder: string): { readonly lease: Promise<Lease>; given: boolean; stop: () => void } {
  const stopping = new AbortController()
  const asked = { lease: leases.acquire(name, holder, stopping.signal), given: false, stop: () => stopping.abort(new Error('stopped')) }
  asked.lease.then(
    () => (asked.given = true),
    () => undefined,
  )
  return asked
}

async function lost(lease: Lease): Promise<void> {
  await expect.poll(() => lease.lost.aborted, { timeout: 60_000 }).toBe(true)
}

/** Resolves when a holder that is cut off has been taken over: so long lasts the silence at least. */
async function aSilence(leases: Leases, lab: LeasesLab, name: string): Promise<void> {
  await using silent = await lab.open()
  await using _lost = await silent.acquire(name, 'silent', NEVER)
  await lab.cutOff(silent)
  await using _taken = await leases.acquire(name, 'next', NEVER)
}

const CASES: readonly LeasesCase[] = [
  {
    name: 'of two who want a name one has it; the other gets it when it is released, with a greater token',
    run: async (one, other) => {
      const first = await one.acquire('graph:sales', 'a', NEVER)
      const second = ask(other, 'graph:sales', 'b')
      await using _beside = await one.acquire('graph:stock', 'a', NEVER)
      expect(second.given).toBe(false)
      expect(await other.list()).toContainEqual({ name: 'graph:sales', holder: 'a', token: first.token })
      await first[Symbol.asyncDispose]()
      await using lease = await second.lease
      expect(lease.token).toBeGreaterThan(first.token)
      expect(first.lost.aborted).toBe(false)
    },
  },
  {
    name: 'a holder that renews keeps its name for many times the silence',
    run: async (one, other, lab) => {
      await using first = await one.acquire('graph:sales', 'a', NEVER)
      const second = ask(other, 'graph:sales', 'b')
      for (const witness of ['w1', 'w2', 'w3']) await aSilence(other, lab, witness)
      expect([second.given, first.lost.aborted]).toEqual([false, false])
      second.stop()
      await expect(second.lease).rejects.toThrow('stopped')
    },
  },
  {
    name: 'names do not know of each other',
    run: async (one, other) => {
      await using _first = await one.acquire('graph:sales', 'a', NEVER)
      await using second = await other.acquire('graph:stock', 'b', NEVER)
      expect((await one.list()).map(({ name, holder }) => `${name} ${String(holder)}`)).toEqual(['graph:sales a', 'graph:stock b'])
      expect(second.token).toBeGreaterThan(0)
    },
  },
  {
    name: 'a holder that is silent is taken over and learns by itself that it has lost',
    run: async (one, other, lab) => {
      await using first = await one.acquire('graph:sales', 'a', NEVER)
      const second = ask(other, 'graph:sales', 'b')
      await lab.cutOff(one)
      await lost(first)
      await using lease = await second.lease
      expect(lease.token).toBeGreaterThan(first.token)
      expect(first.lost.reason).toMatchObject({ code: 'app/lease-lost', retry: 'now' })
    },
  },
  {
    name: 'a holder has lost before anybody takes over from it',
    run: async (one, other, lab) => {
      await using first = await one.acquire('graph:sales', 'a', NEVER)
      const second = ask(other, 'graph:sales', 'b')
      const wasLost = second.lease.then(() => first.lost.aborted)
      await lab.cutOff(one)
      expect(await wasLost).toBe(true)
      await (await second.lease)[Symbol.asyncDispose]()
    },
  },
  {
    name: 'who waits at a place that is away hears why, once for each reason on end',
    run: async (one, other, lab) => {
      await using first = await one.acquire('graph:sales', 'a', NEVER)
      const heard: (string | null)[] = []
      const stopping = new AbortController()
      const second = other.acquire('graph:sales', 'b', stopping.signal, (trouble) => heard.push(trouble?.message ?? null))
      await lab.cutOff(other)
      await expect.poll(() => heard.length, { timeout: 60_000 }).toBeGreaterThan(0)
      expect(heard[0]).not.toBeNull()
      expect(heard).toEqual(heard.filter((trouble, i) => trouble !== heard[i - 1]))
      expect(first.lost.aborted).toBe(false)
      stopping.abort(new Error('stopped'))
      await expect(second).rejects.toThrow('stopped')
    },
  },
  {
    name: 'the same holder takes its name at once, and its former self has lost it',
    run: async (one, other) => {
      await using former = await one.acquire('graph:sales', 'a', NEVER)
      await using again = await other.acquire('graph:sales', 'a', NEVER)
      expect(again.token).toBeGreaterThan(former.token)
      await lost(former)
      expect(again.lost.aborted).toBe(false)
    },
  },
  {
    name: 'who loses a name does not release the one of its successor',
    run: async (one, other) => {
      const former = await one.acquire('graph:sales', 'a', NEVER)
      await using again = await other.acquire('graph:sales', 'a', NEVER)
      await former[Symbol.asyncDispose]()
      expect(await one.list()).toEqual([{ name: 'graph:sales', holder: 'a', token: again.token }])
    },
  },
  {
    name: 'tokens count up over releases',
    run: async (one, other) => {
      const tokens: number[] = []
      for (const leases of [one, other, one, other]) {
        await using lease = await leases.acquire('graph:sales', 'a', NEVER)
        tokens.push(lease.token)
      }
      expect(tokens).toEqual([1, 2, 3, 4])
      expect(await one.list()).toEqual([{ name: 'graph:sales', holder: null, token: 4 }])
    },
  },
  {
    name: 'ten who want a name at once have it one after the other',
    run: async (one, other) => {
      let holders = 0
      let most = 0
      const turns = Array.from({ length: 10 }, async (_, i) => {
        await using _lease = await (i % 2 === 0 ? one : other).acquire('graph:sales', `h${String(i)}`, NEVER)
        most = Math.max(most, ++holders)
        await new Promise((resolve) => setImmediate(resolve))
        holders -= 1
      })
      await Promise.all(turns)
      expect(most).toBe(1)
    },
  },
]
