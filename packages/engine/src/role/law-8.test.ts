import { graphInbox } from '@sheetflow/core/subject'
import type { RowChange } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { describe, expect, it } from 'vitest'
import { HandClock } from '../testing/hand-clock.ts'
import { deployment } from '../testing/graph-bench.ts'
import { breakingBus, RoleBench } from '../testing/role-bench.ts'
import { SourceWriter } from '../testing/source-writer.ts'
import { TextFunctions, textFunction } from '../testing/text-functions.ts'

const INT = { type: 'int' } as const
const TEXT = { type: 'text' } as const
const SIGNATURES = { score: textFunction('hold'), tag: textFunction('busy') }

const GRAPH = boundGraph({
  tables: { 'shop!public.notes': { columns: { id: INT, text: TEXT, n: INT } } },
  functions: SIGNATURES,
  sheets: {
    's.notes': { rows: '=shop!notes', columns: { score: '=SCORE([@text])', tag: '=TAG([@text])', twice: '=[@n]*2' } },
    's.good': { rows: '=FILTER(notes, notes[score]>3)' },
    's.numbers': { rows: '=shop!notes', columns: { thrice: '=[@n]*3' } },
  },
})

const note = (id: number, text: string, n = id): RowChange => ['u', [id], [id, text, n], null]
const BUSY = { e: '#BUSY!', of: 'score' }

async function shop(withCheckpoints = false) {
  const bus = new MemoryBus()
  const source = new SourceWriter(bus, 'shop')
  await source.load(GRAPH.tables.map((table) => table.schema))
  const functions = new TextFunctions(SIGNATURES)
  const clock = new HandClock()
  const role = new RoleBench({
    bus,
    sources: ['shop'],
    graphs: { a: GRAPH },
    stateStore: withCheckpoints ? memoryStateStore() : null,
    checkpointRows: 1,
    functions: { port: functions, clock },
  })
  await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
  const write = async (...rows: readonly RowChange[]): Promise<void> => await source.rows([['public.notes', 1, rows]])
  return { bus, source, functions, clock, role, write }
}

/** Time goes on until the output says so. */
async function untilTimeHas({ role, clock }: Awaited<ReturnType<typeof shop>>, condition: Parameters<RoleBench['until']>[0]) {
  return await role.until((reader, transactions) => {
    if (condition(reader, transactions)) return true
    clock.advance(100)
    return false
  })
}

describe('law 8: outage', () => {
  it('a dead function delays only its own cells; rows whose filter waits are held; all catch up, each with its latest arguments', async () => {
    const bench = await shop()
    const { role, functions, write } = bench
    role.start()
    await write(note(1, 'good'), note(2, 'bad'))
    const first = await untilTimeHas(
      bench,
      (read) => read.rows('s.notes').every((row) => row[3] !== null && typeof row[3] === 'number') && read.rows('s.notes').length === 2,
    )
    expect(first.rows('s.good').map((row) => row[0])).toEqual([1])
    functions.dead.add('score')
    await write(note(1, 'no', 5), note(3, 'fine', 7))
    // Its own cells stand still; those of the other function, and all that is computed, go on.
    const during = await untilTimeHas(bench, (read) => read.rows('s.notes').some((row) => row[0] === 3 && row[4] === 4))
    const rows = Object.fromEntries(during.rows('s.notes').map((row) => [row[0] as number, row.slice(1)]))
    expect(rows).toEqual({ 1: ['no', 5, 4, 2, 10], 2: ['bad', 2, 3, 3, 4], 3: ['fine', 7, BUSY, 4, 14] })
    expect(during.rows('s.numbers')).toEqual([
      [1, 'no', 5, 15],
      [2, 'bad', 2, 6],
      [3, 'fine', 7, 21],
    ])
    // 1 waits for what would take it out, 3 for what brings it in.
    expect(during.rows('s.good').map((row) => row[0])).toEqual([1])
    for (const text of ['much', 'much better', 'best']) await write(note(3, text, 7))
    await untilTimeHas(bench, (read) => read.rows('s.notes').some((row) => row[1] === 'best' && row[4] === 4))
    functions.calls.length = 0
    functions.dead.clear()
    const after = await untilTimeHas(bench, (read) => read.rows('s.notes').every((row) => row[3] === (row[1] as string).length))
    expect(after.rows('s.good').map((row) => row[0])).toEqual([3])
    expect(new Set(functions.asked('score'))).toEqual(new Set(['best', 'no']))
    await role.stop()
  })

  it('law 4: a replay calls nobody, and goes on waiting for what was open', async () => {
    for (const withCheckpoints of [false, true]) {
      const bench = await shop(withCheckpoints)
      const { role, functions, write, source } = bench
      role.start()
      await write(note(1, 'good'))
      await untilTimeHas(bench, (read) => read.rows('s.notes')[0]?.[3] === 4)
      functions.dead.add('score')
      await write(note(1, 'better'), note(2, 'new'))
      await untilTimeHas(bench, (read) => read.rows('s.notes').some((row) => row[0] === 2 && row[4] === 3))
      await role.untilRead([source])
      await role.stop()
      functions.calls.length = 0
      role.start()
      await source.heartbeat()
      const still = await role.untilRead([source])
      expect(still.rows('s.notes')).toEqual([
        [1, 'better', 1, 4, 6, 2],
        [2, 'new', 2, BUSY, 3, 4],
      ])
      expect(functions.asked('tag')).toEqual([])
      expect(functions.asked('score').filter((text) => text === 'good')).toEqual([])
      functions.dead.clear()
      const after = await untilTimeHas(bench, (read) => read.rows('s.notes').every((row) => row[3] === (row[1] as string).length))
      expect(after.rows('s.good').map((row) => row[0])).toEqual([1])
      await role.stop()
    }
  })

  it('a role that is killed between call and answer asks again, whatever it had written down', async () => {
    const bench = await shop()
    const { role, bus, source, functions, write } = bench
    functions.maxBatch = 5
    await write(...Array.from({ length: 30 }, (_, i) => note(i + 1, 'x'.repeat(i + 1))))
    const inbox = graphInbox('g')
    for (const [stream, append] of [
      [inbox, 1],
      [inbox, 2],
      ['SF_GRAPH_g', 1],
      [inbox, 2],
      ['SF_GRAPH_g', 2],
      [inbox, 1],
    ] as const) {
      // Of that append the first message is stored; the rest is lost with the role.
      role.start(breakingBus(bus, stream, append, 1))
      expect(await role.death()).toMatchObject({ code: 'bus/unavailable' })
    }
    role.start()
    const reader = await untilTimeHas(
      bench,
      (read) => read.rows('s.notes').length === 30 && read.rows('s.notes').every((row) => row[3] === row[0] && row[4] === row[0]),
    )
    expect(reader.rows('s.good')).toHaveLength(27)
    await role.untilRead([source])
    await role.stop()
  })
})
