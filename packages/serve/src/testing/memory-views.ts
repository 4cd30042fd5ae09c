import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import type { RowJson, ViewStatus } from '@sheetflow/core/message'
import { compareRows } from '@sheetflow/core/order'
import type { StoredPosition } from '@sheetflow/core/position'
import type { QueryRequest, QueryResult, StoredView, ViewStore, ViewTransaction } from '@sheetflow/core/ports/view-store'
import { and } from '@sheetflow/core/predicate-canonical'
import { compileRowPredicate } from '@sheetflow/core/predicate-eval'
import type { Predicate } from '@sheetflow/core/predicate'
import type { QueryPlan, SearchPlan } from '@sheetflow/core/query-plan'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'

interface View {
  schema: SheetSchema
  status: ViewStatus
  readonly rows: Map<string, RowJson>
}

/** The port `ViewStore` as maps: an independent reading of query plans, and a store that a simulation can hold back. */
export class MemoryViews implements ViewStore {
  readonly #views = new Map<string, View>()
  readonly #next = new Map<string, SheetSchema>()
  readonly #positions = new Map<string, StoredPosition & { readonly at: string }>()

  ensure(schema: SheetSchema): Promise<void> {
    this.ensureNow(schema)
    return Promise.resolve()
  }

  /** As `ensure`, at once. */
  ensureNow(schema: SheetSchema): void {
    this.#next.set(`${schema.table} ${schema.generation}`, schema)
  }

  stage(): Promise<void> {
    return Promise.resolve()
  }

  tidy(): Promise<boolean> {
    return Promise.resolve(false)
  }

  apply(stream: string, transactions: readonly ViewTransaction[]): Promise<void> {
    for (const transaction of transactions) this.applyNow(stream, transaction)
    return Promise.resolve()
  }

  /** As `apply` of one transaction, at once. */
  applyNow(stream: string, transaction: ViewTransaction): void {
    for (const { view, generation, swap, status, rows } of transaction.changes) {
      if (swap) {
        const schema = must(this.#next.get(`${view} ${generation}`))
        this.#views.set(view, { schema, status: 'ready', rows: new Map() })
      }
      const stored = must(this.#views.get(view))
      if (status !== undefined) stored.status = status
      for (const [op, key, after] of rows) {
        if (op === 't') stored.rows.clear()
        else if (after === null) stored.rows.delete(JSON.stringify(key))
        else stored.rows.set(JSON.stringify(key), after)
      }
    }
    this.#positions.set(stream, { ...transaction.position, at: transaction.at })
  }

  query(request: QueryRequest): Promise<QueryResult> {
    return Promise.try(() => this.queryNow(request))
  }

  /** As `query`, at once. */
  queryNow(request: QueryRequest): QueryResult {
    const positions = Object.fromEntries(
      request.streams.flatMap((stream) => {
        const position = this.#positions.get(stream)
        return position === undefined ? [] : [[stream, position] as const]
      }),
    )
    return {
      positions,
      rows: request.plans.map((plan) => JSON.stringify('text' in plan ? this.#search(plan) : this.#list(plan, []))),
      statuses: new Map([...this.#views].map(([view, { status }]) => [view, status])),
    }
  }

  position(stream: string): Promise<StoredPosition | null> {
    return Promise.resolve(this.#positions.get(stream) ?? null)
  }

  views(): Promise<readonly StoredView[]> {
    const position = { epoch: 1, offset: 0 }
    const [stream = ''] = this.#positions.keys()
    return Promise.resolve(
      [...this.#views].map(([view, { schema, status }]) => ({ view, generation: schema.generation, status, stream, position })),
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }

  #list(plan: QueryPlan, joined: readonly Predicate[]): unknown[] {
    const { schema, rows } = this.#view(plan.view, plan.generation)
    const holds = compileRowPredicate(and(plan.where, ...joined), schema)
    const compare = compareRows(plan.order, schema.key, schema.columns)
    const place = plan.after === undefined ? null : placeRow(schema, plan)
    return [...rows.values()]
      .filter((row) => holds(row) && (place === null || compare(row, place) > 0))
      .toSorted(compare)
      .slice(0, plan.limit)
      .map((row) => this.#object(plan, schema, row))
  }

  #object(plan: QueryPlan, schema: SheetSchema, row: RowJson): Record<string, unknown> {
    const value = (name: string): JsonValue => row[schema.columns.findIndex((column) => column.name === name)] ?? null
    const object: Record<string, unknown> = {}
    for (const column of plan.columns) object[column] = value(column)
    if (plan.key) object['_key'] = schema.key.map(value)
    for (const { as, on, plan: child } of plan.nested) {
      object[as] = this.#list(
        child,
        on.map(([column, parent]) => ({ op: 'eq', column, value: value(parent) })),
      )
    }
    return object
  }

  #search(plan: SearchPlan): unknown[] {
    const { schema, rows } = this.#view(plan.view, plan.generation)
    const holds = compileRowPredicate(plan.where, schema)
    const places = schema.columns.flatMap(({ name }, place) => (schema.search.includes(name) ? [place] : []))
    const found = [...rows.values()].filter((row) => holds(row) && places.some((place) => JSON.stringify(row[place]).includes(plan.text)))
    return found.slice(0, plan.limit).map((row) => {
      const object: Record<string, JsonValue> = {}
      for (const name of plan.columns) object[name] = row[schema.columns.findIndex((column) => column.name === name)] ?? null
      return object
    })
  }

  #view(name: string, generation: number): View {
    const view = this.#views.get(name)
    if (view === undefined || view.schema.generation !== generation) {
      throw new SheetflowError('query/not-ready', `${name} has no generation ${generation} now`, { retry: 'now' })
    }
    return view
  }
}

function placeRow(schema: SheetSchema, plan: QueryPlan): RowJson {
  const { order, key } = must(plan.after)
  return schema.columns.map(({ name }) => {
    const term = plan.order.findIndex(({ column }) => column === name)
    const part = schema.key.indexOf(name)
    return ((term === -1 ? key[part] : order[term]) ?? null) as JsonValue
  })
}
