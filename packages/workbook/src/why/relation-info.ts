import { must } from '@sheetflow/core/assert'
import type { ColumnType } from '@sheetflow/core/type'
import type { BoundGraph, BoundSheet, RelationId } from '@sheetflow/formula/bound'

/** A column of a table or sheet. */
export interface RelationColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
}

/** A table or sheet of a graph by its id: what explanations have to know of it. */
export class RelationInfo {
  readonly #sheets: ReadonlyMap<RelationId, BoundSheet>
  readonly #columns: ReadonlyMap<RelationId, readonly RelationColumn[]>
  readonly #keys: ReadonlyMap<RelationId, readonly number[]>

  constructor({ tables, sheets }: BoundGraph) {
    this.#sheets = new Map(sheets.map((sheet) => [sheet.view, sheet]))
    this.#columns = new Map<RelationId, readonly RelationColumn[]>([
      ...tables.map(
        ({ id, schema }) => [id, schema.columns.map((column) => ({ name: column.name, type: column, nullable: column.null }))] as const,
      ),
      ...sheets.map(({ view, columns }) => [view, columns] as const),
    ])
    this.#keys = new Map([
      ...tables.map(
        ({ id, schema }) => [id, schema.key.map((name) => schema.columns.findIndex((column) => column.name === name))] as const,
      ),
      ...sheets.map(({ view, key }) => [view, key] as const),
    ])
  }

  /** Null: it is a source table. */
  sheet(relation: RelationId): BoundSheet | null {
    return this.#sheets.get(relation) ?? null
  }

  columns(relation: RelationId): readonly RelationColumn[] {
    return must(this.#columns.get(relation), 'a relation of the graph')
  }

  column(relation: RelationId, column: number): RelationColumn {
    return must(this.columns(relation)[column], 'a column of the relation')
  }

  /**
   * The index of the column that is meant by a name: what readers see, else what is computed, else what comes with the rows; −1: there is none. A
   * computed column may be called as one of the rows that is not passed on.
   */
  indexOf(relation: RelationId, name: string): number {
    const all = this.columns(relation)
    const sheet = this.sheet(relation)
    const called = [...all.keys()].filter((index) => all[index]?.name === name)
    const published = called.find((index) => sheet?.published.includes(index) === true)
    return published ?? called.find((index) => sheet?.columns[index]?.formula !== undefined) ?? called[0] ?? -1
  }

  /** Indexes of the key columns. */
  key(relation: RelationId): readonly number[] {
    return must(this.#keys.get(relation), 'a relation of the graph')
  }
}
