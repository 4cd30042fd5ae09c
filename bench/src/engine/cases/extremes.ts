import { Random } from '@sheetflow/testkit/random'
import type { EngineCase, Scale } from '../engine-case.ts'
import { handWritten } from '../limits/hand-written.ts'
import type { HandWritten, OutRow } from '../limits/hand-written.ts'
import { IndexedHeap } from '../limits/indexed-heap.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { money } from '../money.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { Shop, SHOP_TABLES, shopRows } from '../shop.ts'
import type { Workload } from '../stepping.ts'

/** So many that hardly two orders have the same total: the least one goes, and another value is the least. */
const CENTS = 1_000_000_000

interface NewTotal {
  readonly id: number
  readonly cents: number
}

/** MIN and MAX of one group of a million rows: in each transaction the row that has the least or the greatest value gets one in the middle. */
export function extremes(scale: Scale): readonly EngineCase[] {
  const shop = (): Shop => new Shop(scale.rows, 1, CENTS)
  return [
    {
      name: 'MIN and MAX retracted, one group',
      rows: scale.rows,
      phases: [{ id: 'one', name: '', unit: 'transactions', latency: true }],
      contenders: [
        {
          who: 'sheetflow',
          open: (at) => {
            const of = shop()
            return sheetflowEngine({
              workbook: EXTREMES,
              rows: shopRows(of),
              workload: retractions(of, at),
              changes: ({ id, cents }: NewTotal) => [['public.orders', [['u', [id], [id, 0, money(cents)], null]]]],
            })
          },
        },
        {
          who: 'limit: hand-written',
          open: (at) => {
            const of = shop()
            return handWritten(of.orders, () => new Extremes(of), retractions(of, at), {
              'sales.customers': ([id, least, greatest]) => [id, money(Number(least)), money(Number(greatest))],
            })
          },
        },
      ],
    },
  ]
}

const EXTREMES: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/customers.sheet.yaml': `rows: =shop!customers
keep: [id]
columns:
  least: =MINIFS(shop!orders[total], shop!orders[customer_id], [@id])
  greatest: =MAXIFS(shop!orders[total], shop!orders[customer_id], [@id])
read: {clerk: all}
`,
  },
  tables: SHOP_TABLES,
}

/** What is at the ends is known by a model of its own. */
function retractions(shop: Shop, { transactions }: Scale): Workload<NewTotal> {
  const model = new Extremes(shop)
  const random = new Random(7)
  const some = (count: number): NewTotal[] =>
    Array.from({ length: count }, (_, i) => {
      const made = { id: i % 2 === 0 ? model.least : model.greatest, cents: CENTS / 4 + random.below(CENTS / 2) }
      model.step(made)
      return made
    })
  return { round: () => some(transactions), items: () => 1, sweep: () => some(100) }
}

class Extremes implements HandWritten<NewTotal> {
  readonly #cents: Float64Array
  readonly #least: IndexedHeap
  readonly #greatest: IndexedHeap

  constructor(shop: Shop) {
    this.#cents = new Float64Array(shop.orders)
    this.#least = new IndexedHeap(this.#cents, 1)
    this.#greatest = new IndexedHeap(this.#cents, -1)
    for (let id = 0; id < shop.orders; id++) {
      this.#cents[id] = shop.order(id).cents
      this.#least.add(id)
      this.#greatest.add(id)
    }
  }

  get least(): number {
    return this.#least.first
  }

  get greatest(): number {
    return this.#greatest.first
  }

  step({ id, cents }: NewTotal): OutRow[] {
    const before = [this.#cents[this.least], this.#cents[this.greatest]]
    this.#cents[id] = cents
    this.#least.moved(id)
    this.#greatest.moved(id)
    const least = this.#cents[this.least] ?? 0
    const greatest = this.#cents[this.greatest] ?? 0
    return least === before[0] && greatest === before[1] ? [] : [{ view: 'sales.customers', key: 0, cells: [0, least, greatest] }]
  }
}
