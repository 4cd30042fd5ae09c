import { encodeBody } from '@sheetflow/core/framing/codec'
import type { RowChange, ViewStatus } from '@sheetflow/core/message'
import type { BusMessage } from '@sheetflow/core/ports/bus'
import type { ViewTransaction } from '@sheetflow/core/ports/view-store'
import { receiptsView } from '@sheetflow/core/receipt'
import type { SheetSchema } from '@sheetflow/core/schema'
import { graphStream, graphSubject, sheetSchemaSubject, sheetSubject } from '@sheetflow/core/subject'
import type { MemoryBus } from '@sheetflow/testkit/memory-bus'

/** What a test lets a graph write in one transaction. */
export interface WrittenTransaction {
  /** Views that are filled anew: their rows below are all `c`. */
  readonly schemas?: readonly SheetSchema[]
  readonly status?: ViewStatus
  /** Views that only stand otherwise from now on. */
  readonly stands?: Readonly<Record<string, ViewStatus>>
  readonly rows?: Readonly<Record<string, readonly RowChange[]>>
  readonly big?: boolean
}

const AT = '2026-11-23T10:00:00.000000Z'

/** Writes transactions as a graph does (FORMATS 4), onto a bus in memory, and gives what its store has to apply. */
export class GraphWriter {
  readonly graph: string
  readonly stream: string
  readonly #bus: MemoryBus
  #epoch: number
  #count = 0
  readonly #generations = new Map<string, number>()

  constructor(graph: string, bus: MemoryBus, epoch = 1) {
    this.#epoch = epoch
    this.graph = graph
    this.stream = graphStream(graph)
    this.#bus = bus
    this.#generations.set(receiptsView(graph), 1)
  }

  async open(): Promise<void> {
    this.#epoch = (await this.#bus.ensure(this.stream)).epoch
  }

  /** A new epoch, as after a loss of history. */
  async newEpoch(): Promise<void> {
    this.#epoch = (await this.#bus.ensure(this.stream, { epoch: this.#epoch + 1 })).epoch
  }

  /** Appends the transaction; its offset is that of its commit. */
  write(transaction: WrittenTransaction): ViewTransaction {
    const { tx, messages } = this.draft(transaction)
    const { last } = this.#bus.appendNow(this.stream, messages)
    const swapped = new Set(transaction.schemas?.map((schema) => schema.table))
    const { stands = {} } = transaction
    const views = new Set([...swapped, ...Object.keys(transaction.rows ?? {}), ...Object.keys(stands)])
    return {
      position: { epoch: this.#epoch, offset: last, tx },
      at: AT,
      changes: [...views].map((view) => ({
        view,
        generation: this.#generations.get(view) ?? 0,
        swap: swapped.has(view),
        ...statusOf(transaction, view, swapped),
        rows: transaction.rows?.[view] ?? [],
      })),
    }
  }

  /** The messages of the next transaction, for a bus of another kind. */
  draft(transaction: WrittenTransaction): { readonly tx: string; readonly messages: readonly BusMessage[] } {
    this.#count += 1
    const tx = `${this.#epoch}-${this.#count}`
    return { tx, messages: this.#messages(tx, transaction) }
  }

  #messages(tx: string, { schemas = [], rows = {}, status = 'ready', stands = {}, big }: WrittenTransaction): BusMessage[] {
    const messages: BusMessage[] = []
    let first = 0
    const add = (subject: string, body: object, ordinals: number): void => {
      messages.push({ subject, id: `${this.stream}/${this.#epoch}/${tx}/${first}`, body: encodeBody({ v: 1, tx, first, ...body }) })
      first += ordinals
    }
    for (const schema of schemas) {
      this.#generations.set(schema.table, schema.generation)
      add(graphSubject(this.graph, '_ctl'), { kind: 'view', view: schema.table, generation: schema.generation, status }, 1)
      add(sheetSchemaSubject(schema.table), schema, 1)
    }
    for (const [view, now] of Object.entries(stands)) {
      add(graphSubject(this.graph, '_ctl'), { kind: 'view', view, generation: this.#generations.get(view) ?? 0, status: now }, 1)
    }
    for (const [table, changes] of Object.entries(rows)) {
      if (changes.length === 0) continue
      const subject = table === receiptsView(this.graph) ? graphSubject(this.graph, '_receipts') : sheetSubject(table)
      add(subject, { table, schema: 1, rows: changes, ...(big === true ? { big } : {}) }, changes.length)
    }
    const counts = Object.fromEntries(Object.entries(rows).map(([table, changes]) => [table, changes.length]))
    add(graphSubject(this.graph, '_commit'), { at: AT, inputs: {}, causes: [], counts }, 1)
    return messages
  }
}

/** As the store hears it: only what the transaction says of the view. */
function statusOf(
  { status = 'ready', stands = {} }: WrittenTransaction,
  view: string,
  swapped: ReadonlySet<string>,
): { status?: ViewStatus } {
  const told = stands[view] ?? (swapped.has(view) ? status : undefined)
  return told === undefined ? {} : { status: told }
}
