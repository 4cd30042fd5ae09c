import type { ColumnType } from '@sheetflow/core/type'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { BoundColumn, Expr } from '@sheetflow/formula/bound'

/** A column of a sheet while it is compiled. */
export interface SheetColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
  readonly formula: Expr | null
  /** It stands for one that the source has dropped. */
  readonly gone?: boolean
}

/**
 * Ids of columns by name: the same in every deployment whatever else the sheet has, so that channels and checkpoints know a column again.
 * Two names of one sheet that fall together (about 1 in 10^6 sheets) are set apart in the order given.
 */
function columnIds(names: readonly string[]): number[] {
  const taken = new Set<number>()
  return names.map((name) => {
    let id = fnv31(name)
    while (taken.has(id)) id = (id + 1) & 0x7fffffff
    taken.add(id)
    return id
  })
}

/** FNV-1a over UTF-16 units, 31 bits, never 0. */
function fnv31(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash & 0x7fffffff || 1
}

/** The columns as the engine takes them. */
export function boundColumns(columns: readonly SheetColumn[]): BoundColumn[] {
  const ids = columnIds(columns.map((column) => column.name))
  return columns.map(({ name, type, nullable, formula }, index) => ({
    name,
    id: ids[index] ?? 0,
    type,
    nullable,
    ...(formula === null ? {} : { formula }),
  }))
}

/** Published columns as their schema has them. */
export function columnSchemas(columns: readonly BoundColumn[], published: readonly number[]): ColumnSchema[] {
  return published.flatMap((index) => {
    const column = columns[index]
    return column === undefined ? [] : [{ name: column.name, id: column.id, ...column.type, null: column.nullable }]
  })
}

/** May other names be made of it? Names of columns become names in GraphQL. */
export const COLUMN_NAME: RegExp = /^[A-Za-z][A-Za-z0-9_]*$/
