import { SIGNS_SQL, TABLES_SQL } from './catalogue-sql.ts'
import type { CatalogueQuery, PgType } from './pg-type.ts'
import { loadTypes } from './pg-type.ts'

/** One column as the catalogue has it now. Only columns that the change log carries: generated ones are left out. */
export interface CatalogueColumn {
  readonly name: string
  readonly attnum: number
  readonly typeOid: number
  readonly typmod: number
  readonly dimensions: number
  readonly notNull: boolean
  /** Could rows that were there before this column hold something else than null in it? */
  readonly prefilled: boolean
  /** `numeric(12,2)`, as `format_type` prints it: fit for a cast. */
  readonly typeText: string
  readonly type: PgType
}

/** A unique index that could be the key. */
export interface CatalogueIndex {
  readonly name: string
  readonly primary: boolean
  readonly identity: boolean
  readonly columns: readonly string[]
}

/** What leaves of a partitioned table have in common; what they log of old rows is their own affair, not their root's. */
export interface CataloguePartition {
  /** `schema.table` of one of them. */
  readonly name: string
  /** As of a table. */
  readonly identity: string
  readonly unlogged: boolean
  readonly foreign: boolean
  /** Columns of its replica identity; none if that is full or nothing. */
  readonly columns: readonly string[]
}

/** One table as the catalogue has it now. */
export interface CatalogueTable {
  readonly oid: number
  /** `schema.table` */
  readonly name: string
  readonly partitioned: boolean
  /** `d` default, `i` index, `f` full, `n` nothing. */
  readonly identity: string
  readonly unlogged: boolean
  readonly foreign: boolean
  /** May the user of this session read it, and all of its rows? */
  readonly selectable: boolean
  /** The user of this session. */
  readonly role: string
  readonly rowSecurity: boolean
  readonly owned: boolean
  readonly rows: number
  readonly bytes: number
  /**
   * Where its rows lie: changes when they are rewritten (also by TRUNCATE, VACUUM FULL, attached and detached partitions). Behind it, each as a word of its own
   * that begins with a letter, what decides how its values are printed: the names of enum values, the fields of composite types, which columns are not.
   */
  readonly storage: string
  /** The parts of `storage` that hold rows; of an ordinary table empty. */
  readonly filled: string
  /** The transaction that last wrote its catalogue row: tells whose work a new `storage` is. */
  readonly xmin: number
  readonly shape: string
  readonly columns: readonly CatalogueColumn[]
  /** Unique, not deferrable, not partial, over not-null columns. */
  readonly indexes: readonly CatalogueIndex[]
  /** One of each kind; none unless it is partitioned. */
  readonly partitions: readonly CataloguePartition[]
}

/** All ordinary and partitioned tables (partitions only through their root); `oids` null = every schema but the system's. */
export async function readCatalogue(query: CatalogueQuery, oids: readonly number[] | null): Promise<readonly CatalogueTable[]> {
  const rows = await query<TableRow>(TABLES_SQL, [oids])
  const types = await loadTypes(
    query,
    rows.flatMap((row) => (row.columns ?? []).map((column) => Number(column.type))),
  )
  return rows.map((row) => tableOf(row, types))
}

/** `oid → storage, xmin, name`: the cheap part of the above, asked each second. */
export interface TableSign {
  readonly oid: number
  readonly name: string
  readonly storage: string
  readonly xmin: number
  /** Changes with every change of a column, of a unique index, or of what is logged of old rows. */
  readonly shape: string
}

/** Signs of all tables that could be captured. */
export async function readSigns(query: CatalogueQuery): Promise<readonly TableSign[]> {
  const rows = await query<{ oid: string; name: string; storage: string; xmin: string; shape: string }>(SIGNS_SQL, [])
  return rows.map((row) => ({ ...row, oid: Number(row.oid), xmin: Number(row.xmin) }))
}

interface TableRow {
  readonly oid: string
  readonly name: string
  readonly kind: string
  readonly identity: string
  readonly persistence: string
  readonly selectable: boolean
  readonly role: string
  readonly rowsecurity: boolean
  readonly owned: boolean
  readonly rows: number
  readonly bytes: string
  readonly storage: string
  readonly filled: string
  readonly xmin: string
  readonly shape: string
  readonly columns: readonly ColumnRow[] | null
  readonly indexes: readonly IndexRow[] | null
  readonly partitions: readonly CataloguePartition[] | null
}

interface ColumnRow {
  readonly name: string
  readonly attnum: number
  readonly type: string
  readonly typmod: number
  readonly dimensions: number
  readonly notnull: boolean
  readonly prefilled: boolean
  readonly text: string
}

interface IndexRow {
  readonly name: string
  readonly primary: boolean
  readonly identity: boolean
  readonly attnums: readonly number[]
}

function tableOf(row: TableRow, types: ReadonlyMap<number, PgType>): CatalogueTable {
  const columns = (row.columns ?? []).map((column) => columnOf(column, types))
  const byNumber = new Map(columns.map((column) => [column.attnum, column]))
  return {
    oid: Number(row.oid),
    name: row.name,
    partitioned: row.kind === 'p',
    identity: row.identity,
    unlogged: row.persistence === 'u',
    foreign: row.kind === 'f',
    selectable: row.selectable,
    role: row.role,
    rowSecurity: row.rowsecurity,
    owned: row.owned,
    rows: row.rows,
    bytes: Number(row.bytes),
    storage: row.storage,
    filled: row.filled,
    xmin: Number(row.xmin),
    shape: row.shape,
    columns,
    indexes: (row.indexes ?? []).flatMap((index) => {
      const members = index.attnums.map((attnum) => byNumber.get(attnum))
      if (!members.every((column) => column !== undefined && column.notNull)) return []
      return [
        {
          name: index.name,
          primary: index.primary,
          identity: index.identity,
          columns: members.flatMap((c) => (c === undefined ? [] : [c.name])),
        },
      ]
    }),
    partitions: row.partitions ?? [],
  }
}

function columnOf(row: ColumnRow, types: ReadonlyMap<number, PgType>): CatalogueColumn {
  const oid = Number(row.type)
  return {
    name: row.name,
    attnum: row.attnum,
    typeOid: oid,
    typmod: row.typmod,
    dimensions: row.dimensions,
    notNull: row.notnull,
    prefilled: row.prefilled,
    typeText: row.text,
    type: types.get(oid) ?? { oid, name: 'unknown', kind: 'base' },
  }
}
