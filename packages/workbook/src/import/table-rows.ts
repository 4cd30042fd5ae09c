import { isCellError } from '@sheetflow/core/cell-error'
import { valuesKey } from '@sheetflow/core/key'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { ExcelCell } from '../excel/book.ts'
import type { Draft, DraftTable } from './draft.ts'
import { Names } from './names.ts'
import { columnType, typedValue } from './typed-cells.ts'

/** Tables up to here stand in the file of their sheet; larger ones are loaded into a source. */
export const MAX_INLINE_ROWS = 200

/** The rows of a table that are data: its columns without formulas, and a key. */
export interface TableRows {
  readonly key: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
  readonly rows: readonly (readonly Value[])[]
}

/** Texts and numbers in one column, or errors, which data cannot hold: the column's place in the book, and the row of the first. */
export interface CellLoss {
  readonly at: number
  readonly row: number
  readonly what: 'mixed' | 'error'
}

/** Data of a table. Its key is the first column with a value of its own in each row; if there is none, the numbers of the rows. */
export function tableRows(
  { book }: Draft,
  { columns, region: { area } }: DraftTable,
): { readonly data: TableRows; readonly losses: readonly CellLoss[] } {
  const losses: CellLoss[] = []
  const inputs = columns
    .filter((column) => column.formula === null)
    .map(({ name, at }) => {
      const cells = cellsOf(book.sheets[area.sheet], area.top, area.bottom, at)
      const { type: narrow, mixed } = columnType(cells)
      const type = cells.length > MAX_INLINE_ROWS ? sourceType(narrow, cells) : narrow
      if (mixed) losses.push({ at, row: area.top, what: 'mixed' })
      const error = cells.findIndex((cell) => isCellError(cell?.value))
      if (error >= 0) losses.push({ at, row: area.top + error, what: 'error' })
      const values = cells.map((cell) => {
        const value = typedValue(type, cell?.value ?? null, book.epoch)
        return isCellError(value) ? null : value
      })
      return { name, type, values }
    })
  const key = inputs.find(({ type, values }) => type.type !== 'double' && isKey(values))
  const numbered =
    key === undefined
      ? [
          rowNumbers(
            columns.map((column) => column.name),
            area.bottom - area.top + 1,
          ),
        ]
      : []
  const all = [...numbered, ...inputs]
  return {
    data: {
      key: (key ?? all[0])?.name ?? '',
      columns: all.map(({ name, type }) => ({ name, type })),
      rows: Array.from({ length: area.bottom - area.top + 1 }, (_, row) => all.map(({ values }) => values[row] ?? null)),
    },
    losses,
  }
}

/** The cells of a column from one row to another. */
export function cellsOf(
  sheet: { cell(row: number, column: number): ExcelCell | undefined } | undefined,
  top: number,
  bottom: number,
  column: number,
): readonly (ExcelCell | undefined)[] {
  return Array.from({ length: bottom - top + 1 }, (_, index) => sheet?.cell(top + index, column))
}

/** A database's integers have 32 bits. */
function sourceType(type: ColumnType, cells: readonly (ExcelCell | undefined)[]): ColumnType {
  return type.type === 'int' && cells.some((cell) => Math.abs(Number(cell?.value ?? 0)) > 0x7fff_ffff) ? { type: 'decimal' } : type
}

function isKey(values: readonly Value[]): boolean {
  return !values.includes(null) && new Set(values.map((value) => valuesKey([value]))).size === values.length
}

function rowNumbers(
  taken: readonly string[],
  count: number,
): { readonly name: string; readonly type: ColumnType; readonly values: readonly Value[] } {
  const names = new Names()
  for (const name of taken) names.take(name)
  return { name: names.take('row'), type: { type: 'int' }, values: Array.from({ length: count }, (_, index) => index + 1) }
}
