import type { CellErrorKind } from '../cell-error.ts'
import type { FunctionSignature } from '../function-signature.ts'
import type { JsonValue } from '../value.ts'

/**
 * Port `Functions`: functions that formulas call and that answer later, in this process or in another one.
 *
 * What callers may rely on: `call` answers as many rows as it was given, in their order, each for itself: a row that fails is an error among the answers
 * and costs no other row its answer, nor does one that cannot be answered now. It rejects only if nothing can be said of any row: `plugin/unavailable` (may be
 * called again later, with the same rows: functions are called at least once for their arguments) or `plugin/unknown-function` (nobody has that function
 * in that version). When the signal aborts it ends soon, whatever the function does: it rejects, or the rows that are not finished are `later`. Rows are
 * never kept or changed.
 *
 * Values have their JSON form (FORMATS 1), by the types of the signature. What comes back is not trusted: whoever calls checks it
 * against the signature.
 */
export interface Functions extends AsyncDisposable {
  /** What can be called now, each name and version once. `plugin/unavailable`: nobody can say. */
  describe(signal?: AbortSignal): Promise<readonly DeclaredFunction[]>
  call(batch: FunctionBatch, signal: AbortSignal): Promise<readonly FunctionAnswer[]>
}

/** A function with what its caller has to know beside the signature. None of this is part of a deployment. */
export interface DeclaredFunction extends FunctionSignature {
  readonly name: string
  /** Rows of one call at most. */
  readonly maxBatch: number
  /** How long a call may take. */
  readonly timeoutMs: number
}

/** Rows of arguments for one function, in the order of its parameters. */
export interface FunctionBatch {
  readonly function: string
  readonly version: string
  readonly rows: readonly (readonly JsonValue[])[]
}

/**
 * What became of one row. An error is the value of the call, for good. `later`: it may be asked again; `slow`: because it took too long, which may be
 * its own fault. `reason` is for the log.
 */
export type FunctionAnswer =
  | { readonly value: JsonValue }
  | { readonly error: CellErrorKind; readonly reason: string }
  | { readonly later: 'unavailable' | 'slow'; readonly reason: string }
