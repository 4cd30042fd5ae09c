import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { ScopeRelation } from '../bind/scope.ts'

/** A table as plain arrays. */
export interface PlainTable {
  readonly id: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType; readonly nullable: boolean }[]
  readonly key: readonly number[]
  readonly rows: readonly (readonly Value[])[]
}

/** The table as formulas see it. */
export function plainRelation({ id, columns, key }: PlainTable): ScopeRelation {
  return {
    id,
    label: id,
    key,
    column: (name) => {
      const index = columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase())
      const column = columns[index]
      return column === undefined ? null : { kind: 'column', index, ...column }
    },
    columnNames: () => columns.map((column) => column.name),
  }
}
