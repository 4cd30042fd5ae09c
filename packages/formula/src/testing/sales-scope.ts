import { Decimal } from '@sheetflow/core/decimal'
import type { NamedLookup, Scope, ScopeRelation } from '../bind/scope.ts'
import { plainRelation } from '../calculator/plain-table.ts'
import { parseFormula } from '../syntax/parse.ts'
import { CUSTOMERS, ORDERS } from './shop.ts'

/** `open_orders`: a sheet of the workbook; its column `gone` has been dropped by the source. */
const OPEN_ORDERS: ScopeRelation = withDropped(plainRelation({ ...ORDERS, id: 'sales.open_orders' }))

function withDropped(relation: ScopeRelation): ScopeRelation {
  return {
    ...relation,
    label: 'open_orders',
    column: (name) => (name.toLowerCase() === 'gone' ? { kind: 'dropped', name: 'gone' } : relation.column(name)),
  }
}

const NAMED: ReadonlyMap<string, NamedLookup> = new Map<string, NamedLookup>(
  Object.entries({
    vat: { kind: 'constant', value: Decimal.parse('0.23'), type: { type: 'decimal' } },
    total_sales: {
      kind: 'formula',
      view: 'sales.sales_values',
      column: { kind: 'column', index: 0, name: 'TOTAL_SALES', type: { type: 'decimal' }, nullable: false },
      live: true,
    },
    gross: { kind: 'function', name: 'GROSS', node: parseFormula('=LAMBDA(net, rate, ROUND(net*(1+rate), 2))').node },
  }),
)

/** The scope of a column formula of a sheet over the shop's orders, with values under `values`: what the language service is tested in. */
export const SALES: Scope = {
  workbook: 'sales',
  timeZone: 'Europe/Warsaw',
  row: plainRelation(ORDERS),
  relation: (source, table) => {
    const wanted = (source === null ? table : `${source}!${table}`).toLowerCase()
    const found = [plainRelation(ORDERS), plainRelation(CUSTOMERS), OPEN_ORDERS].find((one) => one.label.toLowerCase() === wanted)
    return found === undefined ? null : { kind: 'relation', relation: found }
  },
  relationNames: () => ['shop!orders', 'shop!customers', 'open_orders'],
  named: (name) => NAMED.get(name.toLowerCase()) ?? null,
  names: () => ['VAT', 'TOTAL_SALES', 'GROSS'],
}

/** The same without a row: the formula of `rows:`. */
export const SALES_ROWS: Scope = { ...SALES, row: null }

/** A text with the cursor at `|`. */
export function cursorIn(marked: string): { readonly text: string; readonly offset: number } {
  const offset = marked.indexOf('|')
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset }
}
