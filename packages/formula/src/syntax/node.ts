import type { CellErrorKind } from '@sheetflow/core/cell-error'
import type { Range } from '../diagnostic.ts'

/** What stands between two values; `:` is Excel's range operator, which only the importer understands (`cells` where both sides are addresses). */
export type BinaryOperator = '+' | '-' | '*' | '/' | '^' | '&' | '=' | '<>' | '<' | '<=' | '>' | '>=' | ':'
/** What stands before a value; `@` is Excel's "one value of it". */
export type UnaryOperator = '+' | '-' | '@'

/** The `#…` parts of a table that a structured reference can name. */
export type TablePart = '#All' | '#Data' | '#Headers' | '#Totals' | '#This Row'

/** A column name as it stands in a reference, escapes resolved. */
export interface ColumnName extends Range {
  readonly name: string
}

/**
 * A structured reference. `[@x]`: no table, `row`; `[x]`: no table; `t[x]`, `source!t[x]`; `t[[a]:[c]]` has `to`; `t[#Totals]` has parts;
 * `[@]` has no column; `source!t` and `t[]` are the whole table. A bare `t` is a `name`.
 */
export interface ReferenceNode extends Range {
  readonly kind: 'reference'
  readonly source: ColumnName | null
  readonly table: ColumnName | null
  /** `@` or `#This Row`: the value in the row at hand. */
  readonly row: boolean
  readonly parts: readonly TablePart[]
  readonly column: ColumnName | null
  /** The last column of a range of columns. */
  readonly to: ColumnName | null
}

/** A call by name. The arguments keep their order; one left out (`IF(a,,b)`) is `empty`. */
export interface CallNode extends Range {
  readonly kind: 'call'
  readonly name: string
  readonly nameRange: Range
  readonly args: readonly Node[]
}

/** The sheet that an Excel reference names: `Sheet1!`, `'[1]My sheet'!`, `Jan:Mar!` (`to`: the last sheet of a range of sheets). */
export interface SheetName {
  /** The file, or its number in the list of external links; null: this one. */
  readonly book: string | null
  /** Empty for a name of a whole book: `[1]!name`. */
  readonly sheet: string
  readonly to: string | null
}

/** One corner of a range: counted from 1, `fixed` by `$`. A part left out (`A:A`, `1:3`) is null: the range has all of them. */
export interface Corner {
  readonly column: CornerPart | null
  readonly row: CornerPart | null
}

/** A column or row of a corner. */
export interface CornerPart {
  readonly at: number
  readonly fixed: boolean
}

/** One cell of an Excel sheet: `A1`, `$B$2`, `Sheet1!A1`. Both parts of `corner` are there. */
export interface CellNode extends Range {
  readonly kind: 'cell'
  readonly sheet: SheetName | null
  readonly corner: Corner
}

/** A rectangle of cells: `A1:B3`, whole columns `A:B`, whole rows `1:3`. The corners stand as they are written, in any order. */
export interface CellsNode extends Range {
  readonly kind: 'cells'
  readonly sheet: SheetName | null
  readonly from: Corner
  readonly to: Corner
}

/**
 * What only Excel's cells have, and only the dialect `excel` reads (`A1#` is read in both): an importer translates it, the binder of sheets
 * refuses it. `union` is `(A1, B2)`, flat, at least two parts; `intersection` is `A1:B3 B2:C4`; `spill` is `A1#`. The binary operator `:` is
 * left where a side is no address: `A1:INDEX(…)`. A name of a sheet or book (`Sheet1!rate`, `[1]!rate`) is a `reference` with a `source` and
 * no column.
 */
export type CellsOnlyNode =
  | CellNode
  | CellsNode
  | (Range & { readonly kind: 'union'; readonly parts: readonly Node[] })
  | (Range & { readonly kind: 'intersection'; readonly left: Node; readonly right: Node })
  | (Range & { readonly kind: 'spill'; readonly operand: Node })

/**
 * The tree of a formula, with the place of every part in its text. `hole` stands where something is missing: the parser always returns a
 * tree, as an editor needs. Parentheses are not in the tree; the printer puts them where they are needed.
 */
export type Node =
  | (Range & { readonly kind: 'number'; readonly text: string })
  /** `asGroup`: a value that PIVOTBY was given, which texts meet that would be in one group with it. No text of a formula is read so. */
  | (Range & { readonly kind: 'text'; readonly value: string; readonly asGroup?: true })
  | (Range & { readonly kind: 'bool'; readonly value: boolean })
  | (Range & { readonly kind: 'error'; readonly error: CellErrorKind })
  | (Range & { readonly kind: 'array'; readonly rows: readonly (readonly Node[])[] })
  | (Range & { readonly kind: 'unary'; readonly op: UnaryOperator; readonly operand: Node })
  | (Range & { readonly kind: 'percent'; readonly operand: Node })
  | (Range & { readonly kind: 'binary'; readonly op: BinaryOperator; readonly left: Node; readonly right: Node })
  | CallNode
  | (Range & { readonly kind: 'invoke'; readonly callee: Node; readonly args: readonly Node[] })
  /** `quoted`: it stands in apostrophes. */
  | (Range & { readonly kind: 'name'; readonly name: string; readonly quoted?: true })
  | ReferenceNode
  | CellsOnlyNode
  | (Range & { readonly kind: 'empty' })
  | (Range & { readonly kind: 'hole' })
