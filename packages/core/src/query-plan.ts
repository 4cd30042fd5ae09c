import type { Predicate } from './predicate.ts'

/** Order by one column, Blank first (`asc`) or last (`desc`). Ties go to the smaller key. */
export interface OrderTerm {
  readonly column: string
  readonly direction: 'asc' | 'desc'
}

/** A nested list of a plan: rows of `view` whose `on` columns equal the parent's. */
export interface NestedPlan {
  /** The field under which it stands in the parent's JSON object. */
  readonly as: string
  readonly on: readonly (readonly [child: string, parent: string])[]
  readonly plan: QueryPlan
}

/**
 * What a GraphQL root field became: lowered by `serve`, compiled by each store to one SQL statement that returns JSON.
 * Columns not in the view, or of another type than its schema says, are bugs of the caller.
 */
export interface QueryPlan {
  readonly view: string
  readonly generation: number
  readonly where: Predicate
  /** Columns by name; each row is a JSON object of them in JSON form, with `_key` (array, JSON form) if `key` is set. */
  readonly columns: readonly string[]
  readonly key: boolean
  readonly order: readonly OrderTerm[]
  /** At most so many rows. */
  readonly limit: number
  /** Rows strictly behind this place: values of `order` columns, then key values, in JSON form. */
  readonly after?: { readonly order: readonly unknown[]; readonly key: readonly unknown[] }
  readonly nested: readonly NestedPlan[]
}

/** Full-text search of one view. Never live. */
export interface SearchPlan {
  readonly view: string
  readonly generation: number
  readonly text: string
  readonly where: Predicate
  readonly columns: readonly string[]
  readonly limit: number
}
