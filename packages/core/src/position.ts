/** A place in a stream. Offsets of one stream count up; positions of different epochs are never ordered (FORMATS 3). */
export interface Position {
  readonly epoch: number
  /** The offset of the **commit** of the transaction that was read last: stored positions are commit offsets only. */
  readonly offset: number
}

/** A position as it is stored: with that commit's `tx`, so that a replaced history is noticed. */
export interface StoredPosition extends Position {
  readonly tx: string
}

/**
 * Up to where an input was read. `tx`: of the transaction that ends there, of an inbox the id of its message, so that a replaced history is noticed; left out of a commit whose step read
 * nothing of that input (ADR 031).
 */
export interface ReadPosition extends Position {
  readonly tx?: string
}

/** What an inbox held at an offset: its epoch, and the id of the message there. */
export interface InboxMessageAt {
  readonly epoch: number
  readonly tx: string
}

/**
 * Up to which offset of a source's inbox everything is finished. `at`: what stood there, so that an inbox that was set back is noticed; absent where nothing has been read, and of commits of
 * earlier versions: those are compared by their offset alone (ADR 036).
 */
export interface InboxPlace {
  readonly offset: number
  readonly at?: InboxMessageAt
}

/** `{stream → position}`: up to where each input was read. */
export type Vector = Readonly<Record<string, ReadPosition>>
