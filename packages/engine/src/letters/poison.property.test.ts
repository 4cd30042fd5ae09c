import { must } from '@sheetflow/core/assert'
import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import { boundGraph } from '@sheetflow/testkit/bound-graph'
import { runs } from '@sheetflow/testkit/runs'
import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import type { Want } from '../graph/want.ts'
import { deployment, GraphBench } from '../testing/graph-bench.ts'
import { anyTransaction } from '../testing/shop-history.ts'
import type { TableChange } from '../testing/shop-history.ts'
import { SHOP } from '../testing/sketches.ts'
import { World } from '../testing/world.ts'

const RUNS = runs(60, 3_000)
/** The sheets of the shop, and each table as it is. */
const PLAIN = { 'p.orders': 'shop!public.orders', 'p.customers': 'shop!public.customers', 'p.regions': 'crm!public.regions' } as const
const SHEETS = { 'p.orders': { rows: '=shop!orders' }, 'p.customers': { rows: '=shop!customers' }, 'p.regions': { rows: '=crm!regions' } }
const GRAPH = boundGraph({ ...SHOP, sheets: { ...SHOP.sheets, ...SHEETS } })

/** How a change reaches the bus. `answer`: wants of the graph are answered behind its transaction. */
const how = fc.record({
  kinds: fc.array(fc.constantFrom('right', 'right', 'right', 'husk', 'short', 'key', 'cell', 'other'), { minLength: 1, maxLength: 7 }),
  dead: fc.integer({ min: 0, max: 12 }).map((n) => n === 0),
  answer: fc.boolean(),
})

describe('poison among changes', () => {
  it('no view is wrong and says that it is ready; rows beside the poison are right; what is answered heals', () => {
    const property = fc.property(fc.array(fc.tuple(anyTransaction, how), { minLength: 1, maxLength: 14 }), (history) => {
      const shop = new PoisonedShop()
      for (const [changes, { kinds, dead, answer }] of history) {
        shop.change(changes, kinds, dead)
        shop.check()
        if (!answer) continue
        shop.answer()
        shop.check()
      }
      for (let turn = 0; turn < 4; turn++) shop.answer()
      expect(shop.bench.graph.letters.open).toEqual([])
      for (const { status } of shop.bench.reader.views.values()) expect(status).toBe('ready')
      shop.world.expectRead(shop.bench.reader)
    })
    fc.assert(property, { numRuns: RUNS })
  })
})

/** The shop, of which some changes come to its graph other than they are. */
class PoisonedShop {
  readonly world = new World(GRAPH)
  readonly bench = new GraphBench({ a: GRAPH })
  #run = 1
  readonly #answered = new Set<string>()

  constructor() {
    this.bench.start('a', GRAPH)
    expect(this.bench.graph.active?.deployment.version).toBe(deployment('a').version)
  }

  change(changes: readonly TableChange[], kinds: readonly string[], dead: boolean): void {
    this.world.apply(changes)
    let n = 0
    const poison = (row: RowChange): RowChange => poisoned(row, must(kinds[n++ % kinds.length]))
    for (const [table, ...rows] of changes) {
      const [source = '', name = ''] = table.split('!')
      if (dead) this.bench.enterDead(source, name)
      else this.bench.enter([table, ...rows.map(poison)])
    }
    this.bench.commit()
  }

  /** What the graph asks its sources for, as they are now. */
  answer(): void {
    for (const want of this.bench.graph.wants()) {
      if (this.#answered.has(want.id) || want.kind === 'activate') continue
      this.#answered.add(want.id)
      if (want.kind === 'reread') this.bench.rows([`${want.source}!${want.table}`, ...want.keys.map((key) => this.#read(want, key))])
      else this.#snapshot(want)
    }
  }

  /** Views that are ready are right as a whole; of tables the rows without a letter. */
  check(): void {
    const { letters } = this.bench.graph
    const right = this.world.recomputed()
    for (const [view, { status, rows }] of this.bench.reader.views) {
      const wanted = right[view]
      if (wanted === undefined) continue
      if (status === 'ready') {
        expect({ view, rows: sorted([...rows.values()]) }).toEqual({ view, rows: sorted(wanted) })
        continue
      }
      const id = PLAIN[view as keyof typeof PLAIN]
      const meant = letters.open.filter(({ source, table }) => `${source ?? ''}!${table ?? ''}` === id)
      if (id === undefined || meant.some(({ key }) => key === null)) continue
      const doubtful = new Set(meant.map(({ key }) => JSON.stringify(key)))
      const width = id.startsWith('crm') ? 2 : 1
      const sound = (all: readonly RowJson[]): RowJson[] => all.filter((row) => !doubtful.has(JSON.stringify(row.slice(0, width))))
      expect({ view, rows: sorted(sound([...rows.values()])) }).toEqual({ view, rows: sorted(sound(wanted)) })
    }
  }

  #read({ source, table }: Extract<Want, { kind: 'reread' }>, text: readonly string[]): RowChange {
    const model = must(this.world.models.get(`${source}!${table}`))
    const key: KeyJson = table === 'public.orders' ? text.map(Number) : text
    const row = model.rows().find((one) => key.every((part, i) => one[i] === part))
    return row === undefined ? ['d', key, null, null] : ['r', key, row, null]
  }

  #snapshot({ source, tables }: Extract<Want, { kind: 'resnapshot' }>): void {
    this.#run += 1
    this.bench.control(source, { kind: 'start', run: this.#run, tables })
    for (const table of tables) {
      const model = must(this.world.models.get(`${source}!${table}`))
      const width = source === 'crm' ? 2 : 1
      this.bench.rows([`${source}!${table}`, ...model.rows().map((row): RowChange => ['r', row.slice(0, width), row, null])])
    }
    this.bench.control(source, { kind: 'loaded', run: this.#run, tables })
  }
}

/** The change as a broken writer might have put it on the bus. */
function poisoned(row: RowChange, kind: string): RowChange {
  const [op, key, after] = row
  const bad = (value: unknown): never => value as never
  switch (kind) {
    case 'husk':
      return ['u', key ?? [], [], null]
    case 'key':
      return [op === 't' ? 'd' : op, bad([{ x: 1 }]), op === 't' ? null : after, null]
    case 'short':
      return after === null ? row : [op, key, after.slice(0, -1), null]
    case 'cell':
      return after === null ? row : [op, key, [...after.slice(0, -1), bad({ x: 1 })], null]
    case 'other':
      return after === null || typeof after[0] !== 'number' ? row : [op, key, [after[0] + 1, ...after.slice(1)], null]
    default:
      return row
  }
}

function sorted(rows: readonly (readonly unknown[])[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort()
}
