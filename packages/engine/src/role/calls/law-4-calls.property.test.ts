import type { RowChange } from '@sheetflow/core/message'
import type { FunctionAnswer } from '@sheetflow/core/ports/functions'
import { graphInbox } from '@sheetflow/core/subject'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { MemoryBus } from '@sheetflow/testkit/memory-bus'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { deployment } from '../../testing/graph-bench.ts'
import { HandClock } from '../../testing/hand-clock.ts'
import { breakingBus, RoleBench } from '../../testing/role-bench.ts'
import { SourceWriter } from '../../testing/source-writer.ts'
import { TextFunctions, textFunction } from '../../testing/text-functions.ts'

const SIGNATURES = { score: textFunction('hold'), tag: textFunction('busy') }
const GRAPH = boundGraph({
  tables: { 'shop!public.notes': { columns: { id: { type: 'int' }, text: { type: 'text' } } } },
  functions: SIGNATURES,
  sheets: {
    's.notes': { rows: '=shop!notes', columns: { score: '=SCORE([@text])', tag: '=TAG([@text]&"!")' } },
    's.odd': { rows: '=FILTER(notes, MOD(notes[score], 2)=1)', columns: { more: '=[@score]+1' } },
    's.sum': { columns: { sum: '=SUM(notes[score])' } },
  },
})

interface Life {
  readonly transactions: readonly (readonly RowChange[])[]
  readonly broken: 'SF_GRAPH_g' | 'SF_IN_GRAPH_g'
  /** The append that breaks; 0: none. */
  readonly append: number
  /** Does the function answer in this life? */
  readonly answers: boolean
}

const id = fc.integer({ min: 1, max: 3 })
const change = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(id, fc.constantFrom('a', 'b', 'c')).map(([key, text]): RowChange => ['u', [key], [key, text], null]) },
  { weight: 1, arbitrary: id.map((key): RowChange => ['d', [key], null, null]) },
)
const life: fc.Arbitrary<Life> = fc.record({
  transactions: fc.array(fc.array(change, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
  broken: fc.constantFrom('SF_GRAPH_g', 'SF_IN_GRAPH_g'),
  append: fc.integer({ min: 0, max: 8 }),
  answers: fc.boolean(),
})

/** Some turns of the event loop, in which time goes on. */
async function turns(clock: HandClock, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    clock.advance(50)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('law 4, with functions', () => {
  it('whatever a function answers each time it is asked, and wherever a role dies: a replay comes to what readers have, and calls nobody', async () => {
    const property = fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), fc.boolean(), async (lives, withCheckpoints) => {
      const bus = new MemoryBus()
      const source = new SourceWriter(bus, 'shop')
      await source.load(GRAPH.tables.map((table) => table.schema))
      const functions = new TextFunctions(SIGNATURES)
      let answered = 0
      functions.special = (): FunctionAnswer => ({ value: answered++ })
      const clock = new HandClock()
      const options = { bus, sources: ['shop'], graphs: { a: GRAPH }, checkpointRows: 2 }
      const role = new RoleBench({
        ...options,
        stateStore: withCheckpoints ? memoryStateStore() : null,
        functions: { port: functions, clock },
      })
      await role.say({ v: 1, kind: 'deploy', ...deployment('a') })
      for (const { transactions, broken, append, answers } of lives) {
        functions.dead.clear()
        if (!answers) for (const fn of Object.keys(SIGNATURES)) functions.dead.add(fn)
        role.start(append === 0 ? bus : breakingBus(bus, broken, append, 1))
        for (const rows of transactions) {
          await source.rows([['public.notes', 1, rows]])
          await turns(clock, 8)
        }
        await turns(clock, 10)
        await role.stop()
      }
      // Without a checkpoint and without anybody to ask: all rows go, and each says what readers had. The reader is strict about it.
      const last = new RoleBench({ ...options, stateStore: null })
      last.start()
      await source.rows([['public.notes', 1, [1, 2, 3].map((key): RowChange => ['d', [key], null, null])]])
      const reader = await last.untilRead([source])
      await last.stop()
      expect([reader.rows('s.notes'), reader.rows('s.odd'), reader.rows('s.sum')]).toEqual([[], [], [[0]]])
      expect((await bus.range(graphInbox('g'))).last).toBeGreaterThan(0)
    })
    await expect(fc.assert(property, { numRuns: runs(12, 1_000), endOnFailure: true })).resolves.toBeUndefined()
  })
})
