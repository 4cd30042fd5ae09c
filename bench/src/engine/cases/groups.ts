import type { EngineCase, Scale } from '../engine-case.ts'
import { handWritten } from '../limits/hand-written.ts'
import type { HandWritten, OutRow } from '../limits/hand-written.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { orderUpdates } from '../reference.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { orderChange, Shop, SHOP_TABLES, shopRows } from '../shop.ts'
import type { OrderUpdate } from '../shop.ts'
import { money } from '../money.ts'

/** How many groups, of a million rows. */
const GROUPS = [1_000, 500_000]
const MILLION = 1_000_000

/** GROUPBY with a count and a sum: one update in ten moves its row to another group; of many groups some appear and vanish. */
export function groups(scale: Scale): readonly EngineCase[] {
  return GROUPS.map((of) => {
    const count = Math.max(2, Math.floor((of * scale.rows) / MILLION))
    const shop = (): Shop => new Shop(scale.rows, count)
    return {
      name: `GROUPBY into ${of.toLocaleString('en-US')} groups`,
      rows: scale.rows,
      loads: 1,
      phases: [
        { id: 'one', name: '1 a transaction', unit: 'updates', latency: true },
        { id: 'thousand', name: '1,000 a transaction', unit: 'updates' },
      ],
      contenders: [
        {
          who: 'sheetflow',
          open: (at) => {
            const made = shop()
            return sheetflowEngine({
              workbook: GROUPBY,
              rows: { 'public.orders': shopRows(made)['public.orders'] ?? { count: 0, row: () => [] } },
              workload: orderUpdates(made, at),
              changes: (updates: readonly OrderUpdate[]) => [['public.orders', updates.map(orderChange)]],
            })
          },
        },
        {
          who: 'limit: hand-written',
          open: (at) => {
            const made = shop()
            return handWritten(made.orders, () => new Groups(made), orderUpdates(made, at), {
              'sales.groups': ([id, n, cents]) => [id, n, money(Number(cents))],
            })
          },
        },
      ],
    }
  })
}

const GROUPBY: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/groups.sheet.yaml': `rows: =GROUPBY(shop!orders[customer_id])
columns:
  orders: =ROWS([id])
  spent: =SUM([total])
read: {clerk: all}
`,
  },
  tables: SHOP_TABLES,
}

class Groups implements HandWritten<readonly OrderUpdate[]> {
  readonly #groupOf: Int32Array
  readonly #centsOf: Int32Array
  readonly #counts: Int32Array
  readonly #sums: Float64Array
  /** The transaction in which a group was touched last. */
  readonly #touched: Int32Array
  #transaction = 0

  constructor(shop: Shop) {
    this.#groupOf = new Int32Array(shop.orders)
    this.#centsOf = new Int32Array(shop.orders)
    this.#counts = new Int32Array(shop.customers)
    this.#sums = new Float64Array(shop.customers)
    this.#touched = new Int32Array(shop.customers)
    for (let id = 0; id < shop.orders; id++) this.#add(id, shop.order(id).customer, shop.order(id).cents)
  }

  step(updates: readonly OrderUpdate[]): OutRow[] {
    this.#transaction += 1
    const touched: number[] = []
    for (const { after } of updates) {
      const before = this.#groupOf[after.id] ?? 0
      this.#touch(before, touched)
      this.#counts[before] = (this.#counts[before] ?? 0) - 1
      this.#sums[before] = (this.#sums[before] ?? 0) - (this.#centsOf[after.id] ?? 0)
      this.#touch(after.customer, touched)
      this.#add(after.id, after.customer, after.cents)
    }
    return touched.map((group) => this.#out(group))
  }

  #touch(group: number, touched: number[]): void {
    if (this.#touched[group] === this.#transaction) return
    this.#touched[group] = this.#transaction
    touched.push(group)
  }

  #add(id: number, group: number, cents: number): void {
    this.#groupOf[id] = group
    this.#centsOf[id] = cents
    this.#counts[group] = (this.#counts[group] ?? 0) + 1
    this.#sums[group] = (this.#sums[group] ?? 0) + cents
  }

  #out(group: number): OutRow {
    const count = this.#counts[group] ?? 0
    return { view: 'sales.groups', key: group, cells: count === 0 ? null : [group, count, this.#sums[group] ?? 0] }
  }
}
