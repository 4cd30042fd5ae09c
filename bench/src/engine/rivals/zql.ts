import type { SumsOut } from '../limits/sums-and-names.ts'
import { customerName } from '../shop.ts'
import type { OrderRow, OrderUpdate, Shop } from '../shop.ts'
import { importRival } from './install.ts'
import { SumsByHand } from './sums-by-hand.ts'
import type { ReferenceRival } from './sums-by-hand.ts'

/**
 * ZQL, the engine of Zero, from the files inside of `@rocicorp/zero` (it has no public entry). Its join gives orders with their customer; it has no
 * aggregates, so counts and sums are added up by hand on top of what the join gives out, over typed arrays.
 */
export async function zqlRival(folder: string | null): Promise<ReferenceRival<readonly Change[]>> {
  const { MemorySource } = await importRival<MemorySourceModule>(folder, '@rocicorp/zero/out/zql/src/ivm/memory-source.js')
  const { Join } = await importRival<JoinModule>(folder, '@rocicorp/zero/out/zql/src/ivm/join.js')
  const number = { type: 'number' }
  const orders = new MemorySource('orders', { id: number, customer: number, cents: number }, ['id'])
  const customers = new MemorySource('customers', { id: number, name: { type: 'string' } }, ['id'])
  let sums = new SumsByHand(0)
  return {
    load: (shop) => {
      sums = new SumsByHand(shop.customers)
      fill(orders, customers, shop)
      const byId = [['id', 'asc']] as const
      const join = new Join({
        parent: orders.connect(byId, undefined, new Set(['customer'])),
        child: customers.connect(byId),
        parentKey: ['customer'],
        childKey: ['id'],
        relationshipName: 'customer',
        hidden: false,
        system: 'client',
      })
      for (const node of join.fetch({})) if (node !== 'yield') sums.add(node.row as OrderRow, nameOf(node))
      sums.take()
      join.setOutput({ push: (change) => take(change, sums) })
    },
    prepare: (updates) => updates.map(({ before, after }: OrderUpdate): Change => [EDIT, after, before]),
    step: (changes): SumsOut => {
      for (const change of changes) drain(orders.push(change))
      return sums.take()
    },
  }
}

/** Numbers of its kinds of change. */
const ADD = 0
const REMOVE = 1
const EDIT = 2

interface CustomerRow {
  readonly id: number
  readonly name: string
}
type Row = OrderRow | CustomerRow
type Change = readonly [kind: number, row: Row, old: Row | null]
interface Node {
  readonly row: Row
  readonly relationships: Readonly<Record<string, () => Iterable<Node | 'yield'>>>
}
type NodeChange = readonly [kind: number, node: Node, old: Node]
interface Input {
  fetch(request: object): Iterable<Node | 'yield'>
  setOutput(output: { push(change: NodeChange): Iterable<'yield'> }): void
}
interface Source {
  connect(sort: readonly (readonly [string, string])[], filters?: undefined, splitEditKeys?: ReadonlySet<string>): Input
  push(change: Change): Iterable<'yield'>
}
interface MemorySourceModule {
  readonly MemorySource: new (name: string, columns: object, key: readonly string[]) => Source
}
interface JoinModule {
  readonly Join: new (options: object) => Input
}

function fill(orders: Source, customers: Source, shop: Shop): void {
  for (let id = 0; id < shop.customers; id++) drain(customers.push([ADD, { id, name: customerName(id) }, null]))
  for (let id = 0; id < shop.orders; id++) drain(orders.push([ADD, shop.order(id), null]))
}

/** Its output takes changes as a generator, like everything in it. */
function* take([kind, node, old]: NodeChange, sums: SumsByHand): Generator<'yield'> {
  if (kind === ADD) sums.add(node.row as OrderRow, nameOf(node))
  else if (kind === REMOVE) sums.remove(node.row as OrderRow)
  else if (kind === EDIT) sums.edit(old.row as OrderRow, node.row as OrderRow, nameOf(node))
}

function nameOf(node: Node): string {
  for (const customer of node.relationships['customer']?.() ?? []) if (customer !== 'yield') return (customer.row as CustomerRow).name
  return '?'
}

function drain(stream: Iterable<'yield'>): void {
  for (const _ of stream) continue
}
