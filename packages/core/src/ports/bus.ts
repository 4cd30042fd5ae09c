/**
 * Port `Bus`: durable streams. Messages are opaque; packing and framing of transactions are `framing/` in core.
 *
 * What callers may rely on:
 * - **Order.** Offsets of a stream count up by one per message, over all subjects, for ever (also over epochs and trims).
 * - **Durability.** `append` resolves when the messages are stored so that no process that is killed can lose them; `durableAfterMs` later, at the latest, they
 *   are on disk (fsync) too, with the stream itself. 0: `append` waits for the disk, and readers see nothing before. Nothing is confirmed to a source earlier.
 * - **Atomicity.** An append of ≤ 1,000 messages and ≤ 4 MiB is all or nothing where `atomic` is true (and `whole` is not false), else a prefix of it.
 *   Bigger appends are refused with `bus/too-large`: the caller splits.
 * - **Fencing.** With `expectedLast`, an append fails with `bus/fenced` if the stream's last offset is another. Concurrent appends of
 *   one caller are applied in call order. A writer that chains `expectedLast` may pipeline; after a failure every later one that it had given by then fails too, also where another
 *   writer has brought the stream to the very offset that it expects.
 * - **Repetition.** A message id that is in the stream's recent window (≥ 100,000 messages) is not stored twice in an append *without*
 *   `expectedLast` (inboxes); the answer is then the old offset.
 * - **Reading** sees every retained message from the offset on, in order, exactly once per reader, then waits for new ones (no polling delay).
 *   If the offset was trimmed: `bus/gone`. If the message that was read last is not there any more (a server that lost the end of the stream): `bus/set-back`, and nothing
 *   of what stands behind its place is given. Aborting the signal ends the iteration without an error.
 * - **Full.** `bus/full` (retry `later`): nothing of that append is stored; a later append works when there is room.
 */
export interface Bus extends AsyncDisposable {
  readonly atomic: boolean
  readonly durableAfterMs: number
  /** Creates the stream or opens it; `epoch` raises its epoch to that number (lower or equal: no change). Idempotent. */
  ensure(stream: string, options?: StreamOptions): Promise<StreamInfo>
  append(stream: string, messages: readonly BusMessage[], options?: AppendOptions): Promise<AppendResult>
  /** Batches of at most 1,000 messages or 4 MiB; never empty. `from` is the first offset wanted. */
  read(stream: string, options: ReadOptions): AsyncIterable<readonly StoredMessage[]>
  /** The last retained message of each subject that matches, by offset. */
  last(stream: string, subject: string): Promise<readonly StoredMessage[]>
  /** `bus/unknown-stream` if there is none. */
  range(stream: string): Promise<StreamInfo>
  /** Reader `reader` needs messages behind `offset`: they are not trimmed until it says otherwise, or is silent for 24 h. */
  retain(stream: string, reader: string, offset: number): Promise<void>
  /** Drops what the limits and retained readers allow; keeps the last message of every `_schema`/`_ctl` subject and what `keep` names. */
  trim(stream: string, limits: TrimLimits): Promise<StreamInfo>
}

/** One message to be stored. */
export interface BusMessage {
  /** Dot-separated tokens, see `subject.ts`. */
  readonly subject: string
  /** Unique in the stream: `<stream>/<epoch>/<tx>/<first>`, in inboxes the sender's own. */
  readonly id: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A message as it stands in its stream. */
export interface StoredMessage extends BusMessage {
  readonly offset: number
  /** When it was stored, milliseconds since 1970. For retention and people; never for order. */
  readonly storedAt: number
}

export interface StreamOptions {
  readonly epoch?: number
  /** Bytes above which an append is `bus/full`. */
  readonly maxBytes?: number
}

/**
 * From `first` to `last` no message is missing; `first = last + 1` when empty. A new stream has last 0. Single messages that a trim kept before
 * `first` are found by `last(subject)` alone, and count in `bytes`.
 */
export interface StreamInfo {
  readonly stream: string
  readonly epoch: number
  readonly first: number
  readonly last: number
  readonly bytes: number
}

export interface AppendOptions {
  readonly expectedLast?: number
  /**
   * Does it matter that all of it is stored or nothing? Default true. false: of an append that fails, for whatever reason, a prefix may be stored, as readers of sources
   * and graphs expect anyway (FORMATS 4); a driver may then store it in a cheaper way.
   */
  readonly whole?: boolean
  readonly signal?: AbortSignal
}

/** Offset of the first and the last message of the append. */
export interface AppendResult {
  readonly first: number
  readonly last: number
}

export interface ReadOptions {
  readonly from: number
  /** Subject patterns (`*` one token, `>` the rest). Absent: all. */
  readonly subjects?: readonly string[]
  /** End at the stream's last offset of now instead of waiting. */
  readonly untilNow?: boolean
  /**
   * Nobody looks at the bodies of a batch any more when the next one is asked for: their memory may be given to something else then. Default false: they stay as long as somebody holds them, and
   * what nobody holds waits for the garbage collector, up to 64 MiB in each thread.
   */
  readonly passing?: boolean
  readonly signal?: AbortSignal
}

export interface TrimLimits {
  /** Keep messages younger than this. */
  readonly maxAgeMs?: number
  /** Keep at most so many bytes. */
  readonly maxBytes?: number
  /** Subjects whose last message is kept beside `_schema` and `_ctl`. */
  readonly keep?: readonly string[]
}
