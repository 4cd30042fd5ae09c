import type { ColumnType } from '@sheetflow/core/type'

/** A column that a formula can read. */
export interface KnownColumn {
  readonly name: string
  readonly type: ColumnType
}

/** A table or sheet as formulas write it. */
export interface KnownRelation {
  readonly label: string
  readonly columns: readonly KnownColumn[]
  readonly key: readonly string[]
}

/** What can stand for what in a formula. */
export type Kind = 'number' | 'text' | 'bool' | 'date'
