import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { QueryRequest, QueryResult, StoredView } from '@sheetflow/core/ports/view-store'
import type { StoredPosition } from '@sheetflow/core/position'
import type { QueryPlan, SearchPlan } from '@sheetflow/core/query-plan'
import { queryStatement } from '../query-sql.ts'
import type { FindTable, Statement } from '../query-sql.ts'
import { CatalogueReader } from './catalogue.ts'
import type { Catalogue } from './catalogue.ts'
import type { PostgresStoreOptions } from './connection.ts'
import { POSTGRES } from './dialect.ts'
import { ReadPool } from './read-pool.ts'
import { searchStatement } from './search-statement.ts'
import { schemaName } from './sql-name.ts'
import { statementName } from './statement-name.ts'
import { mayBeOutdated } from './store-error.ts'
import type { ViewTable } from './view-table.ts'

/** A generation may be replaced between two looks at the catalogue; so often in a row it is not. */
const MAX_LOOKS = 20
const MAX_NAMES = 500

/** The answer to one request: `r0`, `r1`, … hold the rows of its plans. */
interface Answer {
  readonly version: string | null
  readonly positions: Readonly<Record<string, readonly [epoch: number, offset: number, tx: string, at: string]>> | null
  readonly [rows: `r${number}`]: string
}

/**
 * Reads a store beside its writer, in any process on any machine. A request is one statement, so it is answered from one snapshot: the rows of
 * all its plans, the positions, and the version of the catalogue. The statement is made from the catalogue as it was known before; if the version
 * says that it is another one by now, the answer is thrown away and the statement made again.
 */
export class ViewReader implements AsyncDisposable {
  readonly #pool: ReadPool
  readonly #s: string
  readonly #reader: CatalogueReader
  #catalogue: Catalogue | null = null
  /** Statements of plans that are asked again as the same object. */
  readonly #compiled = new WeakMap<
    QueryPlan | SearchPlan,
    { readonly version: string; readonly first: number; readonly statement: Statement }
  >()
  /** Under which name a text is prepared; the least recently used goes. */
  readonly #names = new Map<string, string>()

  constructor(options: PostgresStoreOptions) {
    this.#pool = new ReadPool(options)
    this.#s = schemaName(options.schema)
    this.#reader = new CatalogueReader(options.schema)
  }

  /** Is there a store? `store/unavailable` (retry later) while its writer has not made it. */
  async check(): Promise<void> {
    const there = `SELECT FROM pg_class WHERE relname = 'sf_piece' AND relnamespace = to_regnamespace($1)`
    if ((await this.#pool.ask('look for its tables', there, [this.#s])).length === 0) throw notMade()
    await this.#look()
  }

  async query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResult> {
    let catalogue = this.#catalogue ?? (await this.#look())
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      signal?.throwIfAborted()
      const answer = await this.#answer(catalogue, request)
      if (answer?.version === catalogue.version) return resultOf(answer, request, catalogue)
      catalogue = await this.#look()
    }
    throw new SheetflowError('store/unavailable', 'the views of the store change faster than they can be read', { retry: 'now' })
  }

  async position(stream: string): Promise<StoredPosition | null> {
    const sql = `SELECT epoch, "offset", tx FROM ${this.#s}.sf_stream WHERE stream = $1`
    const [row] = await this.#pool.ask<StoredPosition>('read a position', sql, [stream], this.#name(sql))
    return row === undefined ? null : { epoch: row.epoch, offset: row.offset, tx: row.tx }
  }

  async views(): Promise<readonly StoredView[]> {
    const { views } = await this.#look()
    return [...views.values()].map(({ view, generation, status, stream, position }) => ({ view, generation, status, stream, position }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]()
  }

  async #look(): Promise<Catalogue> {
    const { sql } = this.#reader
    this.#catalogue = this.#reader.read(await this.#pool.ask('read its views', sql, [], this.#name(sql)))
    return this.#catalogue
  }

  /** Null: the catalogue is out of date. */
  async #answer(catalogue: Catalogue, request: QueryRequest): Promise<Answer | null> {
    const values: unknown[] = [request.streams]
    let plans = ''
    try {
      for (const [i, plan] of request.plans.entries()) {
        const statement = this.#statement(catalogue, plan, values.length + 1)
        plans += `, (${statement.text}) AS r${i}`
        values.push(...statement.values)
      }
    } catch (error) {
      // What is not there in a catalogue of before may be there now.
      if (!isSheetflowError(error, 'query/not-ready') || (await this.#isCurrent(catalogue))) throw error
      return null
    }
    const text = `SELECT (SELECT version FROM ${this.#s}.sf_store) AS version,
      (SELECT json_object_agg(stream, json_build_array(epoch, "offset", tx, at)) FROM ${this.#s}.sf_stream WHERE stream = ANY ($1)) AS positions${plans}`
    try {
      return (await this.#pool.ask<Answer>('answer a query', text, values, this.#name(text)))[0] ?? null
    } catch (error) {
      if (mayBeOutdated(error) && !(await this.#isCurrent(catalogue))) return null
      throw error
    }
  }

  async #isCurrent(catalogue: Catalogue): Promise<boolean> {
    const sql = `SELECT version FROM ${this.#s}.sf_store`
    const [row] = await this.#pool.ask<{ version: string }>('read its version', sql, [], this.#name(sql))
    return row?.version === catalogue.version
  }

  #statement(catalogue: Catalogue, plan: QueryPlan | SearchPlan, first: number): Statement {
    const { version } = catalogue
    const known = this.#compiled.get(plan)
    if (known?.version === version && known.first === first) return known.statement
    const find: FindTable<ViewTable> = (view, generation) => catalogue.table(view, generation)
    const statement = 'text' in plan ? searchStatement(find, plan, first) : queryStatement(POSTGRES, find, plan, first)
    this.#compiled.set(plan, { version, first, statement })
    return statement
  }

  #name(text: string): string {
    const name = this.#names.get(text) ?? statementName()
    this.#names.delete(text)
    const [oldest] = this.#names.keys()
    if (this.#names.size >= MAX_NAMES && oldest !== undefined) this.#names.delete(oldest)
    this.#names.set(text, name)
    return name
  }
}

function resultOf(answer: Answer, { plans }: QueryRequest, { statuses }: Catalogue): QueryResult {
  const positions = Object.entries(answer.positions ?? {}).map(
    ([stream, [epoch, offset, tx, at]]) => [stream, { epoch, offset, tx, at }] as const,
  )
  return { positions: Object.fromEntries(positions), rows: plans.map((_, i) => answer[`r${i}`] ?? '[]'), statuses }
}

function notMade(): SheetflowError {
  return new SheetflowError('store/unavailable', 'the store has not been made yet', {
    retry: 'later',
    fix: 'Start the store role; it makes the tables.',
  })
}
