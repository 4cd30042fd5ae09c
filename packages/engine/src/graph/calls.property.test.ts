import { must } from '@sheetflow/core/assert'
import type { FunctionSignature } from '@sheetflow/core/function-signature'
import type { RowChange } from '@sheetflow/core/message'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { memoryStateStore } from '@sheetflow/testkit/memory-state-store'
import { recompute } from '@sheetflow/testkit/oracle/oracle'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { AskedTable } from '../testing/asked-table.ts'
import { GraphBench, NOW } from '../testing/graph-bench.ts'
import { TableModel } from '../testing/table-model.ts'
import { Checkpoints } from './checkpoint.ts'

const NOTES = 'shop!public.notes'
const INT: ColumnType = { type: 'int' }
const TEXT: ColumnType = { type: 'text' }

function signature(param: ColumnType, result: ColumnType, onPending: FunctionSignature['onPending']): FunctionSignature {
  return { version: '1', params: [{ name: 'x', type: param, nullable: false }], result: { type: result, nullable: false }, onPending }
}

/** Calls in columns, conditions, keys and criteria, in branches and inside of each other; each way of waiting. */
const GRAPH = boundGraph({
  tables: { [NOTES]: { columns: { id: INT, text: TEXT, n: INT } } },
  functions: { score: signature(TEXT, INT, 'hold'), tag: signature(TEXT, TEXT, 'busy'), ranked: signature(INT, INT, 'stale') },
  sheets: {
    'sales.notes': {
      rows: '=shop!notes',
      columns: {
        score: '=SCORE([@text])',
        tag: '=TAG([@text])',
        times: '=IF([@n]>1, SCORE([@text])*[@n], IFERROR(RANKED([@n])+0, -1))',
        twice: '=TAG(""&SCORE([@text]))',
        safe: '=IFERROR(SCORE("x"&[@n])&"", IFERROR(TAG([@text]), "?"))',
      },
    },
    'sales.good': { rows: '=FILTER(notes, notes[score]>1)', columns: { other: '=RANKED([@score])' } },
    'sales.held': { rows: '=FILTER(shop!notes, NOT(IFERROR(SCORE(shop!notes[text])<2, FALSE)))', columns: { m: '=[@n]+1' } },
    'sales.groups': { rows: '=GROUPBY(notes[score])', columns: { count: '=ROWS([id])', sum: '=SUM([n])' } },
    'sales.totals': { columns: { sum: '=SUM(notes[score])', tagged: '=COUNTIFS(notes[tag], "a")' } },
    'sales.found': {
      rows: '=shop!notes',
      columns: {
        first: '=XLOOKUP(SCORE([@text]), notes[score], notes[id], -1)',
        same: '=COUNTIFS(notes[score], SCORE([@text]))',
        tagged: '=SUMIFS(notes[n], notes[tag], TAG([@text]))',
        next: '=COUNTIFS(notes[n], ">="&RANKED([@n]))',
      },
    },
  },
})

type Event =
  | { readonly kind: 'rows'; readonly rows: readonly RowChange[] }
  /** To what is open, by place among it; or to something that nobody may ask. */
  | { readonly kind: 'answer'; readonly at: number; readonly value: number }
  | { readonly kind: 'late'; readonly fn: 'score' | 'tag'; readonly text: string; readonly value: number }
  | { readonly kind: 'restart' }

const text = fc.constantFrom('a', 'b', 'c', 'd', '')
const id = fc.integer({ min: 1, max: 4 })
const value = fc.integer({ min: 0, max: 4 })
const row = fc.tuple(id, fc.option(text), fc.integer({ min: 0, max: 3 }))
const change = fc.oneof(
  { weight: 4, arbitrary: row.map(([key, cell, n]): RowChange => ['u', [key], [key, cell, n], null]) },
  { weight: 1, arbitrary: id.map((key): RowChange => ['d', [key], null, null]) },
)
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }).map((rows): Event => ({ kind: 'rows', rows })) },
  { weight: 6, arbitrary: fc.tuple(fc.nat(7), value).map(([at, of]): Event => ({ kind: 'answer', at, value: of })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('score', 'tag'), text, value)
      .map(([fn, of, to]): Event => ({ kind: 'late', fn, text: of, value: to })),
  },
  { weight: 1, arbitrary: fc.constant<Event>({ kind: 'restart' }) },
)

/** Functions answer what they like; 4 stands for an error. */
function answerOf(fn: string, given: number): JsonValue {
  if (given === 4) return { e: '#N/A' }
  return fn === 'tag' ? must(['a', 'b', 'x0', ''][given]) : given
}

async function run(events: readonly Event[]): Promise<void> {
  const model = new TableModel(must(GRAPH.tables[0]).schema)
  const asked = new AskedTable()
  let bench = new GraphBench({ a: GRAPH })
  bench.start('a', GRAPH)
  let checkpoints = new Checkpoints(bench.graph)
  const store = memoryStateStore()
  const answer = (fn: string, args: readonly JsonValue[], json: JsonValue): void => {
    asked.take(fn, args, json)
    bench.inbox({ v: 1, kind: 'result', function: fn, version: '1', args, value: json })
  }
  const expectRight = (): void => {
    const sheets = asked.recompute((answers) => recompute(GRAPH, { [NOTES]: model.rows() }, { days: 0, micros: 0 }, answers))
    for (const { view, published } of GRAPH.sheets) {
      const right = must(sheets[view]).map((cells) => JSON.stringify(published.map((i) => cells[i] ?? null)))
      expect([
        view,
        bench.reader
          .rows(view)
          .map((cells) => JSON.stringify(cells))
          .sort(),
      ]).toEqual([view, right.sort()])
    }
  }
  expectRight()
  for (const one of events) {
    if (one.kind === 'rows') {
      model.apply(one.rows)
      bench.rows([NOTES, ...one.rows])
    } else if (one.kind === 'answer') {
      const open = asked.open
      const [fn, args] = JSON.parse(open[one.at % open.length] ?? '[null, []]') as [string | null, JsonValue[]]
      if (fn !== null) answer(fn, args, answerOf(fn, one.value))
    } else if (one.kind === 'late') answer(one.fn, [one.text], answerOf(one.fn, one.value))
    else {
      await store.save(must(checkpoints.take({}, { epoch: 1, offset: 1 }, NOW)))
      bench = new GraphBench({ a: GRAPH }, bench.reader)
      checkpoints = new Checkpoints(bench.graph)
      await checkpoints.restore(must(await store.load()))
    }
    expectRight()
    const open = [...bench.graph.calls.all()].flatMap((index) => index.open(1_000, () => false).map(({ args }) => [index.called.fn, args]))
    expect(open.map((call) => JSON.stringify(call)).sort()).toEqual([...asked.open].sort())
  }
}

describe('answers of functions', () => {
  it('every view is what the oracle says, with the answers as a table, after every step and start from a checkpoint; what is open is what it asks for', async () => {
    const property = fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 30 }), run)
    await expect(fc.assert(property, { numRuns: runs(60, 2_000) })).resolves.toBeUndefined()
  })
})
