import type { KeyJson, RowChange, RowJson } from '@sheetflow/core/message'
import { ALWAYS } from '@sheetflow/core/predicate'
import type { QueryResult, ViewChanges, ViewStore, ViewTransaction } from '@sheetflow/core/ports/view-store'
import type { QueryPlan, SearchPlan } from '@sheetflow/core/query-plan'
import type { ColumnSchema, SheetSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue } from '@sheetflow/core/value'

/** A store opened for reading only, beside its writer. */
export type Reader = Pick<ViewStore, 'query' | 'position' | 'views'> & AsyncDisposable

/** How a worker thread or another process opens the same store: a module and names of exported functions that take `argument`. */
export interface RemoteViewStore {
  readonly module: string
  readonly open: string
  readonly openReader: string
  readonly argument: unknown
}

/** One installation of a view store, empty at first; disposed of with everything that it stored. */
export interface ViewStoreLab extends AsyncDisposable {
  /** Opens it as the writer, once more each time, as another process would. The caller disposes of it. */
  open(): Promise<ViewStore>
  openReader(): Promise<Reader>
  readonly remote: RemoteViewStore
}

export type MakeViewStoreLab = () => Promise<ViewStoreLab>

/** A guarantee of the port as a test. */
export interface ViewStoreCase {
  readonly name: string
  readonly run: (lab: ViewStoreLab) => Promise<void>
}

/** A case with one empty store. */
export function one(name: string, run: (store: ViewStore) => Promise<void>): ViewStoreCase {
  return {
    name,
    run: async (lab) => {
      await using store = await lab.open()
      await run(store)
    },
  }
}

/** The stream that the cases pretend to follow. */
export const STREAM = 'SF_GRAPH_kit'
export const VIEW = 'kit.orders'

/** Columns of a sheet with their types. */
export type Columns = Readonly<Record<string, ColumnType['type'] | ColumnType>>

/** A sheet's schema; the first column is the key unless `more` says otherwise. */
export function sheet(table: string, generation: number, columns: Columns, more: Partial<SheetSchema> = {}): SheetSchema {
  const all = Object.entries(columns).map(([name, type], i): ColumnSchema => {
    const full = (typeof type === 'string' ? { type } : type) as ColumnType
    return { ...full, name, id: i + 1, null: i > 0 }
  })
  const key = all.slice(0, 1).map(({ name }) => name)
  return { v: 1, table, schema: generation, hash: '', key, columns: all, generation, index: [], search: [], lists: {}, ...more }
}

/** The sheet of most cases. */
export function orders(generation: number): SheetSchema {
  return sheet(
    VIEW,
    generation,
    { id: 'bigint', customer: 'int', total: { type: 'decimal', p: 12, s: 2 }, note: 'text' },
    { index: ['customer'] },
  )
}

/** A transaction at that offset of the first epoch. */
export function transaction(offset: number, changes: readonly ViewChanges[], epoch = 1): ViewTransaction {
  return { position: { epoch, offset, tx: `1-${offset}` }, at: `2026-11-23T10:00:00.${String(offset).padStart(6, '0')}Z`, changes }
}

export function rows(generation: number, changes: readonly RowChange[], view: string = VIEW): ViewChanges {
  return { view, generation, swap: false, rows: changes }
}

/** Fills a view anew. */
export function filled(generation: number, all: readonly RowJson[], view: string = VIEW): ViewChanges {
  return { view, generation, swap: true, status: 'ready', rows: all.map((row) => created(row)) }
}

/** The key is the row's first column. */
export function created(row: RowJson): RowChange {
  return ['c', [row[0] ?? null], row, null]
}

export function updated(before: RowJson, after: RowJson): RowChange {
  return ['u', [after[0] ?? null], after, before]
}

export function deleted(row: RowJson, key: KeyJson = [row[0] ?? null]): RowChange {
  return ['d', key, null, row]
}

export function plan(generation: number, columns: readonly string[], more: Partial<QueryPlan> = {}): QueryPlan {
  return { view: VIEW, generation, where: ALWAYS, columns, key: false, order: [], limit: 1_000, nested: [], ...more }
}

/** The rows of one plan. */
export async function ask(store: Reader, one: QueryPlan | SearchPlan): Promise<readonly Record<string, JsonValue>[]> {
  return read(await store.query({ streams: [STREAM], plans: [one] }))
}

/** The rows of the first plan. */
export function read(result: QueryResult, index = 0): readonly Record<string, JsonValue>[] {
  return JSON.parse(result.rows[index] ?? 'null') as Record<string, JsonValue>[]
}
