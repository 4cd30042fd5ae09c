import { must } from '@sheetflow/core/assert'
import type { SheetSchema } from '@sheetflow/core/schema'
import type { QueryTable } from '../dialect.ts'
import { seenColumns } from '../seen-columns.ts'
import type { SeenColumns } from '../seen-columns.ts'
import { laneOf } from './lane.ts'
import type { Lane } from './lane.ts'

/**
 * How the rows of a table are found:
 * - `rowid`: one whole number is the key and the row's own id: the fastest;
 * - `keyed`: the rows lie in the order of the key (WITHOUT ROWID), for short rows;
 * - `indexed`: rows with an id of their own and a unique index on the key, for long rows and full text;
 * - `single`: a view without key columns has at most one row, which a constant column stands for.
 */
export type Layout = 'rowid' | 'keyed' | 'indexed' | 'single'

/** The key of a `single` table. */
const ONE = 'one'
/** The id of a row of an `indexed` table. */
const ROW_ID = 'id'

/** In which columns of a table, as the catalogue says, a cell may be that stands apart in `x`, and one that is Blank. */
export interface Seen {
  readonly apart: SeenColumns
  readonly blank: SeenColumns
}

/** What a row of `sf_table` says of its cells. */
export function seenIn(row: Record<string, unknown>): Seen {
  return { apart: seenColumns(row['apart'] as string | null), blank: seenColumns(row['blank'] as string | null) }
}

/** For whoever does not read rows. */
const NOT_KNOWN: Seen = { apart: null, blank: null }

/** The table that holds one generation of one view: columns `c0, c1, …` as in the schema, `p<n>` exact texts, `x` what cells cannot tell. */
export class ViewTable implements QueryTable {
  readonly id: number
  readonly name: string
  readonly schema: SheetSchema
  readonly lanes: readonly Lane[]
  readonly key: readonly number[]
  readonly layout: Layout
  readonly seen: Seen
  readonly #positions: ReadonlyMap<string, number>

  /** @param id numbers tables of a store for ever: a table's name is never used again */
  constructor(id: number, schema: SheetSchema, seen: Seen = NOT_KNOWN) {
    this.id = id
    this.name = `v${id}`
    this.schema = schema
    this.lanes = schema.columns.map(laneOf)
    this.#positions = new Map(schema.columns.map((column, i) => [column.name, i]))
    this.key = schema.key.map((column) => this.position(column))
    this.layout = layoutOf(this)
    this.seen = seen
  }

  position(column: string): number {
    return must(this.#positions.get(column), `column ${column} is in ${this.schema.table}`)
  }

  lane(position: number): Lane {
    return must(this.lanes[position], 'a lane per column')
  }

  /** May a cell of the column stand in `x`? */
  mayStandApart(position: number): boolean {
    return this.seen.apart?.has(position) ?? true
  }

  /** May a cell of the column be Blank? */
  mayBeBlank(position: number): boolean {
    return this.seen.blank?.has(position) ?? true
  }

  /** All columns that hold a row, in the order in which a row is bound. */
  get stored(): readonly string[] {
    return [...this.lanes.map((_, i) => `c${i}`), ...this.kept.map((i) => `p${i}`), 'x']
  }

  /** How many columns the table has. */
  get columnCount(): number {
    return this.stored.length + (this.layout === 'indexed' || this.layout === 'single' ? 1 : 0)
  }

  /** Columns whose exact text is kept beside the cell. */
  get kept(): readonly number[] {
    return [...this.lanes.keys()].filter((i) => this.lane(i).kept !== null)
  }

  /** Names of the columns that tell rows apart. */
  get keyColumns(): readonly string[] {
    return this.layout === 'single' ? [ONE] : this.key.map((i) => `c${i}`)
  }

  /** Columns that find a row fastest. */
  get handle(): readonly string[] {
    return this.layout === 'indexed' ? [ROW_ID] : this.keyColumns
  }

  /** Condition that finds one row by its key, as `RowBinder.key` binds it. */
  get keyCondition(): string {
    return this.layout === 'single' ? `${ONE} = 1` : this.key.map((i) => `c${i} = ?`).join(' AND ')
  }

  /** `CREATE TABLE`; the comments tell a reader of the file which column is which. */
  get createSql(): string {
    const columns = this.schema.columns.map((column, i) => {
      const inKey = this.layout === 'rowid' && this.key[0] === i
      const label = `${column.name} ${column.type}`.replaceAll(/[^\w ]/g, '?')
      return `c${i} ${this.lane(i).affinity === 'BLOB' ? '' : this.lane(i).affinity}${inKey ? ' PRIMARY KEY' : ' NOT NULL'} /* ${label} */`
    })
    const key = this.keyColumns.join(', ')
    const id = {
      rowid: [],
      keyed: [],
      indexed: [`${ROW_ID} INTEGER PRIMARY KEY`],
      single: [`${ONE} INTEGER NOT NULL DEFAULT 1 CHECK (${ONE} = 1)`],
    }[this.layout]
    const unique = this.layout === 'rowid' ? [] : [this.layout === 'keyed' ? `PRIMARY KEY (${key})` : `UNIQUE (${key})`]
    const parts = [...id, ...columns, ...this.kept.map((i) => `p${i} TEXT`), 'x TEXT', ...unique]
    return `CREATE TABLE ${this.name} (${parts.join(', ')})${this.layout === 'keyed' ? ' WITHOUT ROWID' : ''}`
  }

  /** Name and SQL of the index that serves filters and order on these columns; ties are in key order, as every query wants them. */
  indexSql(columns: readonly number[]): string | null {
    if (columns.every((column, i) => this.key[i] === column)) return null
    // A table without rowid and one whose rowid is the key have the key behind every entry by themselves.
    const tail = this.layout === 'indexed' ? this.key.filter((i) => !columns.includes(i)) : []
    const name = `${this.name}_${columns.join('_')}`
    return `CREATE INDEX IF NOT EXISTS ${name} ON ${this.name} (${[...columns, ...tail].map((i) => `c${i}`).join(', ')})`
  }

  /** Name of the table's full-text index. */
  get searchName(): string {
    return `${this.name}_search`
  }
}

const LONG_TYPES: ReadonlySet<string> = new Set(['json', 'bytes', 'list'])
const SHORT_ROW_COLUMNS = 24

function layoutOf(table: ViewTable): Layout {
  const { schema } = table
  if (table.key.length === 0) return 'single'
  const only = table.key.length === 1 ? schema.columns[must(table.key[0])] : undefined
  // Not `bigint`: an unsigned one of MySQL can be greater than any rowid.
  if (only !== undefined && !only.null && only.type === 'int') return 'rowid'
  const long = schema.columns.length > SHORT_ROW_COLUMNS || schema.columns.some((column) => LONG_TYPES.has(column.type))
  return long || schema.search.length > 0 ? 'indexed' : 'keyed'
}
