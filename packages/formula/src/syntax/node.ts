import type { CellErrorKind } from '@sheetflow/core/cell-error'
import type { Range } from '../diagnostic.ts'

/** What stands between two values; `:` is Excel's range operator, which only the importer understands. */
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

/**
 * The tree of a formula, with the place of every part in its text. `hole` stands where something is missing: the parser always returns a
 * tree, as an editor needs. Parentheses are not in the tree; the printer puts them where they are needed.
 */
export type Node =
  | (Range & { readonly kind: 'number'; readonly text: string })
  | (Range & { readonly kind: 'text'; readonly value: string })
  | (Range & { readonly kind: 'bool'; readonly value: boolean })
  | (Range & { readonly kind: 'error'; readonly error: CellErrorKind })
  | (Range & { readonly kind: 'array'; readonly rows: readonly (readonly Node[])[] })
  | (Range & { readonly kind: 'unary'; readonly op: UnaryOperator; readonly operand: Node })
  | (Range & { readonly kind: 'percent'; readonly operand: Node })
  | (Range & { readonly kind: 'binary'; readonly op: BinaryOperator; readonly left: Node; readonly right: Node })
  | CallNode
  | (Range & { readonly kind: 'invoke'; readonly callee: Node; readonly args: readonly Node[] })
  | (Range & { readonly kind: 'name'; readonly name: string })
  | ReferenceNode
  | (Range & { readonly kind: 'empty' })
  | (Range & { readonly kind: 'hole' })
