import type { ColumnType } from './type.ts'

/**
 * What a formula shows while an asynchronous function has not answered for the arguments at hand (ADR 029).
 *
 * `hold`: the last answer that this row had at this place; if there never was one the whole formula is `#BUSY!`, whatever stands around the call, so a row
 * does not come into a filter before it is known that it belongs there. `stale`: the last answer, else `#BUSY!` as an error like any other. `busy`:
 * `#BUSY!` for as long as it waits.
 */
export type OnPending = 'hold' | 'busy' | 'stale'

/** What a value going in or out is. Lists and bytes are none. */
export interface FunctionValueType {
  readonly type: ColumnType
  /** May it be Blank? */
  readonly nullable: boolean
}

/** One parameter. A Blank argument of one that takes none is its zero, as in Excel (`''`, 0, FALSE), a date `#VALUE!`. */
export interface FunctionParameter extends FunctionValueType {
  readonly name: string
}

/**
 * What formulas must know of an asynchronous function. It stands in the deployment whose formulas call it: a replay binds by it and asks nobody.
 * `version` is the author's: answers are remembered by it, so another version asks everything anew.
 */
export interface FunctionSignature {
  readonly version: string
  readonly params: readonly FunctionParameter[]
  readonly result: FunctionValueType
  readonly onPending: OnPending
  /** One line for editors. */
  readonly help?: string
}

/** Signatures by the name that formulas call (`[a-z][a-z0-9_]*`; formulas write it in any case). */
export type FunctionSignatures = Readonly<Record<string, FunctionSignature>>
