import type { ColumnType } from './type.ts'
import type { PredicateTemplate } from './predicate.ts'

/** One column of a table or sheet, as its schema message carries it (FORMATS 4). Row arrays follow the order of `columns`. */
export type ColumnSchema = ColumnType & {
  readonly name: string
  /** Stable id: the source's own (`pg_attribute.attnum`) where it has one, else given by capture; of a sheet, by its deployment. */
  readonly id: number
  /** May it be Blank? */
  readonly null: boolean
  /** The source's own type, as it prints it; of a sheet absent. */
  readonly source?: string
}

/** What one table looks like from this message on. `schema` counts up per table, `hash` is over key and columns. */
export interface TableSchema {
  readonly v: 1
  /** `schema.table` at a source, `workbook.sheet` of a graph. */
  readonly table: string
  /** What the source knows the table by, whatever its name is (opaque). Absent: it has nothing of the kind, or it is a sheet. */
  readonly id?: string
  readonly schema: number
  readonly hash: string
  readonly key: readonly string[]
  readonly columns: readonly ColumnSchema[]
}

/** Do these ids of their source tell two tables of one name apart? Undefined: not known. */
export function isAnotherTable(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}

/** A nested list of a sheet: the child view and the columns that join it: `[child column, parent column]`. */
export interface ListSchema {
  readonly view: string
  readonly on: readonly (readonly [child: string, parent: string])[]
  /** Conditions beside the join, on child columns. */
  readonly where?: PredicateTemplate
}

/** What readers of one role may see: rows by predicate (null: none excluded), columns except `hide`. */
export interface ReadRule {
  readonly rows: PredicateTemplate | null
  readonly hide: readonly string[]
}

/** A sheet's schema: all that `serve` and `store` need to know. A sheet without `read` is not in GraphQL. */
export interface SheetSchema extends TableSchema {
  readonly generation: number
  /** Columns that can be filtered, ordered or routed on beside the key. */
  readonly index: readonly string[]
  readonly search: readonly string[]
  readonly lists: Readonly<Record<string, ListSchema>>
  /** Role → rule. Absent: not published in GraphQL. */
  readonly read?: Readonly<Record<string, ReadRule>>
  /** Display formats by column (Excel number formats). */
  readonly format?: Readonly<Record<string, string>>
  /** One line for the GraphQL description. */
  readonly about?: string
  /** The store that keeps it, if not the main one. */
  readonly store?: string
  /** A one-row view of named values (`<workbook>_values`). */
  readonly single?: boolean
}
