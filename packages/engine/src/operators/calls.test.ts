import type { FunctionSignature } from '@sheetflow/core/function-signature'
import type { RowChange } from '@sheetflow/core/message'
import type { JsonValue } from '@sheetflow/core/value'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import type { GraphSketch } from '@sheetflow/testkit/bound-graph'
import { describe, expect, it } from 'vitest'
import { GraphBench } from '../testing/graph-bench.ts'

const SCORE: FunctionSignature = {
  version: '1',
  params: [{ name: 'text', type: { type: 'text' }, nullable: false }],
  result: { type: { type: 'int' }, nullable: false },
  onPending: 'busy',
}

const NOTES = 'shop!public.notes'

function sketch(columns: Readonly<Record<string, string>>, functions: GraphSketch['functions'] = { score: SCORE }): GraphSketch {
  return {
    tables: { [NOTES]: { columns: { id: { type: 'int' }, text: { type: 'text' }, n: { type: 'int' } } } },
    sheets: { 'sales.notes': { rows: '=shop!notes', columns, keep: Object.keys(columns) } },
    ...(functions === undefined ? {} : { functions }),
  }
}

class Bench extends GraphBench {
  constructor(columns: Readonly<Record<string, string>>, functions?: GraphSketch['functions']) {
    const graph = boundGraph(sketch(columns, functions))
    super({ a: graph })
    this.start('a', graph)
  }

  note(id: number, text: string | null, n = 0): void {
    const known = this.reader.rows('sales.notes').some((row) => row[0] === id)
    const row: RowChange = [known ? 'u' : 'c', [id], [id, text, n], null]
    this.rows([NOTES, row])
  }

  answer(text: JsonValue, value: JsonValue, version = '1'): void {
    this.inbox({ v: 1, kind: 'result', function: 'score', version, args: [text], value })
  }

  get open(): readonly unknown[] {
    return [...this.graph.calls.all()].flatMap((index) => index.open(100, () => false).map(({ args }) => args[0]))
  }

  /** The row without its key. */
  row(id: number): readonly unknown[] | undefined {
    return this.reader
      .rows('sales.notes')
      .find((row) => row[0] === id)
      ?.slice(1)
  }
}

const BUSY = { e: '#BUSY!', of: 'score' }

