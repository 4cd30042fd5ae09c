import type { Value } from '@sheetflow/core/value'

/** A rectangle of cells of one sheet, counted from 1, both ends inclusive. */
export interface Area {
  /** Index of the sheet in the book. */
  readonly sheet: number
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
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
  /** Defined names in lower case → what they stand for, as a formula without the equals sign. */
  readonly names: ReadonlyMap<string, string>
}
