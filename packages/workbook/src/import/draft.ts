import type { Value } from '@sheetflow/core/value'
import { parseFormula } from '@sheetflow/formula/syntax/parse'
import { addressOf } from '../excel/address.ts'
import type { Area, ExcelBook, ExcelCell, ExcelFormula, Place } from '../excel/book.ts'
import { columnName, Names, sheetName, valueName } from './names.ts'
import { findRegions, type Region } from './region.ts'

/** A column of a table to be. `formula`: ours, with the equals sign; null: its values are data. */
export interface DraftColumn {
  readonly name: string
  /** The column of the book's sheet. */
  readonly at: number
  formula: string | null
}

/** A table to be: one sheet file. */
export interface DraftTable {
  readonly name: string
  readonly region: Region
  readonly columns: readonly DraftColumn[]
  /** Does it accept formulas that recompute all its rows? */
  wholeTable: boolean
}

/** A named value to be. `formula` as of a column; null: the value itself. `place`: the cell that it was; null: a defined name of its own. */
export interface DraftValue {
  readonly name: string
  readonly place: Place | null
  readonly value: Value
  readonly date: boolean
  formula: string | null
  /** A function (LAMBDA): it has no value. */
  readonly isFunction: boolean
}

/** Why something of the book is not there as it was. */
export interface ImportProblem {
  readonly code: 'workbook/shape'
  readonly sheet: string
  /** One cell, or the first and last of several in a column. */
  readonly cell: string
  /** As the book has it; empty where the cell has none. */
  readonly formula: string
  readonly reason: string
  readonly fix: string
}

/** What becomes of a book, while it is worked out. */
export class Draft {
  readonly book: ExcelBook
  readonly tables: readonly DraftTable[]
  readonly values: DraftValue[] = []
  /** Does the workbook accept named values that read whole columns as arrays? */
  wholeColumns = false
  readonly problems: ImportProblem[] = []
  readonly #names = new Names()
  readonly #byPlace = new Map<string, DraftValue>()
  /** Cells whose text has become the name of the value beside them. */
  readonly #labels = new Set<string>()
  /** Cells that a defined name stands for: the name. */
  readonly #cellNames = new Map<string, string>()

  constructor(book: ExcelBook) {
    this.book = book
    this.tables = findRegions(book).map((region): DraftTable => {
      const names = new Names()
      const columns = region.columns.map(({ name, at }) => ({ name: names.take(columnName(name)), at, formula: null }))
      return { name: this.#names.take(sheetName(region.name)), region, columns, wholeTable: false }
    })
    for (const [name, text] of book.names) this.#nameCell(name, text)
  }

  /** The table in whose data, header included, a cell stands. */
  tableAt({ sheet, row, column }: Place): DraftTable | null {
    const inside = ({ region: { area, header } }: DraftTable): boolean =>
      area.sheet === sheet && row >= (header ?? area.top) && row <= area.bottom && column >= area.left && column <= area.right
    return this.tables.find(inside) ?? null
  }

  /** Tables with data in an area. */
  tablesIn({ sheet, top, left, bottom, right }: Area): readonly DraftTable[] {
    return this.tables.filter(
      ({ region: { area } }) =>
        area.sheet === sheet && area.top <= bottom && area.bottom >= top && area.left <= right && area.right >= left,
    )
  }

  cell({ sheet, row, column }: Place): ExcelCell | undefined {
    return this.book.sheets[sheet]?.cell(row, column)
  }

  /** The named value of a cell outside of tables, which becomes one when it is first asked for. */
  valueAt(place: Place): DraftValue {
    const known = this.#byPlace.get(keyOf(place))
    if (known !== undefined) return known
    const cell = this.cell(place)
    const name = this.#names.take(this.#nameOf(place))
    const value: DraftValue = { name, place, value: cell?.value ?? null, date: cell?.date === true, formula: null, isFunction: false }
    this.#byPlace.set(keyOf(place), value)
    this.values.push(value)
    return value
  }

  isValue(place: Place): boolean {
    return this.#byPlace.has(keyOf(place))
  }

  /** Has the cell's text become a name? */
  isLabel(place: Place): boolean {
    return this.#labels.has(keyOf(place))
  }

  /** A defined name that stands for no cell. */
  addName(wish: string, isFunction: boolean, value: Value): DraftValue {
    const draft: DraftValue = { name: this.#names.take(valueName(wish)), place: null, value, date: false, formula: null, isFunction }
    this.values.push(draft)
    return draft
  }

  /** Has the cell a label beside it, or a name? */
  hasLabel(place: Place): boolean {
    return this.#cellNames.has(keyOf(place)) || this.#label(place) !== null
  }

  problem(place: Place, last: number, formula: ExcelFormula | null, reason: string, fix: string): void {
    const { sheet, row, column } = place
    const cell = last === row ? addressOf(row, column) : `${addressOf(row, column)}:${addressOf(last, column)}`
    const text = formula === null ? '' : `=${formula.text}`
    this.problems.push({ code: 'workbook/shape', sheet: this.book.sheets[sheet]?.name ?? '', cell, formula: text, reason, fix })
  }

  #nameCell(name: string, text: string): void {
    const { node } = parseFormula(`=${text}`, { dialect: 'excel' })
    if (node.kind !== 'cell' || node.sheet === null || node.sheet.book !== null) return
    const { sheet: wanted } = node.sheet
    const sheet = this.book.sheets.findIndex((one) => one.name.toLowerCase() === wanted.toLowerCase())
    const { row, column } = node.corner
    if (sheet >= 0 && row !== null && column !== null) this.#cellNames.set(keyOf({ sheet, row: row.at, column: column.at }), name)
  }

  #nameOf(place: Place): string {
    const defined = this.#cellNames.get(keyOf(place))
    if (defined !== undefined) return valueName(this.book.spelling.get(defined) ?? defined)
    const above = this.#above(place)
    if (above !== null) return above
    const label = this.#label(place)
    if (label !== null && valueName(label).length <= MAX_NAME) {
      this.#labels.add(keyOf({ ...place, column: place.column - 1 }))
      return valueName(label)
    }
    return valueName(`${this.book.sheets[place.sheet]?.name ?? ''}_${addressOf(place.row, place.column)}`).toLowerCase()
  }

  /** Right below a column of a table: the table, the column, and what the formula does with it. */
  #above(place: Place): string | null {
    const table = this.tableAt({ ...place, row: place.row - 1 })
    const formula = this.cell(place)?.formula ?? null
    if (table === null || formula === null) return null
    const column = table.columns.find((one) => one.at === place.column)?.name ?? ''
    const { node } = parseFormula(`=${formula.text}`, { dialect: 'excel' })
    return valueName(`${table.name}_${column}_${node.kind === 'call' ? node.name.toLowerCase() : 'total'}`)
  }

  /** The text to the left. */
  #label({ sheet, row, column }: Place): string | null {
    const left = { sheet, row, column: column - 1 }
    const cell = column < 2 || this.tableAt(left) !== null ? undefined : this.cell(left)
    return typeof cell?.value === 'string' && cell.formula === null && /[A-Za-z]/.test(cell.value) ? cell.value : null
  }
}

/** Longer texts are sentences, no labels. */
const MAX_NAME = 40

function keyOf({ sheet, row, column }: Place): string {
  return `${sheet},${row},${column}`
}
