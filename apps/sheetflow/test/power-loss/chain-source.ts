import { Random } from '@sheetflow/testkit/random'
import type { StoredMessage } from '@sheetflow/core/ports/bus'
import type { Discovery, FollowStart, Source, SourceEvent } from '@sheetflow/core/ports/source'
import type { TableSchema } from '@sheetflow/core/schema'
import { TransactionCollector } from '@sheetflow/core/framing/collector'

/** The source of a chain and its only table. */
export const CHAIN = 'chain'

const SCHEMA: TableSchema = {
  v: 1,
  table: 'public.links',
  schema: 1,
  hash: 'links',
  key: ['id'],
  columns: [
    { name: 'id', id: 1, type: 'text', null: false },
    { name: 'text', id: 2, type: 'text', null: false },
  ],
}

/** What transaction `n` of every chain does: some rows of some length, told by `n` alone. */
function rowsOf(n: number): readonly string[] {
  const random = new Random(n)
  return Array.from({ length: random.between(1, 4) }, (_, i) => {
    const id = `${String(n)}.${String(i)}`
    return JSON.stringify(['c', [id], [id, `${id} `.repeat(random.below(300))], null])
  })
}

/** How a chain goes on. */
export interface ChainOptions {
  /** What was confirmed in earlier lives: the source has forgotten everything up to it. */
  readonly confirmed: number
  /** The last transaction that there is. */
  readonly until: number
  readonly onConfirm: (n: number) => void
  /** Waited for before each transaction. */
  readonly pace?: () => Promise<unknown>
}

/**
 * A source whose transactions are numbered: the mark of one is its number. It never forgets what was not confirmed, and what was confirmed is gone from it: a bus that lost such a
 * transaction can not get it again.
 */
export class ChainSource implements Source {
  readonly #options: ChainOptions
  #confirmed: number

  constructor(options: ChainOptions) {
    this.#options = options
    this.#confirmed = options.confirmed
  }

  async *follow({ last, schemas }: FollowStart, signal: AbortSignal): AsyncIterable<SourceEvent> {
    const known = last === null ? 0 : Number(last.mark)
    for (let n = Math.max(this.#confirmed, known) + 1; n <= this.#options.until && !signal.aborted; n++) {
      await this.#options.pace?.()
      yield { kind: 'begin', tx: txOf(n) }
      if (n === 1 && schemas.length === 0) yield { kind: 'schema', schema: SCHEMA }
      yield { kind: 'rows', table: SCHEMA.table, schema: SCHEMA.schema, rows: rowsOf(n) }
      yield { kind: 'commit', at: new Date(0).toISOString(), mark: String(n), causes: [] }
      yield { kind: 'idle' }
    }
    if (!signal.aborted) await new Promise<void>((aborted) => signal.addEventListener('abort', () => aborted(), { once: true }))
  }

  confirm(mark: string): void {
    this.#confirmed = Number(mark)
    this.#options.onConfirm(this.#confirmed)
  }

  discover(): Promise<Discovery> {
    return Promise.resolve({ server: CHAIN, tables: [], checks: [] })
  }

  snapshot(): void {
    throw new Error('a chain has no snapshots')
  }

  metrics(): Readonly<Record<string, number>> {
    return {}
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

function txOf(n: number): string {
  return `link-${String(n)}`
}

/** The last transaction of a chain in a stream's messages. Throws if one is missing, there twice, out of order, not whole or not what it was. */
export function lastLink(messages: readonly StoredMessage[], epoch: number): number {
  const collector = new TransactionCollector({ rule: 'source', epoch })
  let next = 1
  // Of a transaction that was half-written and completed by the next life.
  let before: readonly string[] = []
  for (const { tx, position, pieces } of collector.push(messages)) {
    const rows = [
      ...before,
      ...pieces.flatMap((piece) => (piece.kind === 'rows' ? piece.message.rows.map((row) => JSON.stringify(row)) : [])),
    ]
    before = position === null ? rows : []
    if (tx !== txOf(next)) throw new Error(`${tx} stands where ${txOf(next)} should be`)
    if (position === null) continue
    if (rows.join() !== rowsOf(next).join()) throw new Error(`${tx} is not what it was: ${rows.join().slice(0, 200)}`)
    next += 1
  }
  return next - 1
}
