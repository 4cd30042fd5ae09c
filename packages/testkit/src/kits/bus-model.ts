import type { Bus, StoredMessage } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'
import { fc } from '../fast-check.ts'
import { expect } from 'vitest'
import { arbitraryShare } from '../arbitrary.ts'
import { runs } from '../runs.ts'
import { isTestMessage, range, readAll, testMessage, type BusCase, type BusLab } from './bus-lab.ts'

const STEPS = runs(1_000, 10_000)
const STEPS_A_RUN = 100

const SUBJECTS = ['s._schema.p.t', 's._schema.p.u', 's._ctl', 's._commit', 's.p.t', 's.p.u', 'in.deploy']
const PATTERNS = ['>', 's._schema.>', 's.*', 's.p.t', 'in.*']

type Step =
  | {
      readonly do: 'append'
      readonly subjects: readonly string[]
      readonly times: number
      readonly bytes: number
      readonly fenced: boolean
      readonly whole: boolean
    }
  | { readonly do: 'trim'; readonly share: number; readonly retain: number; readonly keep: boolean }
  | { readonly do: 'reopen' }
  | { readonly do: 'restart' }
  | { readonly do: 'read'; readonly from: number; readonly pattern: string }
  | { readonly do: 'last'; readonly pattern: string }

/** Random steps against a model that keeps everything in memory. A failure prints seed and path. */
export function busModelCases(): BusCase[] {
  return [{ name: `${STEPS} random appends, trims, restarts, reopenings and reads agree with a model`, run: agree }]
}

async function agree(lab: BusLab): Promise<void> {
  let stream = 0
  const steps = fc.array(arbitraryStep(), { minLength: STEPS_A_RUN, maxLength: STEPS_A_RUN, size: 'max' })
  const property = fc.asyncProperty(steps, async (all) => {
    const run = new Run(lab, `R${stream++}`)
    await run.begin()
    try {
      for (const step of all) await run.step(step)
    } finally {
      await run.end()
    }
  })
  await fc.assert(property, { numRuns: Math.ceil(STEPS / STEPS_A_RUN), endOnFailure: true })
}

function arbitraryStep(): fc.Arbitrary<Step> {
  const pattern = fc.constantFrom(...PATTERNS)
  const share = arbitraryShare()
  const subjects = fc.array(fc.constantFrom(...SUBJECTS), { minLength: 1, maxLength: 12 })
  const times = fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 80 }) })
  return fc.oneof(
    {
      weight: 30,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        subjects,
        times,
        bytes: fc.nat(2_000),
        fenced: fc.boolean(),
        whole: fc.boolean(),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('trim' as const), share, retain: share, keep: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    { weight: 12, arbitrary: fc.record({ do: fc.constant('read' as const), from: share, pattern }) },
    { weight: 9, arbitrary: fc.record({ do: fc.constant('last' as const), pattern }) },
  )
}

/** One stream and what it should hold. */
class Run {
  readonly #lab: BusLab
  readonly #stream: string
  #bus: Bus | null = null
  /** The subject of each message ever appended; the message of offset n stands at n − 1, its id is `m-n`. */
  readonly #all: string[] = []
  #first = 1
  #epoch = 0
  /** Subject → offset of its last message, as long as that is retained. */
  readonly #last = new Map<string, number>()

  constructor(lab: BusLab, stream: string) {
    this.#lab = lab
    this.#stream = stream
  }

  async begin(): Promise<void> {
    this.#bus = await this.#lab.open()
    const { epoch } = await this.#bus.ensure(this.#stream)
    if (this.#epoch === 0) this.#epoch = epoch
    expect(epoch, 'nothing that happens here is a new history').toBe(this.#epoch)
  }

  async end(): Promise<void> {
    await this.#bus?.[Symbol.asyncDispose]()
  }

  async step(step: Step): Promise<void> {
    const bus = this.#bus!
    switch (step.do) {
      case 'append':
        return this.#append(bus, step)
      case 'trim':
        return this.#trim(bus, step)
      case 'read':
        return this.#read(bus, step)
      case 'last':
        return this.#lasts(bus, step.pattern)
      case 'restart':
        // Whoever has the bus open does not notice.
        return await this.#lab.restart?.()
      case 'reopen':
        await this.end()
        await this.begin()
        expect(await this.#bus!.range(this.#stream)).toMatchObject({ first: this.#first, last: this.#all.length })
    }
  }

  async #append(bus: Bus, { subjects, times, bytes, fenced, whole }: Step & { do: 'append' }): Promise<void> {
    const before = this.#all.length
    const all = range(1, times).flatMap(() => subjects)
    const messages = all.map((subject, i) => testMessage(subject, `m-${before + 1 + i}`, bytes))
    const result = await bus.append(this.#stream, messages, { whole, ...(fenced ? { expectedLast: before } : {}) })
    expect(result).toEqual({ first: before + 1, last: before + messages.length })
    for (const subject of all) this.#last.set(subject, this.#all.push(subject))
  }

  async #trim(bus: Bus, { share, retain, keep }: Step & { do: 'trim' }): Promise<void> {
    const behind = Math.floor(this.#all.length * retain)
    const { bytes } = await bus.range(this.#stream)
    const maxBytes = Math.floor(bytes * share)
    await bus.retain(this.#stream, 'reader', behind)
    const info = await bus.trim(this.#stream, { maxBytes, keep: keep ? ['in.>'] : [] })
    expect(info.first).toBeGreaterThanOrEqual(this.#first)
    expect(info.first).toBeLessThanOrEqual(Math.max(this.#first, behind + 1))
    expect(info.last).toBe(this.#all.length)
    if (info.first < behind + 1) expect(info.bytes, 'readers held nothing back, so the limit holds').toBeLessThanOrEqual(maxBytes)
    if (info.first === this.#first) return
    this.#first = info.first
    for (const [subject, offset] of this.#last) {
      const kept = subject.includes('_schema') || subject.includes('_ctl') || (keep && subject === 'in.deploy')
      if (offset < this.#first && !kept) this.#last.delete(subject)
    }
  }

  async #read(bus: Bus, { from, pattern }: Step & { do: 'read' }): Promise<void> {
    const start = this.#first + Math.floor((this.#all.length + 1 - this.#first) * from)
    const read = await readAll(bus, this.#stream, start, pattern === '>' ? undefined : [pattern])
    const expected = range(start, this.#all.length).filter((offset) => subjectMatches(pattern, this.#all[offset - 1]!))
    this.#same(read, expected)
    if (this.#first > 1) await expect(readAll(bus, this.#stream, this.#first - 1)).rejects.toMatchObject({ code: 'bus/gone' })
  }

  async #lasts(bus: Bus, pattern: string): Promise<void> {
    const expected = [...this.#last].filter(([subject]) => subjectMatches(pattern, subject)).map(([, offset]) => offset)
    this.#same(
      await bus.last(this.#stream, pattern),
      expected.toSorted((a, b) => a - b),
    )
  }

  #same(messages: readonly StoredMessage[], offsets: readonly number[]): void {
    expect(messages.map((message) => message.offset)).toEqual(offsets)
    for (const message of messages) {
      expect([message.id, message.subject]).toEqual([`m-${message.offset}`, this.#all[message.offset - 1]])
      expect(isTestMessage(message)).toBe(true)
    }
  }
}
