import type { SumsOut } from '../limits/sums-and-names.ts'
import { customerName } from '../shop.ts'
import type { OrderRow, OrderUpdate } from '../shop.ts'
import { importRival } from './install.ts'
import type { ReferenceRival } from './sums-by-hand.ts'

/**
 * HyperFormula: the same formulas in cells, `COUNTIFS` and `SUMIFS` beside each customer, `XLOOKUP` beside each order, with its column index. A
 * transaction is a batch of cell edits, so that it computes once.
 */
export async function hyperFormulaRival(folder: string | null): Promise<ReferenceRival<readonly OrderUpdate[]>> {
  const { HyperFormula } = await importRival<HyperFormulaModule>(folder, 'hyperformula/es/index.mjs')
  let book: Book | undefined
  return {
    load: (shop) => {
      const ids = `customers!$A$1:$A$${shop.customers}`
      const names = `customers!$B$1:$B$${shop.customers}`
      const of = `orders!$B$1:$B$${shop.orders}`
      const totals = `orders!$C$1:$C$${shop.orders}`
      const orders = Array.from({ length: shop.orders }, (_, id) => {
        const { customer, cents } = shop.order(id)
        return [id, customer, cents, `=XLOOKUP(B${id + 1},${ids},${names},"?")`]
      })
      const customers = Array.from({ length: shop.customers }, (_, id) => [
        id,
        customerName(id),
        `=COUNTIFS(${of},A${id + 1})`,
        `=SUMIFS(${totals},${of},A${id + 1})`,
      ])
      book = HyperFormula.buildFromSheets({ orders, customers }, { licenseKey: 'gpl-v3', useColumnIndex: true })
    },
    prepare: (updates) => updates,
    step: (updates) => {
      if (book === undefined) throw new Error('nothing was loaded')
      return edit(book, updates)
    },
  }
}

/** Sheets by number, in the order in which they were given. */
const ORDERS = 0
const CUSTOMERS = 1

interface Address {
  readonly sheet: number
  readonly row: number
  readonly col: number
}
interface Book {
  batch(edits: () => void): readonly { readonly address?: Address }[]
  setCellContents(address: Address, values: readonly (readonly unknown[])[]): unknown
  getCellValue(address: Address): unknown
}
interface HyperFormulaModule {
  readonly HyperFormula: { buildFromSheets(sheets: object, options: object): Book }
}

function edit(book: Book, updates: readonly OrderUpdate[]): SumsOut {
  const changes = book.batch(() => {
    for (const { before, after } of updates) {
      const moved = before.customer !== after.customer
      book.setCellContents({ sheet: ORDERS, row: after.id, col: moved ? 1 : 2 }, [moved ? [after.customer, after.cents] : [after.cents]])
    }
  })
  const orders = new Set<number>()
  const customers = new Set<number>()
  for (const { address } of changes) {
    if (address?.sheet === ORDERS) orders.add(address.row)
    else if (address?.sheet === CUSTOMERS) customers.add(address.row)
  }
  return { orders: [...orders].map((id) => orderOf(book, id)), customers: [...customers].map((id) => customerOf(book, id)) }
}

function orderOf(book: Book, row: number): OrderRow & { readonly name: string } {
  const [id, customer, cents, name] = rowOf(book, ORDERS, row)
  return { id: Number(id), customer: Number(customer), cents: Number(cents), name: String(name) }
}

function customerOf(book: Book, row: number): SumsOut['customers'][number] {
  const [id, name, orders, cents] = rowOf(book, CUSTOMERS, row)
  return { id: Number(id), name: String(name), orders: Number(orders), cents: Number(cents) }
}

function rowOf(book: Book, sheet: number, row: number): readonly unknown[] {
  return [0, 1, 2, 3].map((col) => book.getCellValue({ sheet, row, col }))
}
