import { CellError, isCellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import { gridOfConstants } from '@sheetflow/formula/bind/bind-array'
import { bindFormula } from '@sheetflow/formula/bind/bind-formula'
import type { CellScope, NamedLookup, Scope } from '@sheetflow/formula/bind/scope'
import type { Expr } from '@sheetflow/formula/bound'
import type { CallNode, Node } from '@sheetflow/formula/syntax/node'
import { Resolver, type Areas } from './areas.ts'
import type { Area, ExcelBook, Place } from './book.ts'
import { constantOf } from './cell-constant.ts'
import type { CellContext } from './cell-context.ts'
import { definedName } from './defined-names.ts'
import { cellFunction } from './cell-functions.ts'

/** More cells than this one reference does not bring into a formula. */
const MAX_CELLS = 200_000
/** Nor all its references together. */
const MAX_CELLS_IN_ALL = 1_000_000

/**
 * Names and cells of a book, as one of its formulas sees them (each has a scope of its own: the limits are those of a formula): what other cells hold are constants. Functions about cells themselves (ROW, OFFSET, …) are
 * answered here; all others are those of sheets.
 */
export class BookScope implements Scope, CellScope, CellContext {
  readonly workbook = 'book'
  readonly timeZone = 'UTC'
  readonly row = null
  readonly dynamic = true
  readonly cells: CellScope = this
  readonly place: Place
  readonly book: ExcelBook
  readonly #resolver: Resolver
  readonly #arrays: boolean
  #cells = 0

  /** `arrays`: ranges are arrays wherever they stand. */
  constructor(book: ExcelBook, place: Place, arrays: boolean) {
    this.#arrays = arrays
    this.book = book
    this.place = place
    this.#resolver = new Resolver(book, place, (node) => cellFunction(node.name)?.areas?.(this, node) ?? null)
  }

  relation(): null {
    return null
  }

  relationNames(): readonly string[] {
    return []
  }

  names(): readonly string[] {
    return [...this.book.names.keys()]
  }

  named(name: string): NamedLookup {
    const node = definedName(this.book, this.place, name)
    if (node === null) return null
    const isFunction = node.kind === 'call' && node.name.toUpperCase() === 'LAMBDA'
    return isFunction ? { kind: 'function', name, node } : { kind: 'inline', node }
  }

  call(node: CallNode): Expr | null {
    return cellFunction(node.name)?.value(this, node) ?? null
  }

  reference(node: Node, single: boolean): Expr {
    const areas = this.areas(node)
    const one = single && !this.#arrays && areas !== null && typeof areas !== 'string' && areas.length === 1 ? areas[0] : undefined
    return one === undefined ? this.contents(areas) : this.contents(this.#crossing(one))
  }

  /** The cell of a row or column of cells that lies in the formula's own column or row (Excel's implicit intersection). */
  #crossing(area: Area): Areas {
    const { row, column } = this.place
    if (area.top === area.bottom && area.left === area.right) return [area]
    if (area.left === area.right && row >= area.top && row <= area.bottom) return [{ ...area, top: row, bottom: row }]
    if (area.top === area.bottom && column >= area.left && column <= area.right) return [{ ...area, left: column, right: column }]
    return '#VALUE!'
  }

  contents(areas: Areas): Expr {
    if (areas === null) return constantOf(new CellError('#REF!'))
    if (typeof areas === 'string') return constantOf(new CellError(areas))
    const clipped = areas.map((area) => this.#clipped(area))
    const cells = clipped.reduce((sum, area) => sum + sizeOf(area), 0)
    this.#cells += cells
    if (cells > MAX_CELLS || this.#cells > MAX_CELLS_IN_ALL) return constantOf(new CellError('#NUM!'))
    const rows = clipped.map((area) => this.#rows(area))
    const [only] = rows
    return gridOfConstants(rows.length === 1 && only !== undefined ? only : rows.flat(2).map((cell) => [cell]))
  }

  areas(node: Node): Areas {
    return this.#resolver.areas(node)
  }

  areasOfText(text: string): Areas {
    return this.#resolver.areasOfText(text)
  }

  bound(node: Node): Expr | null {
    const { expr, diagnostics } = bindFormula({ text: '', node, diagnostics: [] }, this)
    return diagnostics.some((one) => one.severity === 'error') ? null : expr
  }

  constant(node: Node | undefined): Value {
    if (node === undefined || node.kind === 'empty') return null
    const { expr } = bindFormula({ text: '', node, diagnostics: [] }, this)
    return expr.kind === 'grid' ? expr.grid.at(0, 0) : expr.kind === 'const' ? expr.value : null
  }

  count(node: Node | undefined, fallback: number): number | CellError {
    if (node === undefined || node.kind === 'empty') return fallback
    const value = this.constant(node)
    if (isCellError(value)) return value
    return isNumber(value) ? Math.trunc(toDecimal(value).toNumber()) : value === null ? 0 : new CellError('#VALUE!')
  }

  /** How many cells of a range are left out of it, all Blank: those behind the last filled row and column of the book. */
  hidden(node: Node): number {
    const areas = this.areas(node)
    if (areas === null || typeof areas === 'string') return 0
    return areas.reduce((sum, area) => sum + sizeOf(area) - sizeOf(this.#clipped(area)), 0)
  }

  /** Ranges of all sheets are cut at the same row and column, so that those of one size stay so. */
  #clipped(area: Area): Area {
    if (sizeOf(area) <= MAX_CELLS) return area
    const { sheets } = this.book
    return {
      ...area,
      bottom: Math.max(area.top, Math.min(area.bottom, Math.max(...sheets.map((sheet) => sheet.rows)))),
      right: Math.max(area.left, Math.min(area.right, Math.max(...sheets.map((sheet) => sheet.columns)))),
    }
  }

  #rows({ sheet, top, left, bottom, right }: Area): readonly (readonly Expr[])[] {
    const cells = this.book.sheets[sheet]
    return Array.from({ length: bottom - top + 1 }, (_, row) =>
      Array.from({ length: right - left + 1 }, (__, column) => constantOf(cells?.value(top + row, left + column) ?? null)),
    )
  }
}

function sizeOf({ top, left, bottom, right }: Area): number {
  return (bottom - top + 1) * (right - left + 1)
}
