import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { expectEveryStep, expectFilled, expectWhateverCuts, leavesNothing } from '../testing/law-2.ts'
import { GraphBench } from '../testing/graph-bench.ts'
import { anyTransaction } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'
import { World } from '../testing/world.ts'

const RUNS = runs(60, 2_000)
const LONGEST = 25

const GRAPH = boundGraph(SHOP)
const history = fc.array(anyTransaction, { minLength: 1, maxLength: LONGEST })

describe('law 2: incremental is recomputed', () => {
  it('after every step of a random history', () => {
    const property = fc.property(history, (transactions) => expectEveryStep(GRAPH, transactions))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('when days go by in between', () => {
    const days = fc.array(fc.integer({ min: 20, max: 27 }), { minLength: LONGEST, maxLength: LONGEST })
    const property = fc.property(history, days, (transactions, ticks) => {
      const bench = new GraphBench({ a: GRAPH })
      const world = new World(GRAPH)
      bench.start('a', GRAPH)
      for (const [i, changes] of transactions.entries()) {
        bench.rows(...changes)
        world.apply(changes)
        const now = `2026-11-${ticks[i]}T23:00:00.000000Z`
        if (now > world.now) world.now = now
        bench.inbox({ v: 1, kind: 'tick', tick: 'day', now })
        world.expectRead(bench.reader)
      }
    })
    expect(() => fc.assert(property, { numRuns: Math.ceil(RUNS / 3) })).not.toThrow()
  })

  it('when minutes go by in between', () => {
    const graph = boundGraph({
      timeZone: 'Europe/Warsaw',
      tables: SHOP.tables,
      sheets: {
        'sales.values': { columns: { clock: '=TEXT(NOW(), "dd hh:mm")', recent: '=COUNTIFS(shop!orders[placed], ">"&NOW()-1)' } },
        'sales.orders': {
          rows: '=FILTER(shop!orders, shop!orders[placed]<NOW())',
          columns: { age: '=NOW()-[@placed]', seen: '=clock&[@id]', day: '=TODAY()' },
        },
        'sales.all': { rows: '=shop!orders', keep: ['customer_id', 'total', 'status', 'weight', 'parent'] },
        'sales.others': { rows: '=shop!customers' },
        'sales.regions': { rows: '=crm!regions' },
      },
    })
    const minutes = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: LONGEST, maxLength: LONGEST })
    const property = fc.property(history, minutes, (transactions, ticks) => {
      const bench = new GraphBench({ a: graph })
      const world = new World(graph)
      bench.start('a', graph)
      for (const [i, changes] of transactions.entries()) {
        bench.rows(...changes)
        world.apply(changes)
        const now = `${new Date(Date.UTC(2026, 10, 22) + (ticks[i] ?? 0) * 45_000).toISOString().slice(0, -1)}000Z`
        if (now > world.now) world.now = now
        bench.inbox({ v: 1, kind: 'tick', tick: 'minute', now })
        world.expectRead(bench.reader)
      }
    })
    expect(() => fc.assert(property, { numRuns: Math.ceil(RUNS / 3) })).not.toThrow()
  })

  it('for a deployment that is filled from rows that are there', () => {
    const other = boundGraph({ ...SHOP, timeZone: 'Europe/Vienna' })
    const property = fc.property(history, fc.nat(LONGEST), (transactions, at) => expectFilled(GRAPH, other, transactions, at))
    expect(() => fc.assert(property, { numRuns: Math.ceil(RUNS / 3) })).not.toThrow()
  })
})

describe('law 3: whatever the cuts between steps, the end is the same', () => {
  it('for a random history and random cuts', () => {
    const cuts = fc.array(fc.boolean(), { minLength: LONGEST, maxLength: LONGEST })
    const property = fc.property(history, cuts, (transactions, cut) => expectWhateverCuts(GRAPH, transactions, cut))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('what comes and goes inside of one step leaves nothing', () => {
    const property = fc.property(history, (transactions) => leavesNothing(GRAPH, transactions))
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })
})

describe('law 13: a function of its inputs', () => {
  it('states that were reached in different orders of the streams are the same', () => {
    const property = fc.property(history, (transactions) => {
      const outputs = [false, true].map((crmFirst) => {
        const bench = new GraphBench({ a: GRAPH })
        bench.start('a', GRAPH)
        const ofCrm = transactions.filter(([change]) => change?.[0].startsWith('crm!'))
        const ofShop = transactions.filter(([change]) => change?.[0].startsWith('shop!'))
        for (const changes of crmFirst ? [...ofCrm, ...ofShop] : [...ofShop, ...ofCrm]) bench.rows(...changes)
        return GRAPH.sheets.map(({ view }) => [...bench.reader.rows(view)].map((row) => JSON.stringify(row)).sort())
      })
      expect(outputs[0]).toEqual(outputs[1])
    })
    expect(() => fc.assert(property, { numRuns: RUNS })).not.toThrow()
  })

  it('the same pieces make the same outputs, to the letter', () => {
    const property = fc.property(history, (transactions) => {
      const [a, b] = [0, 1].map(() => {
        const bench = new GraphBench({ a: GRAPH })
        bench.start('a', GRAPH)
        return JSON.stringify(transactions.map((changes) => bench.rows(...changes)))
      })
      expect(a).toBe(b)
    })
    expect(() => fc.assert(property, { numRuns: Math.ceil(RUNS / 3) })).not.toThrow()
  })
})
