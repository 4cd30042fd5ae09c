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

/** `{stream → position}`: up to where each input was read. */
export type Vector = Readonly<Record<string, ReadPosition>>
