import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { Discovery, FollowStart, SnapshotRequest, Source, SourceEvent } from '@sheetflow/core/ports/source'
import type { Following } from './following.ts'
import { lsnBytes } from './log/lsn.ts'
import { openFollowing } from './open-following.ts'
import type { PostgresSettings } from './settings.ts'

/** Port `Source` over one Postgres (14 to 18) by logical replication. One `follow` at a time. */
export class PostgresSource implements Source {
  readonly #settings: PostgresSettings
  readonly #ended = new AbortController()
  #following: Following | null = null
  /** Where the server's decoder failed last, and how often in a row it did so there. */
  #stuck: { at: string; times: number } = { at: '', times: 0 }

  constructor(settings: PostgresSettings) {
    this.#settings = settings
  }

  async discover(signal?: AbortSignal): Promise<Discovery> {
    const { discover } = await import('./discover.ts')
    return await discover(this.#settings, signal)
  }

  async *follow(start: FollowStart, signal: AbortSignal): AsyncIterable<SourceEvent> {
    const either = AbortSignal.any([signal, this.#ended.signal])
    const following = await openFollowing(this.#settings, start, either).catch((error: unknown) => {
      if (either.aborted) return null
      throw error
    })
    if (following === null) return
    this.#following = following
    try {
      yield* following.events()
    } catch (error) {
      throw this.#undecodable(error, following.parts.log.delivered)
    }
  }

  /**
   * A server that fails inside its own decoder (SQLSTATE XX000) again and again at one place will do so for ever: nothing behind that place can be read
   * through this slot. Better a new epoch than a source that stands still.
   */
  #undecodable(error: unknown, at: string): unknown {
    if (!isSheetflowError(error)) return error
    // Up to Postgres 17: the log is read with the catalogue of its time, and there the publication was not.
    if (error.details['sqlState'] === '42704' && error.message.includes('publication')) {
      return new SheetflowError('source/slot-lost', `Part of the log was written while there was no publication: ${error.message}`, {
        retry: 'now',
        fix: 'A new epoch and a snapshot follow by themselves. Leave the publication to Sheetflow.',
        cause: error,
      })
    }
    if (error.details['sqlState'] !== 'XX000') return error
    this.#stuck = { at, times: this.#stuck.at === at ? this.#stuck.times + 1 : 1 }
    if (this.#stuck.times < DECODER_FAILURES) return error
    this.#stuck = { at: '', times: 0 }
    return new SheetflowError('source/slot-lost', `Postgres cannot decode its log any further: ${error.message}`, {
      retry: 'now',
      fix: 'A new epoch and a snapshot follow by themselves. Report the message to the makers of Postgres.',
      cause: error,
    })
  }

  snapshot(request: SnapshotRequest): void {
    this.#following?.request(request)
  }

  confirm(mark: string): void {
    this.#following?.confirm(mark)
  }

  metrics(): Readonly<Record<string, number | string>> {
    const parts = this.#following?.parts
    if (parts === undefined) return {}
    const { log, stream, queue, snapshot, progress, watch } = parts
    const { health } = watch
    return {
      source_rows_total: log.counters.rows,
      source_transactions_total: log.counters.transactions,
      source_skipped_transactions_total: log.counters.skipped,
      source_snapshot_rows_total: snapshot.rowsPublished,
      source_snapshot_active: snapshot.active ? 1 : 0,
      source_snapshot_tables_left: progress.activeTables().length,
      source_received_bytes_total: stream.receivedBytes,
      source_queue_bytes: queue.bytes,
      source_lag_ms: watch.lagMs,
      source_lag_bytes: Math.max(0, lsnBytes(health.end) - lsnBytes(log.delivered)),
      source_retained_bytes: health.retainedBytes,
      ...(health.safeBytes === null ? {} : { source_safe_bytes: health.safeBytes }),
      source_delivered: log.delivered,
      source_confirmed: stream.confirmed,
      source_unconfirmed_bytes: Math.max(0, lsnBytes(log.delivered) - lsnBytes(stream.confirmed)),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await Promise.resolve()
  }
}

const DECODER_FAILURES = 5
