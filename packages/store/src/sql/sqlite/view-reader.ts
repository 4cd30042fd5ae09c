import type { QueryRequest, QueryResult, StoredView } from '@sheetflow/core/ports/view-store'
import type { StoredPosition } from '@sheetflow/core/position'
import type { QueryPlan, SearchPlan } from '@sheetflow/core/query-plan'
import type { DatabaseSync } from 'node:sqlite'
import { queryStatement } from '../query-sql.ts'
import type { Statement } from '../query-sql.ts'
import { Catalogue, checkFormat } from './catalogue.ts'
import type { StreamPosition } from './catalogue.ts'
import { inSnapshot, openReader, orClose } from './connection.ts'
import { SQLITE } from './dialect.ts'
import { defineFunctions } from './functions.ts'
import { searchStatement } from './search-statement.ts'
import { StatementCache } from './statement-cache.ts'
import type { ViewTable } from './view-table.ts'

/** Reads a store file beside its writer: in the same thread, another thread or another process. */
export class ViewReader {
  readonly #db: DatabaseSync
  readonly #catalogue: Catalogue
  readonly #statements: StatementCache
  /** Statements of plans that are asked again as the same object. */
  readonly #compiled = new WeakMap<QueryPlan | SearchPlan, { readonly version: number; readonly statement: Statement }>()

  /** The file must have been opened by a writer once. */
  constructor(file: string) {
    this.#db = openReader(file)
    orClose(this.#db, () => checkFormat(this.#db))
    defineFunctions(this.#db)
    this.#catalogue = new Catalogue(this.#db)
    this.#statements = new StatementCache(this.#db)
  }

  query(request: QueryRequest, signal?: AbortSignal): QueryResult {
    return inSnapshot(this.#db, 'answer a query', () => {
      this.#catalogue.views()
      const positions: Record<string, StreamPosition> = {}
      for (const stream of request.streams) {
        const position = this.#catalogue.position(stream)
        if (position !== null) positions[stream] = position
      }
      const rows = request.plans.map((plan) => {
        signal?.throwIfAborted()
        return this.#run(plan)
      })
      return { positions, rows, statuses: this.#catalogue.statuses }
    })
  }

  position(stream: string): StoredPosition | null {
    const found = inSnapshot(this.#db, 'read a position', () => this.#catalogue.position(stream))
    return found === null ? null : { epoch: found.epoch, offset: found.offset, tx: found.tx }
  }

  views(): readonly StoredView[] {
    const views = inSnapshot(this.#db, 'read its views', () => this.#catalogue.views())
    return [...views.values()].map(({ view, generation, status, stream, position }) => ({ view, generation, status, stream, position }))
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close()
  }

  #run(plan: QueryPlan | SearchPlan): string {
    const { text, values } = this.#statement(plan)
    return String(this.#statements.get(text).get(...values)?.['rows'])
  }

  #statement(plan: QueryPlan | SearchPlan): Statement {
    const { version } = this.#catalogue
    const known = this.#compiled.get(plan)
    if (known?.version === version) return known.statement
    const find = (view: string, generation: number): ViewTable => this.#catalogue.table(view, generation)
    const statement = 'text' in plan ? searchStatement(find, plan) : queryStatement(SQLITE, find, plan)
    this.#compiled.set(plan, { version, statement })
    return statement
  }
}
