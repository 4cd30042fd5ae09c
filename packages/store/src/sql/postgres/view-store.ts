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
import type { PostgresStoreOptions } from './connection.ts'
import { ViewReader } from './view-reader.ts'
import { ViewWriter } from './view-writer.ts'

/**
 * Opens a store in a schema of Postgres as its one writer; makes the schema and its tables if they are not there. Who opens it later fences the
 * earlier one (`store/fenced`). `store/unavailable` while the server is away, `store/not-ready` with what to do if the role may not.
 */
export async function openPostgresViews(options: PostgresStoreOptions): Promise<ViewStore> {
  const writer = await ViewWriter.open(options)
  return new PostgresViewStore(writer, new ViewReader(options))
}

/** Opens it for reading, beside its writer in any process on any machine. `store/unavailable` while no writer has made it. */
export async function openPostgresViewsReadOnly(options: PostgresStoreOptions): Promise<ReadableViewStore> {
  const reader = new ViewReader(options)
  try {
    await reader.check()
    return reader
  } catch (error) {
    await reader[Symbol.asyncDispose]()
    throw error
  }
}

/** Writes through one connection, reads through others, so that a reader never sees what is not committed. */
class PostgresViewStore implements ViewStore {
  readonly #writer: ViewWriter
  readonly #reader: ViewReader

  constructor(writer: ViewWriter, reader: ViewReader) {
    this.#writer = writer
    this.#reader = reader
  }

  async ensure(schema: SheetSchema): Promise<void> {
    await this.#writer.ensure(schema)
  }

  async stage(stream: string, tx: string, piece: number, changes: readonly ViewChanges[]): Promise<void> {
    await this.#writer.stage(stream, tx, piece, changes)
  }

  async apply(stream: string, transactions: readonly ViewTransaction[]): Promise<void> {
    await this.#writer.apply(stream, transactions)
  }

  async tidy(): Promise<boolean> {
    return await this.#writer.tidy()
  }

  async query(request: QueryRequest, signal?: AbortSignal): Promise<QueryResult> {
    return await this.#reader.query(request, signal)
  }

  async position(stream: string): Promise<StoredPosition | null> {
    return await this.#reader.position(stream)
  }

  async views(): Promise<readonly StoredView[]> {
    return await this.#reader.views()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]()
    await this.#writer[Symbol.asyncDispose]()
  }
}
