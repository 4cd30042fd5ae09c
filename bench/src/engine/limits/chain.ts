import { customerName } from '../shop.ts'
import type { OrderUpdate, Shop } from '../shop.ts'
import type { HandWritten, OutRow } from './hand-written.ts'

const TIERS = ['base', 'silver', 'gold'] as const
const BIG = 10_000
const FEE = 150
const SILVER = 300_000
const GOLD = 600_000

/** The chain of six sheets as one function: what an update does to each of them. Groups are told once a transaction. */
export class Chain implements HandWritten<readonly OrderUpdate[]> {
  readonly #customerOf: Int32Array
  readonly #grossOf: Int32Array
  readonly #names: string[]
  readonly #counts: Int32Array
  readonly #spent: Float64Array
  /** The tier of each customer that is in the result; -1: it has no big order. */
  readonly #tierOf: Int8Array
  /** Of its tier's sum: what it counts for. */
  readonly #counted: Float64Array
  readonly #tierCounts = new Int32Array(TIERS.length)
  readonly #tierSpent = new Float64Array(TIERS.length)
  readonly #touched: Int32Array
  #transaction = 0

  constructor(shop: Shop) {
    this.#customerOf = new Int32Array(shop.orders)
    this.#grossOf = new Int32Array(shop.orders)
    this.#names = Array.from({ length: shop.customers }, (_, id) => customerName(id))
    this.#counts = new Int32Array(shop.customers)
    this.#spent = new Float64Array(shop.customers)
    this.#tierOf = new Int8Array(shop.customers).fill(-1)
    this.#counted = new Float64Array(shop.customers)
    this.#touched = new Int32Array(shop.customers)
    for (let id = 0; id < shop.orders; id++) this.#put(id, shop.order(id).customer, grossOf(shop.order(id).cents))
    for (let customer = 0; customer < shop.customers; customer++) this.#count(customer, [], new Set())
  }

  step(updates: readonly OrderUpdate[]): OutRow[] {
    this.#transaction += 1
    const out: OutRow[] = []
    const customers: number[] = []
    for (const { after } of updates) this.#order(after.id, after.customer, after.cents, customers, out)
    const tiers = new Set<number>()
    for (const customer of customers) this.#count(customer, out, tiers)
    for (const tier of tiers) out.push(this.#summary(tier))
    return out
  }

  #order(id: number, customer: number, cents: number, customers: number[], out: OutRow[]): void {
    const before = this.#customerOf[id] ?? 0
    const wasBig = (this.#grossOf[id] ?? 0) >= BIG
    if (wasBig) {
      this.#add(before, -1, -((this.#grossOf[id] ?? 0) + FEE))
      this.#touch(before, customers)
    }
    const gross = grossOf(cents)
    this.#put(id, customer, gross)
    out.push({ view: 'sales.lines', key: id, cells: [id, customer, cents, gross] })
    if (gross >= BIG) {
      this.#touch(customer, customers)
      out.push({ view: 'sales.big', key: id, cells: [id, customer, gross, gross + FEE] })
      out.push({ view: 'sales.named', key: id, cells: [id, gross + FEE, this.#names[customer] ?? '?'] })
    } else if (wasBig) out.push({ view: 'sales.big', key: id, cells: null }, { view: 'sales.named', key: id, cells: null })
  }

  #put(id: number, customer: number, gross: number): void {
    this.#customerOf[id] = customer
    this.#grossOf[id] = gross
    if (gross >= BIG) this.#add(customer, 1, gross + FEE)
  }

  #add(customer: number, count: number, cents: number): void {
    this.#counts[customer] = (this.#counts[customer] ?? 0) + count
    this.#spent[customer] = (this.#spent[customer] ?? 0) + cents
  }

  #touch(customer: number, customers: number[]): void {
    if (this.#touched[customer] === this.#transaction) return
    this.#touched[customer] = this.#transaction
    customers.push(customer)
  }

  /** The customer's group and tier follow from its orders. */
  #count(customer: number, out: OutRow[], tiers: Set<number>): void {
    const name = this.#names[customer] ?? '?'
    const count = this.#counts[customer] ?? 0
    const spent = this.#spent[customer] ?? 0
    const before = this.#tierOf[customer] ?? -1
    const tier = count === 0 ? -1 : tierOf(spent)
    this.#move(before, -1, -(this.#counted[customer] ?? 0), tiers)
    this.#move(tier, 1, spent, tiers)
    this.#counted[customer] = tier === -1 ? 0 : spent
    this.#tierOf[customer] = tier
    out.push({ view: 'sales.spending', key: name, cells: tier === -1 ? null : [name, count, spent] })
    out.push({ view: 'sales.tiers', key: name, cells: tier === -1 ? null : [name, spent, TIERS[tier] ?? ''] })
  }

  #move(tier: number, count: number, cents: number, tiers: Set<number>): void {
    if (tier === -1) return
    this.#tierCounts[tier] = (this.#tierCounts[tier] ?? 0) + count
    this.#tierSpent[tier] = (this.#tierSpent[tier] ?? 0) + cents
    tiers.add(tier)
  }

  #summary(tier: number): OutRow {
    const name = TIERS[tier] ?? ''
    const count = this.#tierCounts[tier] ?? 0
    return { view: 'sales.summary', key: name, cells: count === 0 ? null : [name, count, this.#tierSpent[tier] ?? 0] }
  }
}

function grossOf(cents: number): number {
  return Math.round((cents * 123) / 100)
}

function tierOf(spent: number): number {
  return spent >= GOLD ? 2 : spent >= SILVER ? 1 : 0
}
