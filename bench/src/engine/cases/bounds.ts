import { Random } from '@sheetflow/testkit/random'
import type { EngineCase, Scale } from '../engine-case.ts'
import { handWritten } from '../limits/hand-written.ts'
import type { HandWritten, OutRow } from '../limits/hand-written.ts'
import { OrderLists } from '../limits/order-lists.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { money } from '../money.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { orderChange, Shop, SHOP_TABLES, shopRows } from '../shop.ts'
import type { OrderUpdate } from '../shop.ts'
import type { Workload } from '../stepping.ts'

const CENTS = 100_000
/** How often it is a bound that changes, and not an order. */
const BOUNDS = 0.1

/** An order changes, or the bound of a customer. */
type Edit = { readonly order: OrderUpdate } | { readonly customer: number; readonly cents: number }

/** SUMIFS and COUNTIFS of a customer's orders from a total on that stands in the customer's row; one time in ten this bound is what changes. */
export function bounds(scale: Scale): readonly EngineCase[] {
  return [
    {
      name: 'SUMIFS with a bound per row',
      rows: scale.rows,
      phases: [{ id: 'one', name: '', unit: 'updates', latency: true }],
      contenders: [
        {
          who: 'sheetflow',
          open: (at) => {
            const shop = new Shop(at.rows)
            return sheetflowEngine({
              workbook: BOUNDED,
              rows: { ...shopRows(shop), 'public.customers': { count: shop.customers, row: (id) => [id, money(boundOf(id))] } },
              workload: edits(shop, at),
              changes: (edit: Edit) => [
                'order' in edit
                  ? ['public.orders', [orderChange(edit.order)]]
                  : ['public.customers', [['u', [edit.customer], [edit.customer, money(edit.cents)], null]]],
              ],
            })
          },
        },
        {
          who: 'limit: hand-written',
          open: (at) => {
            const shop = new Shop(at.rows)
            return handWritten(shop.orders + shop.customers, () => new Bounded(shop), edits(shop, at), {
              'sales.customers': ([id, bound, count, cents]) => [id, money(Number(bound)), count, money(Number(cents))],
            })
          },
        },
      ],
    },
  ]
}

const BOUNDED: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/customers.sheet.yaml': `rows: =shop!customers
keep: [id, bound]
columns:
  dear: =COUNTIFS(shop!orders[customer_id], [@id], shop!orders[total], ">="&[@bound])
  spent: =SUMIFS(shop!orders[total], shop!orders[customer_id], [@id], shop!orders[total], ">="&[@bound])
read: {clerk: all}
`,
  },
  tables: { ...SHOP_TABLES, 'public.customers': { columns: { id: { type: 'int' }, bound: { type: 'decimal', p: 12, s: 2 } } } },
}

/** To begin with. */
function boundOf(customer: number): number {
  return (customer * 7_919) % CENTS
}

function edits(shop: Shop, { transactions }: Scale): Workload<Edit> {
  const random = new Random(13)
  const some = (count: number): Edit[] =>
    shop
      .transactions(count, 1)
      .flatMap((updates) =>
        random.chance(BOUNDS)
          ? [{ customer: random.below(shop.customers), cents: random.below(CENTS) }]
          : updates.map((order): Edit => ({ order })),
      )
  return { round: () => some(transactions), items: () => 1, sweep: () => some(Math.min(transactions, 5_000)) }
}

class Bounded implements HandWritten<Edit> {
  readonly #customerOf: Int32Array
  readonly #centsOf: Int32Array
  readonly #bounds: Int32Array
  readonly #counts: Int32Array
  readonly #sums: Float64Array
  readonly #lists: OrderLists

  constructor(shop: Shop) {
    this.#customerOf = new Int32Array(shop.orders)
    this.#centsOf = new Int32Array(shop.orders)
    this.#bounds = Int32Array.from({ length: shop.customers }, (_, id) => boundOf(id))
    this.#counts = new Int32Array(shop.customers)
    this.#sums = new Float64Array(shop.customers)
    this.#lists = new OrderLists(shop.orders, shop.customers)
    for (let id = 0; id < shop.orders; id++) {
      const { customer, cents } = shop.order(id)
      this.#put(id, customer, cents)
      this.#lists.link(id, customer)
    }
  }

  step(edit: Edit): OutRow[] {
    return 'order' in edit ? this.#order(edit.order) : this.#bound(edit.customer, edit.cents)
  }

  #order({ after: { id, customer, cents } }: OrderUpdate): OutRow[] {
    const before = this.#customerOf[id] ?? 0
    const gone = this.#add(before, this.#centsOf[id] ?? 0, -1)
    const come = this.#put(id, customer, cents)
    if (before !== customer) {
      this.#lists.unlink(id, before)
      this.#lists.link(id, customer)
    }
    const out: OutRow[] = []
    if (gone && before !== customer) out.push(this.#out(before))
    if (come || (gone && before === customer)) out.push(this.#out(customer))
    return out
  }

  #bound(customer: number, cents: number): OutRow[] {
    this.#bounds[customer] = cents
    this.#counts[customer] = 0
    this.#sums[customer] = 0
    const { heads, next } = this.#lists
    for (let id = heads[customer] ?? -1; id !== -1; id = next[id] ?? -1) this.#add(customer, this.#centsOf[id] ?? 0, 1)
    return [this.#out(customer)]
  }

  #put(id: number, customer: number, cents: number): boolean {
    this.#customerOf[id] = customer
    this.#centsOf[id] = cents
    return this.#add(customer, cents, 1)
  }

  /** Does it lie within the bound? Then it counts. */
  #add(customer: number, cents: number, sign: 1 | -1): boolean {
    if (cents < (this.#bounds[customer] ?? 0)) return false
    this.#counts[customer] = (this.#counts[customer] ?? 0) + sign
    this.#sums[customer] = (this.#sums[customer] ?? 0) + sign * cents
    return true
  }

  #out(id: number): OutRow {
    return { view: 'sales.customers', key: id, cells: [id, this.#bounds[id] ?? 0, this.#counts[id] ?? 0, this.#sums[id] ?? 0] }
  }
}
