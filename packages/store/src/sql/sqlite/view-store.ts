import type {
  QueryRequest,
  QueryResult,
  ReadableViewStore,
  StoredView,
  ViewChanges,
  ViewStore,
  ViewTransaction,
} from '@sheetflow/core/ports/view-store'
import type { StoredPosition } from '@sheetflow/core/position'
import type { SheetSchema } from '@sheetflow/core/schema'
import { ViewReader } from './view-reader.ts'
import { ViewWriter } from './view-writer.ts'

/**
 * Opens a store file as its one writer; creates it if it is not there. Who opens it later fences the earlier one (`store/fenced`).
 * `node:sqlite` is synchronous: each call does its whole work in the thread that asks.
 */
export function openSqliteViews(file: string): ViewStore {
  return new SqliteViewStore(file)
}

/** Opens a store file for reading, beside its writer in any thread or process. `store/unavailable` while no writer has created it. */
export function openSqliteViewsReadOnly(file: string): ReadableViewStore {
  return new SqliteViewReader(file)
}

// oxlint-disable typescript/require-await -- a synchronous driver under an asynchronous port: what it throws must become a rejection

class SqliteViewReader implements ReadableViewStore {
  readonly #reader: ViewReader

  constructor(file: string) {
    this.#reader = new ViewReader(file)
  }

  async query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResult> {
    return this.#reader.query(request, signal)
  }

  async position(stream: string): Promise<StoredPosition | null> {
    return this.#reader.position(stream)
  }

  async views(): Promise<readonly StoredView[]> {
    return this.#reader.views()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader.close()
  }
}

/** Writes through one connection, reads through another, so that a reader never sees what is not committed. */
class SqliteViewStore implements ViewStore {
  readonly #writer: ViewWriter
  readonly #reader: ViewReader

  constructor(file: string) {
    this.#writer = new ViewWriter(file)
    this.#reader = new ViewReader(file)
  }

  async ensure(schema: SheetSchema): Promise<void> {
    this.#writer.ensure(schema)
  }

  async stage(stream: string, tx: string, piece: number, changes: readonly ViewChanges[]): Promise<void> {
    this.#writer.stage(stream, tx, piece, changes)
  }

  async apply(stream: string, transactions: readonly ViewTransaction[]): Promise<void> {
    this.#writer.apply(stream, transactions)
  }

  async tidy(): Promise<boolean> {
    return this.#writer.tidy()
  }

  async query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResult> {
    return this.#reader.query(request, signal)
  }

  async position(stream: string): Promise<StoredPosition | null> {
    return this.#reader.position(stream)
  }

  async views(): Promise<readonly StoredView[]> {
    return this.#reader.views()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reader.close()
    this.#writer.close()
  }
}
