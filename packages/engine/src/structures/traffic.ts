/** What has gone through an operator since it was made, its first filling included; counted, never read by what is computed. */
export class Traffic {
  /** Changed rows that it looked at. */
  rowsIn = 0
  /** Rows, keys or groups that it passed on as changed. */
  rowsOut = 0
  /** Rows that it computed with the result that they had before: nobody behind it was called for them. */
  suppressed = 0
  /** Milliseconds that it ran, estimated from a part of the steps (`StepTimes`). */
  ms = 0
}

/** How many rows a change of one key has called at most for one formula, and which key that was; null: nobody has that key, or asks for it, any more. */
export interface FanOut {
  readonly rows: number
  readonly key: string | null
}
