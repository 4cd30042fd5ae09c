import type { CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'
import type { Node } from '@sheetflow/formula/syntax/node'
import type { Areas } from './areas.ts'
import type { ExcelBook, Place } from './book.ts'

/** What functions about cells can ask, for one formula of a book. */
export interface CellContext {
  readonly book: ExcelBook
  readonly place: Place
  areas(node: Node): Areas
  areasOfText(text: string): Areas
  /** What areas hold; several stand one below the other as one column. */
  contents(areas: Areas): Expr
  /** A formula in the place of this one's part; null where names of LET stand in it. */
  bound(node: Node): Expr | null
  /** The value of an argument; null where it is no constant (a name of LET). Arrays give their first cell. */
  constant(node: Node | undefined): Value
  /** A whole number from an argument; `fallback` where it is left out. */
  count(node: Node | undefined, fallback: number): number | CellError
}
