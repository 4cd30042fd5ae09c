import type { Cause, ReceiptEvent, RowChange, RowJson } from '@sheetflow/core/message'
import type { Vector } from '@sheetflow/core/position'
import { addReceipt, RECEIPTS, receiptFromRow, receiptRow, receiptsView } from '@sheetflow/core/receipt'
import type { Receipt } from '@sheetflow/core/receipt'
import { schemaHash } from '@sheetflow/core/schema-hash'
import type { SheetSchema } from '@sheetflow/core/schema'

/** Receipts kept; the oldest go first. Clients ask for those of their own commands, soon after. */
const KEPT = 10_000

const NOTHING: readonly RowChange[] = []

/** The built-in sheet `_receipts` of a graph: what became of each command (FORMATS 9). */
export class Receipts {
  readonly view: string
  /** In order of first mention. */
  readonly #receipts = new Map<string, Receipt>()
  /** Receipts as they were before the step; null: there was none. */
  readonly #before = new Map<string, Receipt | null>()

  constructor(graph: string) {
    this.view = receiptsView(graph)
  }

  event(event: ReceiptEvent, inputs?: Vector): void {
    const known = this.#receipts.get(event.id) ?? null
    if (!this.#before.has(event.id)) this.#before.set(event.id, known)
    this.#receipts.set(event.id, addReceipt(known, inputs === undefined ? event : { ...event, inputs }))
  }

  /** The transaction that carried the cause is in this very step: whoever sees the receipt sees its effect. */
  applied(cause: Cause, at: string, inputs: Vector): void {
    this.event({ id: cause.id, user: cause.user, status: 'applied', at }, inputs)
  }

  /** Has `take` anything to tell? */
  get haveChanged(): boolean {
    return this.#before.size > 0
  }

  /** Changes of this step by key, and the step is over. */
  take(): readonly RowChange[] {
    this.#trim()
    if (this.#before.size === 0) return NOTHING
    const changes: RowChange[] = []
    for (const id of [...this.#before.keys()].sort()) {
      const change = changeOf(id, this.#before.get(id) ?? null, this.#receipts.get(id) ?? null)
      if (change !== null) changes.push(change)
    }
    this.#before.clear()
    return changes
  }

  /** All of them, as a new generation publishes them. */
  rows(): RowChange[] {
    return [...this.#receipts.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((receipt): RowChange => ['c', [receipt.id], receiptRow(receipt), null])
  }

  /** For a checkpoint, and back. */
  save(): readonly RowJson[] {
    return [...this.#receipts.values()].map(receiptRow)
  }

  restore(rows: readonly RowJson[]): void {
    for (const row of rows) {
      const receipt = receiptFromRow(row)
      this.#receipts.set(receipt.id, receipt)
    }
  }

  schema(generation: number): SheetSchema {
    return {
      v: 1,
      table: this.view,
      schema: generation,
      hash: schemaHash(RECEIPTS.key, RECEIPTS.columns),
      key: RECEIPTS.key,
      columns: RECEIPTS.columns,
      generation,
      index: ['id', 'user', 'status'],
      search: [],
      lists: {},
    }
  }

  #trim(): void {
    if (this.#receipts.size <= KEPT) return
    for (const id of this.#receipts.keys()) {
      if (this.#receipts.size <= KEPT) return
      if (!this.#before.has(id)) this.#before.set(id, this.#receipts.get(id) ?? null)
      this.#receipts.delete(id)
    }
  }
}

function changeOf(id: string, before: Receipt | null, now: Receipt | null): RowChange | null {
  const [old, row] = [before === null ? null : receiptRow(before), now === null ? null : receiptRow(now)]
  if (old === null) return row === null ? null : ['c', [id], row, null]
  if (row === null) return ['d', [id], null, old]
  return JSON.stringify(old) === JSON.stringify(row) ? null : ['u', [id], row, old]
}
