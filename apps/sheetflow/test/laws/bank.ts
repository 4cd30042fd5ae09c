import type { RowChange, RowJson } from '@sheetflow/core/message'
import type { Bus } from '@sheetflow/core/ports/bus'
import { must } from '@sheetflow/core/assert'
import type { TableSchema } from '@sheetflow/core/schema'
import { sourceStream } from '@sheetflow/core/subject'
import { SourceWriter } from '@sheetflow/engine/testing/source-writer'
import { Gathering } from './gates.ts'
import { tableSchema } from '@sheetflow/testkit/bound-graph'
import type { Random } from '@sheetflow/testkit/random'

const INT = { type: 'int' } as const

/** `n` is the number of the transaction that wrote the row last. */
const SCHEMAS: readonly TableSchema[] = [
  tableSchema('public.owners', { columns: { id: INT, n: INT } }),
  tableSchema('public.accounts', { columns: { id: INT, owner: INT, amount: INT, n: INT } }),
  tableSchema('public.ledger', { columns: { id: INT, amount: INT, n: INT } }),
]

/** The tables as a deployment binds to them. */
export const TABLES: ReadonlyMap<string, TableSchema> = new Map(SCHEMAS.map((schema) => [`vault!${schema.table}`, schema]))

/** The workbook `bank`: everything of one moment must fit together. */
export const FILES: Readonly<Record<string, string>> = {
  'bank/workbook.yaml': 'user: {id: int, owner: int}\n',
  'bank/owners.sheet.yaml': `rows: =vault!owners
keep: [id, n]
columns:
  balance: =SUMIFS(vault!accounts[amount], vault!accounts[owner], [@id])
  held: =COUNTIFS(vault!accounts[owner], [@id])
  own: =FILTER(accounts, accounts[owner]=[@id])
read: {teller: all}
`,
  'bank/accounts.sheet.yaml': `rows: =vault!accounts
keep: [id, owner, amount, n]
publish: {index: [owner, amount]}
read: {teller: all, holder: "=[@owner]=user[owner]"}
`,
  'bank/ledger.sheet.yaml': `rows: =vault!ledger
keep: [id, amount, n]
read: {teller: all}
`,
}

const OWNERS = 5
const ACCOUNTS = 40
const LEDGER = 6

/**
 * The source: money moves between accounts and ledger, one transaction a move, and all of it together is nothing at any moment. Accounts open,
 * close and change hands.
 */
export class Bank {
  readonly #appends: Gathering
  readonly #writer: SourceWriter
  readonly #random: Random
  readonly #accounts = new Map<number, RowJson>()
  readonly #ledger = new Map<number, RowJson>()
  #n = 0

  constructor(bus: Bus, random: Random) {
    this.#appends = new Gathering(bus)
    this.#writer = new SourceWriter(this.#appends.bus, 'vault')
    this.#random = random
  }

  /** Account → amount, as the source has it now: JSON text. */
  get amounts(): string {
    return JSON.stringify(Object.fromEntries([...this.#accounts].map(([id, row]) => [String(id), Number(row[2])])))
  }

  async open(): Promise<void> {
    await this.#writer.load(SCHEMAS)
    this.#n += 1
    const owners = numbers(OWNERS).map((id): RowChange => ['c', [id], [id, this.#n], null])
    const accounts = numbers(ACCOUNTS).map((id) => this.#put(id, id % OWNERS, 0))
    const ledger = numbers(LEDGER).map((id) => this.#book(id, 0))
    await this.#write(accounts, ledger, owners)
  }

  /** One transaction. `rows`: accounts that take part; default few, now and then all. */
  async move(rows?: number): Promise<void> {
    this.#n += 1
    const touched = rows ?? (this.#random.chance(0.05) ? ACCOUNTS : this.#random.between(1, 4))
    const ids = new Set(touched >= ACCOUNTS ? numbers(touched) : numbers(touched).map(() => this.#random.below(ACCOUNTS)))
    let moved = 0
    const accounts = [...ids].map((id) => {
      const old = this.#accounts.get(id)
      const was = Number(old?.[2] ?? 0)
      const closes = old !== undefined && this.#random.chance(0.15)
      const amount = closes ? 0 : this.#random.between(-500, 500)
      moved += amount - was
      if (closes) return this.#close(id)
      return this.#put(id, this.#random.chance(0.3) ? this.#random.below(OWNERS) : Number(old?.[1] ?? id % OWNERS), amount)
    })
    const entry = this.#random.below(LEDGER)
    const booked = Number(must(this.#ledger.get(entry))[1]) - moved
    await this.#write(accounts, [this.#book(entry, booked)])
  }

  /** So many transactions that touch every account, in few appends. */
  async moveMuch(transactions: number): Promise<void> {
    this.#appends.gather()
    for (let n = 0; n < transactions; n++) await this.move(ACCOUNTS)
    await this.#appends.send(sourceStream('vault'))
  }

  #put(id: number, owner: number, amount: number): RowChange {
    const before = this.#accounts.get(id) ?? null
    const after = [id, owner, amount, this.#n]
    this.#accounts.set(id, after)
    return [before === null ? 'c' : 'u', [id], after, before]
  }

  #close(id: number): RowChange {
    const before = must(this.#accounts.get(id))
    this.#accounts.delete(id)
    return ['d', [id], null, before]
  }

  #book(id: number, amount: number): RowChange {
    const before = this.#ledger.get(id) ?? null
    const after = [id, amount, this.#n]
    this.#ledger.set(id, after)
    return [before === null ? 'c' : 'u', [id], after, before]
  }

  async #write(accounts: readonly RowChange[], ledger: readonly RowChange[], owners: readonly RowChange[] = []): Promise<void> {
    const changes = [
      ['public.owners', 1, owners],
      ['public.accounts', 1, accounts],
      ['public.ledger', 1, ledger],
    ] as const
    await this.#writer.rows(changes.filter(([, , rows]) => rows.length > 0))
  }
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}
