import type { OrderTerm } from '@sheetflow/core/query-plan'
import type { JsonValue } from '@sheetflow/core/value'
import type { Params } from './params.ts'

/** Comparison of a column with a constant. */
export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/**
 * One table of one generation, as statements see it. Columns are named by their position in the view's schema: no text of a user or of a
 * foreign database is ever an identifier.
 */
export interface QueryTable {
  /** The table's name in SQL. */
  readonly name: string
  /** Position of a column of the view; an unknown one is a bug of the caller. */
  position(column: string): number
  /** Positions of the key columns, in key order. */
  readonly key: readonly number[]
}

/** A table in a statement, under the name by which its columns are reached. */
export interface Scope {
  readonly table: QueryTable
  readonly alias: string
}

/**
 * What a database has to say so that a plan becomes its SQL. The structure of statements (and, or, nesting, paging) is written once, in
 * `query-sql.ts` and `predicate-sql.ts`; how a cell lies in a column, compares and prints is the dialect's.
 *
 * Conditions obey FORMATS 2: Blank is a value below all others, a cell error lies above them and satisfies no condition, negated or not.
 */
export interface Dialect<T extends QueryTable = QueryTable> {
  /** `column <op> constant` */
  compare(scope: Scope & { table: T }, column: number, op: Comparison, constant: JsonValue, params: Params): string
  /** The column equals one of the constants; none of them if `negated`. There is at least one. */
  oneOf(scope: Scope & { table: T }, column: number, constants: readonly JsonValue[], negated: boolean, params: Params): string
  /** The column is a text that begins so; none such if `negated`. */
  prefix(scope: Scope & { table: T }, column: number, prefix: string, negated: boolean, params: Params): string
  /** Equality of a child's column with a parent's, whatever their numeric types. */
  join(child: Scope & { table: T }, column: number, parent: Scope & { table: T }, parentColumn: number): string
  /** One term of ORDER BY: asc = Blank first, desc = Blank last. */
  orderTerm(scope: Scope & { table: T }, column: number, direction: OrderTerm['direction']): string
  /** The row stands strictly behind this place in that order. */
  after(scope: Scope & { table: T }, terms: readonly PlaceTerm[], params: Params): string
  /** Columns of the table that `value` reads, as SQL names. */
  stored(table: T, columns: readonly number[]): readonly string[]
  /** One cell as a value that `object` and `tuple` write in its JSON form. */
  value(scope: Scope & { table: T }, column: number): string
  /** A JSON object of named values, in this order. */
  object(fields: readonly (readonly [name: string, value: string])[]): string
  /** A JSON array of values. */
  tuple(values: readonly string[]): string
  /** `SELECT` of one JSON object per row, in the order of `from`, as one array: one row with the column `rows`. */
  array(object: string, from: string): string
}

/** One term of an order with the value at which a page ended. */
export interface PlaceTerm {
  readonly column: number
  readonly direction: OrderTerm['direction']
  readonly value: JsonValue
}
