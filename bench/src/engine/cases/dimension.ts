import type { EngineCase, Scale } from '../engine-case.ts'
import { handWritten } from '../limits/hand-written.ts'
import type { HandWritten, OutRow } from '../limits/hand-written.ts'
import { OrderLists } from '../limits/order-lists.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { customerName, Shop, SHOP_TABLES, shopRows } from '../shop.ts'
import type { Workload } from '../stepping.ts'

/** Orders of one customer. */
const DEPENDENTS = 100_000

interface Rename {
  readonly customer: number
  readonly name: string
  readonly dependents: number
}

/** One customer gets another name, and the 100,000 orders that look it up follow, in one transaction. What is counted is orders. */
export function dimension(scale: Scale): readonly EngineCase[] {
  const shop = (): Shop => new Shop(scale.rows, Math.max(2, Math.floor(scale.rows / DEPENDENTS)))
  return [
    {
      name: 'dimension change',
      rows: scale.rows,
      phases: [{ id: 'rename', name: '100,000 dependents', unit: 'affected rows', latency: true }],
      contenders: [
        {
          who: 'sheetflow',
          open: () => {
            const of = shop()
            return sheetflowEngine({
              workbook: NAMES,
              rows: shopRows(of),
              workload: renames(of),
              changes: ({ customer, name }: Rename) => [['public.customers', [['u', [customer], [customer, name], null]]]],
            })
          },
        },
        {
          who: 'limit: hand-written',
          open: () => {
            const of = shop()
            return handWritten(of.orders + of.customers, () => new Names(of), renames(of))
          },
        },
      ],
    },
  ]
}

const NAMES: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/orders.sheet.yaml': `rows: =shop!orders
keep: [id, customer_id]
columns:
  customer: =XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")
read: {clerk: all}
`,
  },
  tables: SHOP_TABLES,
}

/** Each customer once a round. */
function renames(shop: Shop): Workload<Rename> {
  const dependents = new Int32Array(shop.customers)
  for (let id = 0; id < shop.orders; id++) {
    const { customer } = shop.order(id)
    dependents[customer] = (dependents[customer] ?? 0) + 1
  }
  const all = (suffix: string): Rename[] =>
    [...dependents].map((count, customer) => ({ customer, name: `${customerName(customer)} ${suffix}`, dependents: count }))
  return {
    round: (_, round) => all(`as of ${round}`),
    items: (rename) => rename.dependents,
    sweep: () => all('at last').slice(0, 2),
  }
}

class Names implements HandWritten<Rename> {
  readonly #names: string[]
  readonly #lists: OrderLists

  constructor(shop: Shop) {
    this.#names = Array.from({ length: shop.customers }, (_, id) => customerName(id))
    this.#lists = new OrderLists(shop.orders, shop.customers)
    for (let id = 0; id < shop.orders; id++) this.#lists.link(id, shop.order(id).customer)
  }

  step({ customer, name }: Rename): OutRow[] {
    const out: OutRow[] = []
    if (this.#names[customer] === name) return out
    this.#names[customer] = name
    const { heads, next } = this.#lists
    for (let id = heads[customer] ?? -1; id !== -1; id = next[id] ?? -1)
      out.push({ view: 'sales.orders', key: id, cells: [id, customer, name] })
    return out
  }
}
