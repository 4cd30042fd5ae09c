import type { DeclaredFunction, FunctionAnswer } from '@sheetflow/core/ports/functions'
import type { JsonValue } from '@sheetflow/core/value'
import { describe, expect, it } from 'vitest'
import { CallIndex } from '../../operators/call-index.ts'
import { HandClock } from '../../testing/hand-clock.ts'
import { TextFunctions, textFunction } from '../../testing/text-functions.ts'
import { FunctionSender } from './function-sender.ts'

const SIGNATURE = textFunction('hold')

/** A sender whose answers reach the index when they are told, as a graph that reads at once. `quick`: and has looked before the bus has answered. */
function bench({ quick = false }: { readonly quick?: boolean } = {}) {
  const { params, result } = SIGNATURE
  const index = new CallIndex({ fn: 'score', version: '1', params, result })
  const functions = new TextFunctions({ score: SIGNATURE })
  const clock = new HandClock()
  const stop = new AbortController()
  const told: (readonly [unknown, JsonValue])[] = []
  const events: string[] = []
  const log = {
    debug: () => undefined,
    info: (event: string) => events.push(event),
    warn: (event: string) => events.push(event),
    error: () => undefined,
  }
  const sender: FunctionSender = new FunctionSender({
    graph: 'g',
    index,
    functions,
    clock,
    log,
    signal: stop.signal,
    tell: (answers) => {
      for (const { args, value } of answers) {
        told.push([args[0], value])
        index.take(args, value)
      }
      if (quick) sender.look(1)
      return Promise.resolve(1)
    },
  })
  const done = sender.run()
  const ask = (...texts: readonly string[]): void => {
    for (const text of texts) index.hold([text])
    sender.look(1)
  }
  return { index, functions, clock, told, events, sender, ask, stop, done, end: async () => (stop.abort(), await done) }
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a function is asked', () => {
  it('in calls of as many rows as it takes, one after the other, those that were asked for first', async () => {
    const { functions, ask, told, end } = bench()
    functions.maxBatch = 2
    ask('a', 'bb', 'ccc', 'dddd', 'eeeee')
    await settle()
    expect(functions.calls.map(({ rows }) => rows.map(([text]) => text))).toEqual([['a', 'bb'], ['ccc', 'dddd'], ['eeeee']])
    expect(told).toEqual([
      ['a', 1],
      ['bb', 2],
      ['ccc', 3],
      ['dddd', 4],
      ['eeeee', 5],
    ])
    await end()
  })

  it('one that fails again after 0.1, 0.2, 0.4, 0.8 s with fewer rows each time, then every 5 s with one, until it answers', async () => {
    const { functions, ask, clock, events, sender, told, end } = bench()
    functions.maxBatch = 8
    functions.dead.add('score')
    ask('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const asked: (readonly [atMs: number, rows: number])[] = []
    for (let i = 0; i < 200 && clock.now() < 16_000; i++) {
      const known = functions.calls.length
      await settle()
      for (const { rows } of functions.calls.slice(known)) asked.push([clock.now(), rows.length])
      if (i === 0) asked.unshift([0, functions.calls[0]?.rows.length ?? 0])
      clock.advance(100)
    }
    expect([...new Set(asked.map(([atMs, rows]) => `${atMs} ${rows}`))]).toEqual([
      '0 8',
      '100 4',
      '300 2',
      '700 1',
      '1500 1',
      '6500 1',
      '11500 1',
    ])
    expect(events).toEqual(['graph/function-down'])
    expect(sender.report).toMatchObject({ isUp: false, waiting: 8, answered: 0 })
    functions.dead.clear()
    for (let i = 0; i < 100 && told.length < 8; i++) {
      clock.advance(100)
      await settle()
    }
    expect(told).toHaveLength(8)
    expect(events).toEqual(['graph/function-down', 'graph/function-up'])
    expect(sender.report).toMatchObject({ isUp: true, waiting: 0, answered: 8 })
    await end()
  })

  it('a row that hangs delays no other, and is #VALUE! when it has hung three times while others were answered', async () => {
    const { functions, ask, clock, told, sender, end } = bench()
    functions.special = (text, signal): Promise<FunctionAnswer> | undefined =>
      text === 'hang'
        ? new Promise((resolve) => signal.addEventListener('abort', () => resolve({ later: 'slow', reason: 'slow' })))
        : undefined
    ask('hang', 'a', 'b')
    for (let i = 0; i < 100 && told.length < 3; i++) {
      await settle()
      clock.advance(500)
    }
    expect(told).toEqual([
      ['a', 1],
      ['b', 1],
      ['hang', { e: '#VALUE!' }],
    ])
    expect(functions.asked('score').filter((text) => text === 'hang')).toHaveLength(3)
    expect(sender.report).toMatchObject({ waiting: 0, errors: 1 })
    await end()
  })

  it('what nobody waits for any more when its turn comes is not asked', async () => {
    const { functions, index, ask, clock, end } = bench()
    functions.dead.add('score')
    ask('a', 'b')
    await settle()
    index.entries.release(index.entries.find('["a"]'))
    index.finish()
    functions.calls.length = 0
    functions.dead.clear()
    clock.advance(100)
    await settle()
    expect(functions.asked('score')).toEqual(['b'])
    await end()
  })

  it('one that nobody offers is asked for again and again, and called when somebody does', async () => {
    const { functions, ask, clock, told, end } = bench()
    const { describe: offered } = functions
    functions.describe = () => Promise.resolve([])
    ask('a')
    await settle()
    expect([functions.calls, told]).toEqual([[], []])
    functions.describe = offered
    clock.advance(100)
    await settle()
    expect(told).toEqual([['a', 1]])
    await end()
  })

  it('by one that ends also when it is told so while it learns that there is nothing to ask any more', async () => {
    const { functions, index, ask, stop, done } = bench()
    const offered = Promise.withResolvers<readonly DeclaredFunction[]>()
    const known = await functions.describe()
    functions.describe = () => offered.promise
    ask('a')
    await settle()
    index.entries.release(index.entries.find('["a"]'))
    index.finish()
    stop.abort()
    offered.resolve(known)
    const ended = await Promise.race([done.then(() => true), settle().then(() => false)])
    expect(ended).toBe(true)
  })

  it('for as many rows in one call as may be under way, and then for more, also when the graph reads the answers before the bus says that it has them', async () => {
    const { functions, told, ask, end } = bench({ quick: true })
    functions.maxBatch = 10_000
    ask(...Array.from({ length: 10_001 }, (_, i) => `row ${i}`))
    await settle()
    expect(told).toHaveLength(10_001)
    await end()
  })

  it.each([
    ['a text', { value: 'nine' }, { e: '#VALUE!' }],
    ['Blank', { value: null }, { e: '#VALUE!' }],
    ['an object', { value: { b: 'x', n: 1 } }, { e: '#VALUE!' }],
    ['an error', { error: '#N/A', reason: '' }, { e: '#N/A' }],
    ['that it is busy', { error: '#BUSY!', reason: '' }, { e: '#VALUE!' }],
  ] as const)('its answer is %s: what is written down is an error', async (_, answer, value) => {
    const { functions, ask, told, end } = bench()
    functions.special = () => answer
    ask('a')
    await settle()
    expect(told).toEqual([['a', value]])
    await end()
  })
})
