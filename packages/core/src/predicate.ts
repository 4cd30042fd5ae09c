import type { JsonValue } from './value.ts'

/**
 * The closed predicate tree over one row (FORMATS 2): GraphQL filters, read rules, nested lists and windows lower to it; store, router
 * and client evaluate the same tree. Two-valued: Blank is a value (`ne x` holds for Blank); `lt gt` follow `compare`; a cell error
 * satisfies no leaf and no negated leaf. Text is compared exactly, by code point.
 *
 * Constants are in JSON form of the column's type, so a predicate can be sent, signed and hashed as it is.
 * `C` is what may stand for a constant: `JsonValue` when complete, `Operand` in rules that still wait for the reader's claims.
 */
export type PredicateOf<C> =
  | { readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'; readonly column: string; readonly value: C }
  | { readonly op: 'in'; readonly column: string; readonly values: readonly C[] }
  /** `low ≤ column ≤ high` */
  | { readonly op: 'between'; readonly column: string; readonly low: C; readonly high: C }
  | { readonly op: 'prefix'; readonly column: string; readonly value: string }
  | { readonly op: 'blank'; readonly column: string }
  | { readonly op: 'and' | 'or'; readonly of: readonly PredicateOf<C>[] }
  | { readonly op: 'not'; readonly of: PredicateOf<C> }

/** A complete predicate. `{op: 'and', of: []}` holds for every row, `{op: 'or', of: []}` for none. */
export type Predicate = PredicateOf<JsonValue>

/** What a rule may compare with: a constant, or a claim of the reader's token. */
export type Operand = JsonValue | { readonly claim: string }

/** A predicate with places for claims, as `read` rules are written (FORMATS 4). */
export type PredicateTemplate = PredicateOf<Operand>

/** Holds for every row. */
export const ALWAYS: Predicate = { op: 'and', of: [] }
/** Holds for no row. */
export const NEVER: Predicate = { op: 'or', of: [] }
