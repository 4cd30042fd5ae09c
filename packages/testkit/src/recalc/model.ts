import type { RowJson } from '@sheetflow/core/message'
import type { TableSchema } from '@sheetflow/core/schema'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'

/** A sheet file as data, its formulas as they are written. What YAML makes of a file is not what is recalculated. */
export interface BookSheet {
  readonly rows: string
  readonly keep?: readonly string[]
  /** Of a stack: column → part → that part's column. */
  readonly map?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly columns?: Readonly<Record<string, string>>
}

/** A workbook as data. What does not begin with `=` under `values` is a number. */
export interface Book {
  readonly name: string
  readonly timeZone: string
  readonly values: Readonly<Record<string, string>>
  readonly sheets: Readonly<Record<string, BookSheet>>
}

/** A source table: its schema of now, its rows, and what the names in the workbook stood for when it was deployed (small letters → id; absent: as in the schema). */
export interface TableState {
  readonly id: string
  readonly schema: TableSchema
  readonly rows: readonly RowJson[]
  readonly ids?: Readonly<Record<string, number>>
}

/**
 * A column of anything that has rows. `kept`: its decimals have the zeros that the source wrote. `lost`: the source has dropped it. `isEmpty`: a formula
 * that is always Blank or always an error, whatever type its column has.
 */
export interface PlainColumn {
  readonly name: string
  readonly type: ColumnType | null
  readonly nullable: boolean
  readonly kept?: boolean
  readonly lost?: boolean
  readonly isEmpty?: boolean
}

/** A row: cells by their column's index. `members`: of a group. */
export interface PlainRow {
  get(column: number): Value
  readonly members?: readonly PlainRow[]
}

/** A table or sheet, its rows in the order of its key. `group`: where rows are groups, what they are made of. */
export interface PlainRelation {
  readonly label: string
  readonly columns: readonly PlainColumn[]
  readonly key: readonly number[]
  readonly rows: readonly PlainRow[]
  readonly group?: PlainRelation
}

/** Of a row whose cells are all known. */
export class CellsRow implements PlainRow {
  readonly cells: readonly Value[]
  readonly members?: readonly PlainRow[]

  constructor(cells: readonly Value[], members?: readonly PlainRow[]) {
    this.cells = cells
    if (members !== undefined) this.members = members
  }

  get(column: number): Value {
    return this.cells[column] ?? null
  }
}

/** The place of a column by name, letter case aside, a computed one before one of the rows that is not kept; −1: there is none. */
export function columnAt({ columns }: Pick<PlainRelation, 'columns'>, name: string): number {
  return columns.findLastIndex((column) => column.name.toLowerCase() === name.toLowerCase())
}
