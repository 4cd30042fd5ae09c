import type { EngineCase, Scale } from '../engine-case.ts'
import { Chain } from '../limits/chain.ts'
import { handWritten } from '../limits/hand-written.ts'
import type { WorkbookText } from '../live-workbook.ts'
import { money } from '../money.ts'
import { orderUpdates } from '../reference.ts'
import { sheetflowEngine } from '../sheetflow-side.ts'
import { orderChange, Shop, SHOP_TABLES, shopRows } from '../shop.ts'
import type { OrderUpdate } from '../shop.ts'

/** Six sheets, each of which reads the one before: columns, a filter, a lookup, groups, columns of groups, groups of groups. All six are views. */
export function chain(scale: Scale): readonly EngineCase[] {
  return [
    {
      name: 'chain of 6 sheets',
      rows: scale.rows,
      phases: [
        { id: 'one', name: '1 a transaction', unit: 'updates', latency: true },
        { id: 'thousand', name: '1,000 a transaction', unit: 'updates' },
      ],
      contenders: [
        {
          who: 'sheetflow',
          open: (at) => {
            const shop = new Shop(at.rows)
            return sheetflowEngine({
              workbook: CHAIN,
              rows: shopRows(shop),
              workload: orderUpdates(shop, at),
              changes: (updates: readonly OrderUpdate[]) => [['public.orders', updates.map(orderChange)]],
            })
          },
        },
        {
          who: 'limit: hand-written',
          open: (at) => {
            const shop = new Shop(at.rows)
            return handWritten(shop.orders + shop.customers, () => new Chain(shop), orderUpdates(shop, at), {
              'sales.lines': ([id, customer, total, gross]) => [id, customer, money(Number(total)), money(Number(gross))],
              'sales.big': ([id, customer, gross, fee]) => [id, customer, money(Number(gross)), money(Number(fee))],
              'sales.named': ([id, fee, name]) => [id, money(Number(fee)), name],
              'sales.spending': ([name, n, spent]) => [name, n, money(Number(spent))],
              'sales.tiers': ([name, spent, tier]) => [name, money(Number(spent)), tier],
              'sales.summary': ([tier, n, spent]) => [tier, n, money(Number(spent))],
            })
          },
        },
      ],
    },
  ]
}

const CHAIN: WorkbookText = {
  files: {
    'sales/workbook.yaml': 'time_zone: Europe/Warsaw\n',
    'sales/lines.sheet.yaml': sheet('=shop!orders', 'customer_id, total', { gross: '=ROUND([@total]*1.23, 2)' }),
    'sales/big.sheet.yaml': sheet('=FILTER(lines, lines[gross]>=100)', 'customer_id, gross', { fee: '=[@gross]+1.5' }),
    'sales/named.sheet.yaml': sheet('=big', 'fee', { customer: '=XLOOKUP([@customer_id], shop!customers[id], shop!customers[name], "?")' }),
    'sales/spending.sheet.yaml': sheet('=GROUPBY(named[customer])', '', { orders: '=ROWS([id])', spent: '=SUM([fee])' }),
    'sales/tiers.sheet.yaml': sheet('=spending', 'spent', { tier: '=IF([@spent]>=6000, "gold", IF([@spent]>=3000, "silver", "base"))' }),
    'sales/summary.sheet.yaml': sheet('=GROUPBY(tiers[tier])', '', { customers: '=ROWS([customer])', spent: '=SUM([spent])' }),
  },
  tables: SHOP_TABLES,
}

function sheet(rows: string, keep: string, columns: Readonly<Record<string, string>>): string {
  const formulas = Object.entries(columns).map(([name, formula]) => `  ${name}: ${formula}`)
  return [`rows: ${rows}`, ...(keep === '' ? [] : [`keep: [${keep}]`]), 'columns:', ...formulas, 'read: {clerk: all}', ''].join('\n')
}
