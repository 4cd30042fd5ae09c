import type { Value } from '@sheetflow/core/value'

/** Excel's last row and column. */
export const LAST_ROW: number = 1_048_576
export const LAST_COLUMN: number = 16_384

/** A rectangle of cells of one sheet, counted from 1, both ends inclusive. */
export interface Area {
  /** Index of the sheet in the book. */
  readonly sheet: number
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

/** Where a formula stands. */
export interface Place {
  readonly sheet: number
  readonly row: number
  readonly column: number
}

/** A formula as the file has it. */
export interface ExcelFormula {
  /** Without the equals sign. */
  readonly text: string
  /** How far the cell lies from the one for which the text was written: its relative references move along. */
  readonly down: number
  readonly across: number
  /** The rectangle that an array formula fills, by its size; 1 × 1 for others. */
  readonly rows: number
  readonly columns: number
  /** Is it computed as an array? Else a range where one value is wanted stands for its cell in the formula's row or column. */
  readonly array: boolean
}

/** A cell: what it held when the file was saved, and its formula if it has one. Dates are serial numbers. */
export interface ExcelCell {
  readonly value: Value
  readonly formula: ExcelFormula | null
  /** Is the number shown as a date or time? */
  readonly date?: true
}

/** A table of a sheet (Insert, Table): its rows without header and totals. */
export interface ExcelTable {
  readonly name: string
  readonly area: Area
  /** Rows of the header and of the totals; null: it has none. */
  readonly header: number | null
  readonly totals: number | null
  /** Names of its columns, in the order of the cells. */
  readonly columns: readonly string[]
}

/** One sheet of a book. Cells that are not there are Blank. */
export class ExcelSheet {
  readonly name: string
  /** The last row and column that hold something. */
  rows: number = 0
  columns: number = 0
  readonly #cells = new Map<number, ExcelCell>()

  constructor(name: string) {
    this.name = name
  }

  set(row: number, column: number, cell: ExcelCell): void {
    this.#cells.set(row * COLUMNS + column, cell)
    this.rows = Math.max(this.rows, row)
    this.columns = Math.max(this.columns, column)
  }

  /** How many cells hold something. */
  get size(): number {
    return this.#cells.size
  }

  cell(row: number, column: number): ExcelCell | undefined {
    return this.#cells.get(row * COLUMNS + column)
  }

  value(row: number, column: number): Value {
    return this.cell(row, column)?.value ?? null
  }

  /** All cells that hold something, as the file has them. */
  *cells(): Generator<{ readonly row: number; readonly column: number; readonly cell: ExcelCell }> {
    for (const [place, cell] of this.#cells) yield { row: Math.floor(place / COLUMNS), column: place % COLUMNS, cell }
  }
}

const COLUMNS = 32_768

/** A workbook of Excel as it was saved. */
export interface ExcelBook {
  readonly sheets: readonly ExcelSheet[]
  /** Defined names in lower case → what they stand for, as a formula without the equals sign; those of one sheet as `sheet!name`. */
  readonly names: ReadonlyMap<string, string>
  /** The same in lower case → as they are written. */
  readonly spelling: ReadonlyMap<string, string>
  readonly tables: readonly ExcelTable[]
  /** Day 0 of serial numbers, in days since 1970-01-01: of the system that counts from 1900 (its 29th of February included), or from 1904. */
  readonly epoch: number
}
