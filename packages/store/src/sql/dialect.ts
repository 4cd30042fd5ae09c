import type { JsonValue } from '@sheetflow/core/value'
import type { SqlValue } from './params.ts'

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
export interface Scope<T extends QueryTable = QueryTable> {
  readonly table: T
  readonly alias: string
}

/**
 * What a database has to say so that a plan becomes its SQL. The structure of statements (and, or, nesting, paging) and the conditions are
 * written once (`query-sql.ts`, `predicate-sql.ts`, `conditions.ts`); how a value lies in a column and prints is the dialect's.
 *
 * A column `c<n>` holds one *cell* for every value, never NULL, such that the database's own comparison of two cells is `compare` of core:
 * Blank below all values, cell errors above them.
 */
export interface Dialect<T extends QueryTable = QueryTable> {
  /** The nth bound value of a statement in its text, counted from 1. */
  placeholder(n: number): string
  /** A value of any kind (Blank, plain, big value, cell error) as a cell of the column. */
  cell(table: T, column: number, json: JsonValue): SqlValue
  /** A constant of a predicate as the greatest cell ≤ it. */
  floor(table: T, column: number, constant: JsonValue): Floor
  /** SQL constant: the cells of the column from here on are errors. */
  errors(table: T, column: number): string
  /** SQL constant: the cells of a column of texts from here on are no plain texts. */
  readonly textsEnd: string
  /** Equality of a child's column with a parent's, whatever their numeric types; errors equal nothing. */
  join(child: Scope<T>, column: number, parent: Scope<T>, parentColumn: number): string
  /** Columns of the table that `value` reads, as SQL names. */
  stored(table: T, columns: readonly number[]): readonly string[]
  /**
   * Stored columns by which a row that was chosen is found again at once; null where a statement gains nothing by sorting those alone and
   * reading the rows afterwards.
   */
  handle(table: T): readonly string[] | null
  /** One cell as a value that `object` and `tuple` write in its JSON form. */
  value(scope: Scope<T>, column: number): string
  /** A JSON object of named values, in this order. */
  object(fields: readonly (readonly [name: string, value: string])[]): string
  /** A JSON array of values. */
  tuple(values: readonly string[]): string
  /** `SELECT` of one JSON object per row, in the order of `from`, as one array: one row with the column `rows`. */
  array(object: string, from: string): string
}

/** The greatest cell that a column can hold and that is not above a constant. */
export interface Floor {
  readonly cell: SqlValue
  /** It is that constant's value, not one below. */
  readonly exact: boolean
}
