import type { DbSnapshot } from './visibility.ts'
import { mergeRow } from './row-change.ts'
import type { StreamedChange } from './row-change.ts'

/** What a chunk was asked for. */
export interface ChunkRequest {
  readonly table: string
  readonly run: number
  /** Names it in its barrier message. */
  readonly number: number
  /** A range after a key, or these keys: to repair a run, or on somebody's request. */
  readonly scope:
    | { readonly kind: 'range'; readonly after: readonly string[] | null; readonly limit: number }
    | { readonly kind: 'repair' | 'reread'; readonly keys: ReadonlySet<string> }
}

/**
 * A small replica: the rows of one range as a database snapshot saw them, rolled forward by every streamed transaction that the snapshot did not see
 * (FORMATS 6). At the place between two transactions where the stream has delivered all that the snapshot saw, its rows are exactly right.
 */
export class Chunk {
  readonly request: ChunkRequest
  readonly snapshot: DbSnapshot
  /** Key of the last row read: the next range begins behind it. */
  readonly last: readonly string[] | null
  /** Fewer rows than asked for: the table ends here. */
  readonly finished: boolean
  /** Has the stream brought everything that the snapshot saw? */
  barrierPassed: boolean = false
  readonly #rows: Map<string, string>
  /** Keys asked for that were not there, and that no unseen transaction touched. */
  readonly #missing: Set<string>

  /**
   * `rows`: exact key text → snapshot row (`r`) as JSON text, in read order. `read`: how many rows came; more than `rows` if a declared key was promised to be
   * unique and is not.
   */
  constructor(request: ChunkRequest, snapshot: DbSnapshot, rows: Map<string, string>, read: number = rows.size) {
    this.request = request
    this.snapshot = snapshot
    this.#rows = rows
    const { scope } = request
    this.finished = scope.kind === 'range' && read < scope.limit
    let lastKey: string | null = null
    for (const key of rows.keys()) lastKey = key
    this.last = lastKey === null ? null : lastKey.split('\0')
    this.#missing = new Set(scope.kind === 'range' ? [] : [...scope.keys].filter((key) => !rows.has(key)))
  }

  /** The rows as they are now, in JSON text. */
  rows(): readonly string[] {
    return [...this.#rows.values()]
  }

  /** Keys that do not exist as of the snapshot and after everything that was rolled over it. */
  missing(): readonly string[] {
    return [...this.#missing]
  }

  /** Applies changes of one transaction that the snapshot does not see, in their order. */
  roll(changes: readonly StreamedChange[]): void {
    for (const change of changes) this.#apply(change)
  }

  #apply(change: StreamedChange): void {
    switch (change.op) {
      case 'truncate':
        this.#rows.clear()
        this.#missing.clear()
        return
      case 'delete':
      case 'create':
        // What was created the stream has brought in full, so it is not ours to say.
        this.#forget(change.key)
        return
      case 'update': {
        const base = this.#rows.get(change.old)
        this.#forget(change.old)
        this.#forget(change.key)
        if (change.row !== null && base !== undefined) this.#rows.set(change.key, mergeRow(change.row, base))
        break
      }
    }
  }

  #forget(key: string): void {
    this.#rows.delete(key)
    this.#missing.delete(key)
  }
}
