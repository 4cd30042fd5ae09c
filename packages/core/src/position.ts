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

/** `{stream → position}`: up to where each input was read. */
export type Vector = Readonly<Record<string, Position>>
