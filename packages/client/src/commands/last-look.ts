import { isSheetflowError } from '@sheetflow/core/errors'
import type { Receipt } from '@sheetflow/core/receipt'
import type { Queries } from '../net/transport.ts'
import { RECEIPTS_DOCUMENT } from '../plan/documents.ts'
import { answeredReceipts } from './receipt-rows.ts'

/** Commands of one question. */
const IDS_PER_QUESTION = 500

/** A command of which nothing was heard. */
export interface Silent {
  readonly id: string
  /** Graphs that may know what became of it. */
  readonly graphs: readonly string[]
}

/**
 * Asks once, by its id, what became of a command that nothing was heard of: where no page follows, its receipt comes to nobody. Those that fall silent while it asks go together with the next
 * question.
 */
export class LastLook {
  readonly #queries: Queries
  readonly #waiting: { readonly silent: Silent; readonly resolve: (receipts: readonly Receipt[]) => void }[] = []
  #isAsking = false

  constructor(queries: Queries) {
    this.#queries = queries
  }

  /** The receipts that the graphs have of it; none if they know nothing, or cannot be asked. */
  look(silent: Silent): Promise<readonly Receipt[]> {
    return new Promise((resolve) => {
      this.#waiting.push({ silent, resolve })
      if (!this.#isAsking) void this.#askAll()
    })
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, IDS_PER_QUESTION)
      const graphs = new Set(some.flatMap(({ silent }) => silent.graphs))
      const ask = (graph: string): Promise<readonly Receipt[]> =>
        this.#ask(
          graph,
          some.filter(({ silent }) => silent.graphs.includes(graph)).map(({ silent }) => silent.id),
        )
      const receipts = (await Promise.all([...graphs].map(ask))).flat()
      for (const { silent, resolve } of some) resolve(receipts.filter(({ id }) => id === silent.id))
    }
    this.#isAsking = false
  }

  async #ask(graph: string, ids: readonly string[]): Promise<readonly Receipt[]> {
    try {
      return answeredReceipts(await this.#queries.ask(RECEIPTS_DOCUMENT, { graph, ids }))
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      return []
    }
  }
}
