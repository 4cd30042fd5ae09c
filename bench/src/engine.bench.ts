import { Graph } from '@sheetflow/engine/graph/graph'
import type { ControlSketch } from '@sheetflow/engine/testing/graph-bench'
import type { TransactionPiece } from '@sheetflow/core/framing/collector'
import type { RowChange, RowJson } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { Random } from '@sheetflow/testkit/random'
import { HandWritten } from './lib/hand-written-engine.ts'
import { compare, timed } from './lib/measure.ts'
import type { Contender, Figure } from './lib/measure.ts'

/**
 * 100,000 customers ⋈ 1,000,000 orders: SUMIFS and COUNTIFS per customer, XLOOKUP of the customer's name per order; orders are updated at random,
 * one in ten changes its customer. The limit is the same computation written by hand over typed arrays, for this query alone: it has no types to
 * keep, no row before to give, no order of output.
 */
export default async function* engine(): AsyncIterable<Figure> {
  const orders = new Orders()
  const graph = loadedGraph(orders)
  const limit = new HandWritten(CUSTOMERS)
  for (let id = 0; id < ORDERS; id++) limit.insert(id, orders.customer(id), orders.total(id))
  for (const { name, rows } of CASES) {
    yield* await compare({
      bench: 'engine',
      case: name,
      unit: 'updates/CPU-s',
      perCpuSecond: true,
      contenders: [sheetflow(graph, orders, rows), handWritten(limit, orders)],
    })
  }
}

const CUSTOMERS = 100_000
const ORDERS = 1_000_000
const UPDATES = 100_000
const CASES = [
  { name: 'one update a step', rows: 1 },
  { name: '100 updates a step', rows: 100 },
] as const

const CUSTOMERS_TABLE = 'shop!public.customers'
const ORDERS_TABLE = 'shop!public.orders'
const AT = '2026-11-23T10:00:00.000000Z'

const BOUND = boundGraph({
  tables: {
    [CUSTOMERS_TABLE]: { columns: { id: { type: 'int' }, name: { type: 'text' } } },
    [ORDERS_TABLE]: { columns: { id: { type: 'int' }, customer_id: { type: 'int' }, total: { type: 'decimal', p: 12, s: 2 } } },
  },
  sheets: {
    'sales.customers': {
      rows: '=shop!customers',
      columns: {
        orders: '=COUNTIFS(shop!orders[customer_id], [@id])',
        spent: '=SUMIFS(shop!orders[total], shop!orders[customer_id], [@id])',
      },
    },
    'sales.orders': {
      rows: '=shop!orders',
      columns: { customer: '=XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")' },
    },
  },
})

/** The orders as both engines have them. */
class Orders {
  readonly #customers = new Int32Array(ORDERS)
  readonly #cents = new Int32Array(ORDERS)
  readonly #random = new Random(5).next

  constructor() {
    for (let id = 0; id < ORDERS; id++) {
      this.#customers[id] = this.#draw(CUSTOMERS)
      this.#cents[id] = this.#draw(100_000)
    }
  }

  customer(id: number): number {
    return this.#customers[id] ?? 0
  }

  total(id: number): number {
    return this.#cents[id] ?? 0
  }

  row(id: number): RowJson {
    const cents = this.total(id)
    return [id, this.customer(id), `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`]
  }

  /** Changes a random order and says which. */
  update(): number {
    const id = this.#draw(ORDERS)
    this.#cents[id] = this.#draw(100_000)
    if (this.#random() < 0.1) this.#customers[id] = this.#draw(CUSTOMERS)
    return id
  }

  #draw(below: number): number {
    return Math.floor(this.#random() * below)
  }
}

/** Updates are drawn before the clock starts. Each engine gets updates of its own, from the same orders: none reads what the other was given. */
function sheetflow(graph: LoadedGraph, orders: Orders, rows: number): Contender {
  return {
    who: 'sheetflow',
    run: async () => {
      const steps: RowChange[][] = []
      while (steps.length * rows < UPDATES) {
        const ids = new Set<number>()
        while (ids.size < rows) ids.add(orders.update())
        steps.push([...ids].map((id): RowChange => ['u', [id], orders.row(id), null]))
      }
      let changed = 0
      const measured = await timed(UPDATES, () => {
        for (const step of steps) changed += graph.step(ORDERS_TABLE, step)
      })
      if (changed < UPDATES) throw new Error(`${changed} rows changed`)
      return measured
    },
  }
}

function handWritten(limit: HandWritten, orders: Orders): Contender {
  return {
    who: 'limit: hand-written',
    run: async () => {
      const updates = Array.from({ length: UPDATES }, () => {
        const id = orders.update()
        return { id, customer: orders.customer(id), cents: orders.total(id) }
      })
      let changed = 0
      const measured = await timed(UPDATES, () => {
        for (const { id, customer, cents } of updates) changed += limit.update(id, customer, cents).length
      })
      if (changed < UPDATES) throw new Error(`${changed} rows changed`)
      return measured
    },
  }
}

interface LoadedGraph {
  /** One transaction; answers how many rows of views changed. */
  step(table: string, rows: readonly RowChange[]): number
}

function loadedGraph(orders: Orders): LoadedGraph {
  const graph = new Graph({ name: 'sales', compile: () => ({ graph: BOUND }) })
  let offset = 0
  const piece = (message: object, kind: TransactionPiece['kind']): void => {
    graph.source('shop', { kind, offset: 0, message: { v: 1, tx: 't', first: 0, ...message } } as TransactionPiece)
  }
  const commit = (): number => {
    offset += 1
    const { views } = graph.commit(AT, [], { SF_SRC_shop: { epoch: 1, offset } })
    return views.reduce((sum, view) => sum + view.rows.length, 0)
  }
  const step = (id: string, rows: readonly RowChange[]): number => {
    piece({ table: id.slice(id.indexOf('!') + 1), schema: 1, rows }, 'rows')
    return commit()
  }
  const control = (sketch: ControlSketch): void => {
    piece({ state: { origin: { system: '', timeline: '', slot: '' }, epochs: [], tables: {} }, ...sketch }, 'control')
    commit()
  }
  const tables = BOUND.tables.map(({ schema }) => schema.table)
  for (const { schema } of BOUND.tables) piece(schema, 'schema')
  commit()
  control({ kind: 'start', run: 1, tables })
  graph.inbox({ v: 1, kind: 'deploy', version: '1', files: {}, ids: {}, language: 1, now: AT })
  commit()
  for (let at = 0; at < CUSTOMERS; at += 1_000)
    step(
      CUSTOMERS_TABLE,
      snapshotRows(1_000, (i) => [at + i, `Customer ${at + i}`]),
    )
  for (let at = 0; at < ORDERS; at += 1_000)
    step(
      ORDERS_TABLE,
      snapshotRows(1_000, (i) => orders.row(at + i)),
    )
  control({ kind: 'loaded', run: 1, tables })
  for (const want of graph.wants()) if (want.kind === 'activate') graph.inbox({ v: 1, kind: 'activate', version: want.version })
  commit()
  return { step }
}

function snapshotRows(count: number, row: (i: number) => RowJson): RowChange[] {
  return Array.from({ length: count }, (_, i) => {
    const made = row(i)
    return ['r', [made[0] ?? null], made, null]
  })
}
