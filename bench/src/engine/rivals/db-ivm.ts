import type { SumsOut } from '../limits/sums-and-names.ts'
import { customerName } from '../shop.ts'
import type { OrderRow, OrderUpdate } from '../shop.ts'
import { importRival } from './install.ts'
import type { ReferenceRival } from './sums-by-hand.ts'

/** `@tanstack/db-ivm`: orders joined with customers; the joined rows are one result, and grouped by customer they are the other. */
export async function dbIvmRival(folder: string | null): Promise<ReferenceRival<Weighted<OrderRow>>> {
  const ivm = await importRival<DbIvm>(folder, '@tanstack/db-ivm/dist/esm/index.js')
  const graph = new ivm.D2()
  const orders = graph.newInput<OrderRow>()
  const customers = graph.newInput<CustomerRow>()
  const out: Changed = { orders: [], customers: [] }
  build(ivm, orders, customers, out)
  graph.finalize()
  const run = (): SumsOut => {
    graph.run()
    const changed = { orders: out.orders, customers: out.customers }
    out.orders = []
    out.customers = []
    return changed
  }
  return {
    load: (shop) => {
      customers.sendData(new ivm.MultiSet(Array.from({ length: shop.customers }, (_, id) => [{ id, name: customerName(id) }, 1] as const)))
      orders.sendData(new ivm.MultiSet(Array.from({ length: shop.orders }, (_, id) => [shop.order(id), 1] as const)))
      run()
    },
    prepare: (updates: readonly OrderUpdate[]) =>
      updates.flatMap(({ before, after }): Weighted<OrderRow> => [
        [before, -1],
        [after, 1],
      ]),
    step: (changes) => {
      orders.sendData(new ivm.MultiSet(changes))
      return run()
    },
  }
}

interface CustomerRow {
  readonly id: number
  readonly name: string
}
interface Changed {
  orders: SumsOut['orders']
  customers: SumsOut['customers']
}
type Joined = readonly [key: number, pair: readonly [OrderRow, CustomerRow]]
type Group = readonly [key: string, group: CustomerRow & { readonly orders: number; readonly cents: number }]
type Weighted<T> = readonly (readonly [row: T, weight: number])[]

/** What is used of the library; an operator's own types are not worth copying. */
type Operator = (stream: unknown) => unknown
interface Stream<T> {
  pipe(...operators: readonly Operator[]): Stream<T>
}
interface Input<T> extends Stream<T> {
  sendData(data: object): void
}
interface DbIvm {
  readonly D2: new () => { newInput<T>(): Input<T>; finalize(): void; run(): void }
  readonly MultiSet: new (data: Weighted<unknown>) => { getInner(): Weighted<unknown> }
  map(of: (row: never) => unknown): Operator
  join(other: Stream<unknown>, kind: string): Operator
  groupBy(key: (row: never) => object, aggregates: object): Operator
  readonly groupByOperators: { sum(of: (row: never) => number): object; count(): object }
  output(take: (data: { getInner(): Weighted<unknown> }) => void): Operator
}

function build(ivm: DbIvm, orders: Input<OrderRow>, customers: Input<CustomerRow>, out: Changed): void {
  const byId = customers.pipe(ivm.map((customer: CustomerRow) => [customer.id, customer]))
  const joined = orders.pipe(
    ivm.map((order: OrderRow) => [order.customer, order]),
    ivm.join(byId, 'inner'),
  )
  joined.pipe(
    ivm.output((data) => {
      for (const [row, weight] of data.getInner() as Weighted<Joined>) {
        if (weight <= 0) continue
        const [order, { name }] = row[1]
        out.orders.push({ id: order.id, customer: order.customer, cents: order.cents, name })
      }
    }),
  )
  joined.pipe(
    ivm.groupBy(([, [, { id, name }]]: Joined) => ({ id, name }), {
      orders: ivm.groupByOperators.count(),
      cents: ivm.groupByOperators.sum(([, [order]]: Joined) => order.cents),
    }),
    ivm.output((data) => {
      for (const [[, group], weight] of data.getInner() as Weighted<Group>) {
        if (weight > 0) out.customers.push({ id: group.id, name: group.name, orders: group.orders, cents: group.cents })
      }
    }),
  )
}
