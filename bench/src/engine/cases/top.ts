import { Random } from '@sheetflow/testkit/random'
import type { EngineCase, Scale } from '../engine-case.ts'
import { handWritten } from '../limits/hand-written.ts'
import { TopRows } from '../limits/top-rows.ts'
import type { RowComesOrGoes } from '../limits/top-rows.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { money } from '../money.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { Shop, SHOP_TABLES, shopRows } from '../shop.ts'
import type { Workload } from '../stepping.ts'

const CENTS = 100_000_000
const SHOWN = 100

/** The 100 greatest of a million: the first one is deleted, and the 101st moves up; then it comes again somewhere. */
export function top(scale: Scale): readonly EngineCase[] {
  const shop = (): Shop => new Shop(scale.rows, 1, CENTS)
  return [
    {
      name: 'top 100, deletes at the top',
      rows: scale.rows,
      phases: [{ id: 'one', name: '', unit: 'transactions', latency: true }],
      contenders: [
        {
          who: 'sheetflow',
          open: (at) => {
            const of = shop()
            return sheetflowEngine({
              workbook: TOP,
              rows: { 'public.orders': shopRows(of)['public.orders'] ?? { count: 0, row: () => [] } },
              workload: topDeletes(of, at),
              changes: ({ id, cents, before }: RowComesOrGoes) => [
                ['public.orders', [cents === null ? ['d', [id], null, [id, 0, money(before)]] : ['c', [id], [id, 0, money(cents)], null]]],
              ],
            })
          },
        },
        {
          who: 'limit: hand-written',
          open: (at) => {
            const of = shop()
            return handWritten(of.orders, () => new TopRows(of, SHOWN), topDeletes(of, at), {
              'sales.top': ([id, cents]) => [id, money(Number(cents))],
            })
          },
        },
      ],
    },
  ]
}

const TOP: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/top.sheet.yaml': `rows: =TAKE(SORTBY(shop!orders, shop!orders[total], -1), ${SHOWN})
keep: [id, total]
read: {clerk: all}
`,
  },
  tables: SHOP_TABLES,
}

/** What stands at the top is known by a model of its own. */
function topDeletes(shop: Shop, { transactions }: Scale): Workload<RowComesOrGoes> {
  const model = new TopRows(shop, SHOWN)
  const random = new Random(11)
  const some = (count: number): RowComesOrGoes[] => {
    const made: RowComesOrGoes[] = []
    const add = (one: RowComesOrGoes): void => {
      model.step(one)
      made.push(one)
    }
    while (made.length < count) {
      const { id, cents } = model.first
      add({ id, cents: null, before: cents })
      add({ id, cents: random.below(CENTS), before: 0 })
    }
    return made
  }
  return { round: () => some(transactions), items: () => 1, sweep: () => some(400) }
}
