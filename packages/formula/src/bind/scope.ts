import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { Expr, RelationId } from '../bound.ts'
import type { CallNode, Node } from '../syntax/node.ts'

/** A column that was found: its index in the relation's columns, its type, and its name as declared. */
export interface ScopeColumn {
  readonly kind: 'column'
  readonly index: number
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  /** It is an error in every row, because it reads a column that is gone. */
  readonly lost?: boolean
  /** It stands for one that the source has dropped: it keeps its place in rows and keys, and reading it is `#REF!`. */
  readonly gone?: boolean
}

/** A name that is known but cannot be read: its own formula leads back here, or has errors of its own. */
export type Unusable = { readonly kind: 'cycle'; readonly path: readonly string[] } | { readonly kind: 'broken' }

/** What a column name stands for. `dropped`: it was there when the deployment was made; reading it is `#REF!`, and so is a formula of which nothing else is left (`computed`). */
export type ColumnLookup = ScopeColumn | { readonly kind: 'dropped'; readonly name: string; readonly computed?: boolean } | Unusable | null

/** A table or sheet that formulas may read. Names are looked up without regard to letter case. */
export interface ScopeRelation {
  readonly id: RelationId
  /** How a formula writes it: `shop!orders`, `open_orders`. */
  readonly label: string
  /** Indexes of its key columns. */
  readonly key: readonly number[]
  column(name: string): ColumnLookup
  /** The column as lookups and aggregates take their values from it: of other rows than the one at hand, so a formula may read its own. Absent: as `column`. */
  ofOtherRows?(name: string): ColumnLookup
  columnNames(): readonly string[]
}

/** What the name of a table or sheet stands for. `ambiguous`: several tables have that name; `gone`: there was a sheet of that name, and is none now. */
export type RelationLookup =
  | { readonly kind: 'relation'; readonly relation: ScopeRelation }
  | { readonly kind: 'gone'; readonly why: string; readonly fix: string }
  | { readonly kind: 'ambiguous'; readonly labels: readonly string[] }
  | Unusable
  | null

/** What a name under `values` stands for. `own`: a column of the sheet of named values itself, from inside it. */
export type NamedLookup =
  | { readonly kind: 'constant'; readonly value: Value; readonly type: ColumnType | null }
  | { readonly kind: 'formula'; readonly view: RelationId; readonly column: ScopeColumn; readonly live: boolean }
  | { readonly kind: 'own'; readonly column: ScopeColumn }
  | { readonly kind: 'function'; readonly name: string; readonly node: Node }
  /** This formula in its place: a defined name of a spreadsheet. */
  | { readonly kind: 'inline'; readonly node: Node }
  | Unusable
  | null

/** The cells of a spreadsheet, for its importer: what they hold stands in the formula as constants. */
export interface CellScope {
  /** What a cell, range, union, intersection or spill holds: an array constant, or an error. `single`: it stands where one value is wanted. */
  reference(node: Node, single: boolean): Expr
  /** A call that asks about cells themselves (`ROW(A1)`, `OFFSET(…)`); null: it is an ordinary one. */
  call(node: CallNode): Expr | null
}

/** The rows of a group: `[x]` is their column. `keys`: columns that they are grouped by, with the column of the sheet that shows the group's value. */
export interface ScopeGroup {
  readonly relation: ScopeRelation
  readonly keys: readonly { readonly column: ScopeColumn; readonly own: ScopeColumn }[]
}

/** Everything that the names in one formula can mean. Lookups may bind other formulas on the way; cycles come back as `cycle`. */
export interface Scope {
  readonly workbook: string
  /** Zone of the workbook, for dates and times of moments in UTC. */
  readonly timeZone: string
  /** The row at hand (`[@x]`) and its whole sheet (`[x]`); null where there is no row. */
  readonly row: ScopeRelation | null
  /** As in Excel: whole columns and results may be arrays, and values of any kind. A column of a sheet has one type and no arrays. */
  readonly dynamic?: true
  /** Absent: there are no cells. */
  readonly cells?: CellScope
  /** In a sheet of GROUPBY: what `[x]` is. */
  readonly group?: ScopeGroup
  relation(source: string | null, table: string): RelationLookup
  /** As formulas write them, for "did you mean". */
  relationNames(): readonly string[]
  named(name: string): NamedLookup
  names(): readonly string[]
  /** Asynchronous functions by their names. Absent: there are none. */
  readonly functions?: FunctionSignatures
}