describe('a function that answers later', () => {
  it('is #BUSY! until the answer comes, then the answer; nothing else of the row waits', () => {
    const bench = new Bench({ score: '=SCORE([@text])', twice: '=[@n]*2' })
    bench.note(1, 'good', 7)
    expect(bench.row(1)).toEqual([BUSY, 14])
    expect(bench.open).toEqual(['good'])
    bench.answer('good', 9)
    expect(bench.row(1)).toEqual([9, 14])
    expect(bench.open).toEqual([])
  })

  it('is asked once for equal arguments, whoever asks, and again for none that it has answered', () => {
    const bench = new Bench({ score: '=SCORE([@text])', again: '=SCORE(""&[@text])+1' })
    bench.note(1, 'good')
    bench.note(2, 'good')
    expect(bench.open).toEqual(['good'])
    bench.answer('good', 9)
    expect([bench.row(1), bench.row(2)]).toEqual([
      [9, 10],
      [9, 10],
    ])
    bench.note(3, 'good')
    expect(bench.row(3)).toEqual([9, 10])
    expect(bench.open).toEqual([])
  })

  it('what a row does not ask for any more is not put there; it is not asked for again as long as somebody asks for it', () => {
    const bench = new Bench({ score: '=SCORE([@text])' })
    bench.note(1, 'good')
    bench.note(1, 'bad')
    expect(bench.open).toEqual(['bad'])
    // The answer to what it asked for before comes late.
    bench.answer('good', 9)
    expect(bench.row(1)).toEqual([BUSY])
    bench.answer('bad', 1)
    expect(bench.row(1)).toEqual([1])
  })

  it('an answer that nobody calls for is forgotten at the end of the step, and what is called for later is asked anew', () => {
    const bench = new Bench({ score: '=SCORE([@text])' })
    bench.note(1, 'good')
    bench.answer('good', 9)
    bench.note(1, 'bad')
    expect([...bench.graph.calls.all()].map((index) => index.entries.size)).toEqual([1])
    bench.note(1, 'good')
    expect(bench.open).toEqual(['good'])
  })

  it('an answer in the step whose rows ask for it is theirs', () => {
    const bench = new Bench({ score: '=SCORE([@text])' })
    bench.graph.inbox({ v: 1, kind: 'result', function: 'score', version: '1', args: ['good'], value: 9 })
    bench.enter([NOTES, ['c', [1], [1, 'good', 0], null]])
    bench.commit()
    expect(bench.row(1)).toEqual([9])
  })

  it('the first answer stands: what is taken out of a sum is what was put there', () => {
    const graph = boundGraph({
      ...sketch({ score: '=SCORE([@text])' }),
      sheets: {
        'sales.notes': { rows: '=shop!notes', columns: { score: '=SCORE([@text])' }, keep: ['score'] },
        'sales.total': { columns: { total: '=SUM(notes[score])' } },
      },
    })
    const bench = new GraphBench({ a: graph })
    bench.start('a', graph)
    const result = { v: 1, kind: 'result', function: 'score', version: '1', args: ['good'] } as const
    bench.rows([NOTES, ['c', [1], [1, 'good', 0], null], ['c', [2], [2, 'good', 0], null]])
    bench.inbox({ ...result, value: 9 })
    expect(bench.reader.rows('sales.total')).toEqual([[18]])
    bench.inbox({ ...result, value: 100 })
    bench.rows([NOTES, ['d', [1], null, null]])
    expect(bench.reader.rows('sales.total')).toEqual([[9]])
    bench.rows([NOTES, ['d', [2], null, null]])
    expect(bench.reader.rows('sales.total')).toEqual([[0]])
  })

  it('answers are of a version', () => {
    const bench = new Bench({ score: '=SCORE([@text])' })
    bench.note(1, 'good')
    bench.answer('good', 9, '2')
    expect(bench.row(1)).toEqual([BUSY])
  })

  it('an answer may be an error; one that is not of its type, or Blank where none may be, is #VALUE!', () => {
    const bench = new Bench({ score: '=SCORE([@text])', safe: '=IFERROR(SCORE([@text]), -1)' })
    for (const [text, value] of [
      ['a', { e: '#N/A' }],
      ['b', 'nine'],
      ['c', null],
      ['d', { '~': 1 }],
    ] as const) {
      bench.note(1, text)
      bench.answer(text, value)
      expect(bench.row(1)).toEqual([{ e: text === 'a' ? '#N/A' : '#VALUE!', of: 'score' }, -1])
    }
  })

  it('an error among the arguments is the result, and nobody is asked', () => {
    const bench = new Bench({ score: '=SCORE(IF([@n]=0, [@text], ""&1/0))' })
    bench.note(1, 'good', 1)
    expect(bench.row(1)).toEqual([{ e: '#DIV/0!', of: 'score' }])
    expect(bench.open).toEqual([])
    bench.note(1, 'good', 0)
    expect(bench.open).toEqual(['good'])
  })

  it('Blank is the zero of a parameter that takes none', () => {
    const bench = new Bench({ score: '=SCORE([@text])' })
    bench.note(1, null)
    expect(bench.open).toEqual([''])
  })

  it('numbers are equal by value, whatever their form', () => {
    const decimal = { ...SCORE, params: [{ name: 'n', type: { type: 'decimal' }, nullable: true }] } as const
    const bench = new Bench({ a: '=SCORE([@n]*1.50)', b: '=SCORE([@n]+0.5)', c: '=SCORE([@n])' }, { score: decimal })
    bench.note(1, null, 1)
    expect(bench.open).toEqual(['1.5', '1'])
  })

  it('the branch of an IF that is not taken asks for nothing', () => {
    const bench = new Bench({ score: '=IF([@n]>0, SCORE([@text]), IF([@text]="", 0, SCORE("not "&[@text])))' })
    bench.note(1, '')
    expect(bench.row(1)).toEqual([0])
    expect(bench.open).toEqual([])
    bench.note(1, 'good')
    expect(bench.open).toEqual(['not good'])
    bench.note(1, 'good', 1)
    expect(bench.open).toEqual(['good'])
    bench.answer('good', 9)
    expect(bench.row(1)).toEqual([9])
    bench.note(1, '', 0)
    expect(bench.row(1)).toEqual([0])
    expect([...bench.graph.calls.all()].map((index) => index.entries.size)).toEqual([0])
  })

  it('what stands under a name is asked once, in any case', () => {
    const bench = new Bench({ score: '=LET(s, SCORE([@text]), IF([@n]>0, s, IF([@n]<0, -s, 0)))' })
    bench.note(1, 'good', 0)
    expect(bench.open).toEqual(['good'])
    bench.note(1, 'good', -1)
    bench.answer('good', 9)
    expect(bench.row(1)).toEqual([-9])
  })

  it('one may stand inside of another', () => {
    const text: FunctionSignature = { ...SCORE, result: { type: { type: 'text' }, nullable: false } }
    const bench = new Bench({ score: '=SCORE(CLEAN_UP([@text]))' }, { score: SCORE, clean_up: text })
    bench.note(1, ' good ')
    expect(bench.open).toEqual([' good '])
    bench.inbox({ v: 1, kind: 'result', function: 'clean_up', version: '1', args: [' good '], value: 'good' })
    expect(bench.open).toEqual(['good'])
    bench.answer('good', 9)
    expect(bench.row(1)).toEqual([9])
  })

  it('lists the answers with who asks for them', () => {
    const bench = new Bench({ score: '=SCORE([@text])', again: '=SCORE("x")' })
    bench.note(1, 'good')
    bench.answer('good', 9)
    expect(bench.graph.describe().find(({ kind }) => kind === 'calls')).toEqual({
      kind: 'calls',
      traffic: null,
      on: 'score 1',
      size: 2,
      waiting: 1,
      askedBy: ['sales.notes[score]', 'sales.notes[again]'],
    })
  })
})

