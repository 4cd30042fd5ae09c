import type { Lsn } from '../log/lsn.ts'
import type { Chunk } from './chunk.ts'
import type { StreamedChange } from './row-change.ts'
import { changeBytes } from './row-change.ts'
import type { DbSnapshot } from './visibility.ts'
import { sees } from './visibility.ts'

/** Above this a transaction is not kept: reads wait until a snapshot sees it (FORMATS 6). */
const KEPT_TRANSACTION_BYTES = 64 * 1024 * 1024

/** One streamed transaction, reduced to what it did to tables that are being read. */
export interface RecentTransaction {
  readonly xid: number
  readonly mark: Lsn
  readonly bytes: number
  /** Null: too big to be kept. */
  readonly changes: ReadonlyMap<string, readonly StreamedChange[]> | null
}

/**
 * The streamed transactions that a coming snapshot may not see yet. A transaction can be delivered before it is visible (it waits for a standby),
 * so a chunk read *after* it was delivered may still show the rows before it.
 */
export class Recent {
  #transactions: RecentTransaction[] = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#transactions.length
  }

  push(transaction: RecentTransaction): void {
    this.#transactions.push(transaction)
    this.#bytes += transaction.bytes
  }

  /** Rolls a new chunk by what it does not see. False: one of those was too big to be kept, so the chunk is of no use. */
  rollInto(chunk: Chunk): boolean {
    for (const { xid, changes } of this.#transactions) {
      if (sees(chunk.snapshot, xid)) continue
      if (changes === null) return false
      chunk.roll(changes.get(chunk.request.table) ?? [])
    }
    return true
  }

  /** Forgets what `snapshot` sees: every later snapshot sees it too. Only while no read with an older snapshot is under way. */
  prune(snapshot: DbSnapshot): void {
    this.#transactions = this.#transactions.filter((transaction) => !sees(snapshot, transaction.xid))
    this.#bytes = this.#transactions.reduce((sum, transaction) => sum + transaction.bytes, 0)
  }

  /** The first transaction that no snapshot has seen yet: the log must not be confirmed beyond it. Null: none. */
  firstUnseen(): Lsn | null {
    return this.#transactions[0]?.mark ?? null
  }

  /** Is one in here that was too big to be kept? Then no read may start. */
  blocksReads(): boolean {
    return this.#transactions.some((transaction) => transaction.changes === null)
  }

  clear(): void {
    this.#transactions = []
    this.#bytes = 0
  }
}

/** Collects one transaction while it is streamed. */
export class OpenTransaction {
  #changes: Map<string, StreamedChange[]> | null = new Map()
  #bytes = 0
  readonly #limit: number

  constructor(limit: number = KEPT_TRANSACTION_BYTES) {
    this.#limit = limit
  }

  get changes(): ReadonlyMap<string, readonly StreamedChange[]> | null {
    return this.#changes
  }

  /** True: with this change it became too big to be kept. */
  add(table: string, change: StreamedChange): boolean {
    if (this.#changes === null) return false
    const list = this.#changes.get(table)
    if (list === undefined) this.#changes.set(table, [change])
    else list.push(change)
    this.#bytes += changeBytes(change)
    if (this.#bytes <= this.#limit) return false
    return this.giveUp()
  }

  /** Its changes cannot be known or kept. True: until now they were. */
  giveUp(): boolean {
    const had = this.#changes !== null
    this.#changes = null
    this.#bytes = 0
    return had
  }

  /** Did it touch a table that is being read? */
  get empty(): boolean {
    return this.#changes !== null && this.#changes.size === 0
  }

  close(xid: number, mark: Lsn): RecentTransaction {
    return { xid, mark, bytes: this.#bytes, changes: this.#changes }
  }
}
