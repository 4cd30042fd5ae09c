import { must } from '@sheetflow/core/assert'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { SeenColumns } from '../seen-columns.ts'
import type { QueryTable } from '../dialect.ts'
import { textConstant } from '../sql-text.ts'
import { laneOf } from './lane.ts'
import type { Lane } from './lane.ts'
import { schemaName } from './sql-name.ts'

/** The key of a view without key columns, which has at most one row. */
const ONE = 'one'
/** Room that a page keeps, so that a row whose indexed cells stay is written beside itself and no index is touched. */
const FILL_FACTOR = 85

/** One column of the table, with the type of the array that it is written from. */
interface StoredColumn {
  readonly name: string
  readonly type: 'numeric' | 'text' | 'tsvector' | 'jsonb'
}

/**
 * The table that holds one generation of one view: columns `c0, c1, …` as in the schema, `p<n>` exact writings, `s<n>` the words of a searched
 * column, `x` the JSON of what cells cannot tell (errors, big values).
 */
export class ViewTable implements QueryTable {
  readonly id: number
  /** Without the schema. */
  readonly bareName: string
  readonly name: string
  readonly schema: SheetSchema
  readonly lanes: readonly Lane[]
  readonly key: readonly number[]
  /** Positions of the searched columns. */
  readonly searched: readonly number[]
  /** Of which columns a cell may stand in `x`, as the catalogue says. */
  readonly apart: SeenColumns
  readonly #positions: ReadonlyMap<string, number>

  /** @param id numbers tables of a store for ever: a table's name is never used again */
  constructor(storeSchema: string, id: number, schema: SheetSchema, apart: SeenColumns = null) {
    this.id = id
    this.bareName = `v${id}`
    this.name = `${schemaName(storeSchema)}.${this.bareName}`
    this.schema = schema
    this.lanes = schema.columns.map(laneOf)
    this.#positions = new Map(schema.columns.map((column, i) => [column.name, i]))
    this.key = schema.key.map((column) => this.position(column))
    this.searched = schema.search.map((column) => this.position(column))
    this.apart = apart
  }

  position(column: string): number {
    return must(this.#positions.get(column), `column ${column} is in ${this.schema.table}`)
  }

  lane(position: number): Lane {
    return must(this.lanes[position], 'a lane per column')
  }

  /** May a cell of the column stand in `x`? */
  mayStandApart(position: number): boolean {
    return this.apart?.has(position) ?? true
  }

  /** What holds the cells of these columns of the view, in the order in which a row is written; without `x`. */
  columnsOf(positions: readonly number[]): readonly StoredColumn[] {
    return positions.flatMap((i) => {
      const lane = this.lane(i)
      const columns: StoredColumn[] = [{ name: `c${i}`, type: lane.column }]
      if (lane.kept !== null) columns.push({ name: `p${i}`, type: 'text' })
      if (this.searched.includes(i)) columns.push({ name: `s${i}`, type: 'tsvector' })
      return columns
    })
  }

  /** How many columns the table has. */
  get columnCount(): number {
    return this.columnsOf([...this.lanes.keys()]).length + (this.key.length === 0 ? 2 : 1)
  }

  /** Names of the columns that tell rows apart. */
  get keyColumns(): readonly string[] {
    return this.key.length === 0 ? [ONE] : this.key.map((i) => `c${i}`)
  }

  get createSql(): string {
    const columns = this.columnsOf([...this.lanes.keys()]).map(({ name, type }) => {
      if (!name.startsWith('c')) return `${name} ${type}`
      return `${name} ${type === 'text' ? 'text COLLATE "C"' : type} NOT NULL`
    })
    const one = this.key.length === 0 ? [`${ONE} smallint NOT NULL DEFAULT 1 CHECK (${ONE} = 1)`] : []
    const parts = [...one, ...columns, 'x jsonb', `PRIMARY KEY (${this.keyColumns.join(', ')})`]
    return `CREATE TABLE ${this.name} (${parts.join(', ')}) WITH (fillfactor = ${FILL_FACTOR})`
  }

  /** Says to whoever looks at the table which column is which. */
  get commentSql(): string {
    const { table, generation, columns } = this.schema
    const names = columns.map((column, i) => `c${i} ${column.name} ${column.type}`.replaceAll('\0', ''))
    return `COMMENT ON TABLE ${this.name} IS ${textConstant(`${table}, generation ${generation}: ${names.join(', ')}`)}`
  }

  /** Name of the index that serves filters and order on these columns. */
  indexName(columns: readonly number[]): string {
    return `${this.bareName}_${columns.join('_')}`
  }

  /** Is the index of that name there for the sake of this column? */
  isIndexFor(name: string, column: number): boolean {
    return name.startsWith(`${this.bareName}_`) && name.split('_').slice(1).includes(String(column))
  }

  /** Columns of that index, ties in key order, as every query wants them; null if the key serves. */
  indexColumns(columns: readonly number[]): readonly number[] | null {
    if (columns.every((column, i) => this.key[i] === column)) return null
    return [...columns, ...this.key.filter((i) => !columns.includes(i))]
  }

  /** All words of a row, as `scope` reaches it. */
  wordsSql(alias: string): string {
    return this.searched.map((i) => `coalesce(${alias}.s${i}, '')`).join(' || ')
  }

  get searchIndexSql(): string {
    return `CREATE INDEX IF NOT EXISTS ${this.bareName}_search ON ${this.name} USING gin ((${this.wordsSql(this.bareName)}))`
  }
}