describe('while a call waits', () => {
  const on = (onPending: FunctionSignature['onPending']): GraphSketch['functions'] => ({ score: { ...SCORE, onPending } })

  it.each([
    ['hold', 9],
    ['stale', 9],
    ['busy', BUSY],
  ] as const)('%s: a row that had an answer shows %j', (onPending, shown) => {
    const bench = new Bench({ score: '=SCORE([@text])' }, on(onPending))
    bench.note(1, 'good')
    expect(bench.row(1)).toEqual([BUSY])
    bench.answer('good', 9)
    bench.note(1, 'bad')
    expect(bench.row(1)).toEqual([shown])
    bench.note(1, 'worse')
    expect(bench.row(1)).toEqual([shown])
    bench.answer('bad', 2)
    expect(bench.row(1)).toEqual([shown])
    bench.answer('worse', 1)
    expect(bench.row(1)).toEqual([1])
  })

  it('the rest of a formula goes on with what is now', () => {
    const bench = new Bench({ score: '=SCORE([@text])*[@n]' }, on('hold'))
    bench.note(1, 'good', 1)
    bench.answer('good', 9)
    bench.note(1, 'bad', 2)
    expect(bench.row(1)).toEqual([18])
  })

  it.each([
    ['hold', BUSY],
    ['stale', -1],
    ['busy', -1],
  ] as const)('%s: a formula that handles errors gives %j where there never was an answer', (onPending, shown) => {
    const bench = new Bench({ score: '=IFERROR(SCORE([@text]), -1)' }, on(onPending))
    bench.note(1, 'good')
    expect(bench.row(1)).toEqual([shown])
    bench.answer('good', 9)
    expect(bench.row(1)).toEqual([9])
  })

  it('rows whose condition waits are held: a new one does not come, one that was there stays', () => {
    const graph = boundGraph({
      ...sketch({}, on('hold')),
      sheets: {
        'sales.good': { rows: '=FILTER(shop!notes, IFERROR(SCORE(shop!notes[text])>5, TRUE))', columns: { twice: '=[@n]*2' } },
        'sales.scored': { rows: '=shop!notes', columns: { score: '=SCORE([@text])' } },
        'sales.best': { rows: '=FILTER(scored, scored[score]>5)', columns: { n2: '=[@n]*2' } },
        'sales.groups': { rows: '=GROUPBY(scored[score])', columns: { count: '=ROWS([id])' } },
      },
    })
    const bench = new GraphBench({ a: graph })
    bench.start('a', graph)
    const ids = (view: string): unknown[] => bench.reader.rows(view).map((row) => row[0])
    const result = { v: 1, kind: 'result', function: 'score', version: '1' } as const
    bench.rows([NOTES, ['c', [1], [1, 'good', 0], null], ['c', [2], [2, 'bad', 0], null]])
    for (const view of ['sales.good', 'sales.best', 'sales.groups']) expect(ids(view)).toEqual([])
    bench.inbox({ ...result, args: ['good'], value: 9 })
    bench.inbox({ ...result, args: ['bad'], value: 1 })
    expect([ids('sales.good'), ids('sales.best'), bench.reader.rows('sales.groups')]).toEqual([
      [1],
      [1],
      [
        [9, 1],
        [1, 1],
      ],
    ])
    // Both texts change: 1 stays with its new number, 2 stays away, until they are known.
    bench.rows([NOTES, ['u', [1], [1, 'awful', 4], null], ['u', [2], [2, 'great', 0], null]])
    expect([ids('sales.good'), ids('sales.best')]).toEqual([[1], [1]])
    expect(bench.reader.rows('sales.best')).toEqual([[1, 'awful', 4, 9, 8]])
    expect(bench.reader.rows('sales.groups').toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([
      [1, 1],
      [9, 1],
    ])
    bench.inbox({ ...result, args: ['awful'], value: 0 })
    expect([ids('sales.good'), ids('sales.best')]).toEqual([[], []])
    bench.inbox({ ...result, args: ['great'], value: 10 })
    expect([ids('sales.good'), ids('sales.best')]).toEqual([[2], [2]])
  })

  it('a row whose key is looked up waits with it', () => {
    const graph = boundGraph({
      ...sketch({}, on('hold')),
      sheets: {
        'sales.notes': {
          rows: '=shop!notes',
          columns: {
            found: '=XLOOKUP(SCORE([@text]), shop!notes[id], shop!notes[text], "none")',
            like: '=COUNTIFS(shop!notes[n], SCORE([@text]))',
          },
          keep: ['found', 'like'],
        },
      },
    })
    const bench = new GraphBench({ a: graph })
    bench.start('a', graph)
    bench.rows([NOTES, ['c', [1], [1, 'good', 2], null], ['c', [2], [2, 'good', 2], null]])
    const busy = (of: string): unknown => ({ e: '#BUSY!', of })
    expect(bench.reader.rows('sales.notes').map((row) => row.slice(1))).toEqual([
      [busy('found'), busy('like')],
      [busy('found'), busy('like')],
    ])
    bench.inbox({ v: 1, kind: 'result', function: 'score', version: '1', args: ['good'], value: 2 })
    expect(bench.reader.rows('sales.notes').map((row) => row.slice(1))).toEqual([
      ['good', 2],
      ['good', 2],
    ])
  })

  it('a call whose arguments wait themselves goes on showing its answer', () => {
    const clean: FunctionSignature = { ...SCORE, result: { type: { type: 'text' }, nullable: false } }
    const bench = new Bench({ score: '=SCORE(CLEAN_UP([@text]))' }, { score: { ...SCORE, onPending: 'hold' }, clean_up: clean })
    bench.note(1, 'good')
    bench.inbox({ v: 1, kind: 'result', function: 'clean_up', version: '1', args: ['good'], value: 'good' })
    bench.answer('good', 9)
    bench.note(1, 'bad')
    expect(bench.row(1)).toEqual([9])
  })

  it('a key that comes again is another row: it shows nothing of the one before', () => {
    const bench = new Bench({ score: '=SCORE([@text])' }, on('hold'))
    bench.note(1, 'good')
    bench.answer('good', 9)
    bench.note(1, 'bad')
    bench.rows([NOTES, ['d', [1], null, null]])
    bench.note(1, 'worse')
    expect(bench.row(1)).toEqual([BUSY])
    expect([...bench.graph.calls.all()].map((index) => index.entries.size)).toEqual([1])
  })
})
