import type { Value } from '@sheetflow/core/value'
import { NA } from './cell-errors.ts'

/** More cells than this an array of a formula does not have: what would is `#NUM!`. */
export const MAX_CELLS: number = 1_000_000

/**
 * An array of formulas: a rectangle of cells, row after row; at least one by one, but for columns of a table without rows. It is what array constants, whole columns and functions like SEQUENCE are
 * inside of a formula; no cell of a sheet holds one.
 */
export class Grid {
  readonly rows: number
  readonly columns: number
  /** `rows × columns` cells, row by row. */
  readonly cells: readonly Value[]

  constructor(rows: number, columns: number, cells: readonly Value[]) {
    this.rows = rows
    this.columns = columns
    this.cells = cells
  }

  /** One value as an array. */
  static one(value: Value): Grid {
    return new Grid(1, 1, [value])
  }

  /** Rows of equal length. */
  static ofRows(rows: readonly (readonly Value[])[]): Grid {
    return new Grid(rows.length, rows[0]?.length ?? 0, rows.flat())
  }

  /** Each cell by its place, counted from 0. */
  static make(rows: number, columns: number, cell: (row: number, column: number) => Value): Grid {
    const cells: Value[] = []
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) cells.push(cell(row, column))
    return new Grid(rows, columns, cells)
  }

  /** The cell at a place counted from 0; Blank outside. */
  at(row: number, column: number): Value {
    return this.cells[row * this.columns + column] ?? null
  }

  row(index: number): readonly Value[] {
    return this.cells.slice(index * this.columns, (index + 1) * this.columns)
  }

  column(index: number): readonly Value[] {
    return Array.from({ length: this.rows }, (_, row) => this.at(row, index))
  }

  map(change: (value: Value, index: number) => Value): Grid {
    return new Grid(this.rows, this.columns, this.cells.map(change))
  }

  transposed(): Grid {
    return Grid.make(this.columns, this.rows, (row, column) => this.at(column, row))
  }

  /** One row or one column. */
  get isLine(): boolean {
    return this.rows === 1 || this.columns === 1
  }
}

/** What an expression gives: a value, or an array where its static type says so (an error may stand for the whole). */
export type FormulaValue = Value | Grid

/** One value is an array of one cell. */
export function gridOf(value: FormulaValue): Grid {
  return value instanceof Grid ? value : Grid.one(value)
}

/** An array where one value is wanted: its first cell. */
export function firstOf(value: FormulaValue): Value {
  return value instanceof Grid ? value.at(0, 0) : value
}

/** The cell that an array gives to a place of a larger one: a single row or column stands beside all others; where there is no cell `#N/A`. */
export function spreadAt(grid: Grid, row: number, column: number): Value {
  const r = grid.rows === 1 ? 0 : row
  const c = grid.columns === 1 ? 0 : column
  return r < grid.rows && c < grid.columns ? grid.at(r, c) : NA
}
