import type { BoundGraph } from '@sheetflow/formula/bound'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { collectGarbage } from '@sheetflow/testkit/garbage'
import { expect, test, vi } from 'vitest'
import { must } from '@sheetflow/core/assert'
import { Pool } from '../state/pool.ts'
import { GraphBench } from '../testing/graph-bench.ts'

const ROWS = 300
const NOTE_BYTES = 100_000
const MIB = 1024 * 1024

const COLUMNS = { id: { type: 'int' }, total: { type: 'int' }, note: { type: 'text' } } as const

/** Bytes that the state takes after rows with long notes came in. */
async function stateBytes(sheet: {
  readonly rows: string
  readonly keep?: readonly string[]
  readonly columns?: Readonly<Record<string, string>>
}): Promise<number> {
  const bound = boundGraph({ tables: { 'shop!public.orders': { columns: COLUMNS } }, sheets: { 's.orders': sheet } })
  const bench = new GraphBench({ a: bound })
  bench.start('a', bound)
  await collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let id = 1; id <= ROWS; id++) {
    // Each its own text, as it comes from a parsed message.
    bench.graph.source('shop', {
      kind: 'rows',
      offset: 0,
      message: {
        v: 1,
        tx: 't',
        first: 0,
        table: 'public.orders',
        schema: 1,
        rows: [['c', [id], [id, id, `${id}`.repeat(NOTE_BYTES / `${id}`.length)], null]],
      },
    })
    bench.graph.commit('2026-11-23T10:00:00.000000Z', [], {})
  }
  await collectGarbage()
  const bytes = process.memoryUsage().heapUsed - before
  expect(bench.graph.tables.get('shop!public.orders')).toBeDefined()
  return bytes
}

test('law 12: state holds the columns that formulas use or sheets publish, and no others', async () => {
  const unused = await stateBytes({ rows: '=shop!orders', keep: ['total'], columns: { double: '=[@total]*2' } })
  expect(unused).toBeLessThan(5 * MIB)
  // The measure can tell: a sheet that publishes the notes keeps them.
  const used = await stateBytes({ rows: '=shop!orders', keep: ['total', 'note'] })
  expect(used).toBeGreaterThan(20 * MIB)
})

test('law 12: a program that is no more leaves no fields in the records of the rows', () => {
  const book = (i: number): BoundGraph =>
    boundGraph({
      tables: { 'shop!public.orders': { columns: COLUMNS } },
      sheets: {
        's.orders': {
          rows: '=shop!orders',
          keep: ['total'],
          columns: {
            same: `=SUMIFS(shop!orders[total], shop!orders[total], [@total], shop!orders[id], "<>-${i}")`,
            below: '=COUNTIFS(shop!orders[total], [@total], shop!orders[id], "<>"&[@id])',
            of: '=XLOOKUP([@total], shop!orders[id], shop!orders[total], 0)',
          },
        },
        's.totals': { rows: '=UNIQUE(shop!orders[total])', columns: { more: `=[@total]+${i}` } },
      },
    })
  const widths = everyDeployment(6, book, ({ graph }) => graph.tables.get('shop!public.orders')?.rows.records.stride)
  // The second deployment runs beside the first one for a while; those behind it find its places free.
  expect(new Set(widths.slice(1)).size).toBe(1)
})

test('law 12: a program that is no more leaves no lanes in the pool of texts', () => {
  const book = (i: number): BoundGraph =>
    boundGraph({
      tables: { 'shop!public.orders': { columns: COLUMNS } },
      sheets: {
        's.orders': {
          rows: '=shop!orders',
          columns: { text: `="t${i}"&[@total]`, path: '=XLOOKUP([@id]-1, [id], [path], "")&[@note]' },
          types: { path: { type: 'text' } },
        },
        's.notes': { rows: '=UNIQUE(shop!orders[note])', columns: { more: `=[@note]&"${i}"` } },
      },
    })
  const [registered, released] = [vi.spyOn(Pool.prototype, 'register'), vi.spyOn(Pool.prototype, 'release')]
  const lanes = everyDeployment(4, book, () => registered.mock.calls.length - released.mock.calls.length)
  vi.restoreAllMocks()
  expect(new Set(lanes).size).toBe(1)
})

test('law 12: nothing holds on to deployments that are no more, whatever later ones took over from them', async () => {
  // Each deployment edits one of two sheets and takes the other one over: every program has parts of the one before.
  const book = (i: number): BoundGraph =>
    boundGraph({
      tables: { 'shop!public.orders': { columns: COLUMNS } },
      sheets: {
        's.even': { rows: '=FILTER(shop!orders, shop!orders[total]>0)', columns: edited(i - (i % 2)) },
        's.odd': { rows: '=shop!orders', columns: edited(i - 1 + (i % 2)) },
      },
    })
  const bench: { last?: GraphBench } = {}
  const held = everyDeployment(8, book, (one) => {
    bench.last = one
    const running = must(one.graph.active)
    return {
      version: running.deployment.version,
      running: new WeakRef(running),
      even: new WeakRef(must(running.program.sheets.get('s.even')).relation),
    }
  })
  const alive = (of: 'running' | 'even'): string[] => held.filter((one) => one[of].deref() !== undefined).map(({ version }) => version)
  // V8's compiler holds objects of the functions that it works on beside us, and on a busy machine it takes its time.
  const whenCompiled = { timeout: 60_000, interval: 100 }
  await vi.waitFor(async () => {
    await collectGarbage()
    expect({ running: alive('running'), even: alive('even') }).toEqual({ running: ['v7'], even: ['v6', 'v7'] })
  }, whenCompiled)
  expect(bench.last?.graph.active?.deployment.version).toBe('v7')
})

/** Formulas of which every kind of plan is made; the last two deployments ask one index in common. */
function edited(i: number): Readonly<Record<string, string>> {
  return {
    more: `=[@total]+${i}`,
    twice: '=[@more]*2',
    note_of: '=XLOOKUP([@more], shop!orders[id], shop!orders[note], "")',
    above: `=COUNTIFS(shop!orders[id], ">${i}", shop!orders[total], [@more])`,
    before: `=COUNTIFS(shop!orders[id], ">${i - 1}", shop!orders[total], [@twice])`,
    whole: '=SUMPRODUCT(shop!orders[total], shop!orders[total])+SUMPRODUCT([more], [more])',
    path: '=XLOOKUP([@id]-1, [id], [more], 0)+[@twice]',
  }
}

/** What `look` sees after each of so many deployments, one behind the other, of which each has a row more. */
function everyDeployment<T>(count: number, book: (i: number) => BoundGraph, look: (bench: GraphBench) => T): readonly T[] {
  const versions = Array.from({ length: count }, (_, i) => `v${i}`)
  const bench = new GraphBench(Object.fromEntries(versions.map((version, i) => [version, book(i)])))
  return versions.map((version, i) => {
    if (i === 0) bench.start(version, book(0))
    else bench.deploy(version)
    bench.rows(['shop!public.orders', ['c', [i], [i, i, 'n'], null]])
    expect(bench.graph.active?.deployment.version).toBe(version)
    return look(bench)
  })
}
