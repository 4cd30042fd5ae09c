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
   * that begins with a letter, what decides how its values are printed: the names of enum values, the fields of composite types.
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
  /** Changes with every change of a column. */
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

/** Above this oid types are not Postgres' own. */
const FIRST_USER_OID = '16384'

/**
 * Renaming an enum value or changing a composite type changes how rows are printed that nobody writes. The words that say how: one per enum value, so that a
 * new value changes no other; one per composite type.
 */
const PRINTED = `
  with recursive uses(rel, type) as (
    select a.attrelid, a.atttypid from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and a.atttypid >= ${FIRST_USER_OID}
    union
    select u.rel, part.type from uses u join pg_type t on t.oid = u.type cross join lateral (
        select t.typelem union all select t.typbasetype
        union all select a.atttypid from pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
        union all select r.rngsubtype from pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)) part(type)
     where part.type >= ${FIRST_USER_OID}),
  words(rel, word) as (
    select u.rel, 'e' || e.oid::text || '.' || hashtext(e.enumlabel)::text from uses u join pg_enum e on e.enumtypid = u.type
    union all
    select u.rel, 'c' || t.oid::text || '.' || hashtext(string_agg(a.attname || ' ' || a.atttypid::text || ' ' || a.atttypmod::text, ',' order by a.attnum))::text
      from uses u join pg_type t on t.oid = u.type and t.typtype = 'c'
      join pg_attribute a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped group by u.rel, t.oid),
  printed(rel, words) as (select rel, string_agg(word, ' ' order by word) from words group by rel)`

/** The file of a table; of a partitioned one those of its leaves, each with the leaf's oid. */
const STORAGE = `
  (case when c.relkind = 'p' then coalesce((select string_agg(l.oid::text || ':' || l.relfilenode::text, ' ' order by l.oid)
      from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf and l.relkind = 'r'), '')
  else c.relfilenode::text end) || coalesce((select ' ' || p.words from printed p where p.rel = c.oid), '')`

/** The same, but only of leaves that hold anything. */
const FILLED = `
  case when c.relkind = 'p' then coalesce((select string_agg(l.oid::text || ':' || l.relfilenode::text, ' ')
      from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf and l.relkind = 'r' and pg_relation_size(l.oid) > 0), '')
  else '' end`

/** The transactions that wrote its columns' rows; a dropped column keeps its row. */
const SHAPE = `(select count(*)::text || ':' || max(a.xmin::text::int8)::text || ':' || sum(a.xmin::text::int8)::text || c.relreplident::text
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0)`

const WHICH = `
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'f') and not c.relispartition and c.relpersistence <> 't'
   -- A table's name is its schema, a dot and its own: a schema with a dot in it could not be told apart.
   and position('.' in n.nspname) = 0
   and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'sheetflow') and n.nspname not like 'pg\\_temp\\_%'`

const SIGNS_SQL = `${PRINTED} select c.oid::text as oid, n.nspname || '.' || c.relname as name, ${STORAGE} as storage, c.xmin::text as xmin, coalesce(${SHAPE}, '') as shape ${WHICH}`

const TABLES_SQL = `${PRINTED}
  select c.oid::text as oid, n.nspname || '.' || c.relname as name, c.relkind::text as kind, c.relreplident::text as identity,
         c.relpersistence::text as persistence, has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as selectable, current_user::text as role,
         row_security_active(c.oid) as rowsecurity, pg_has_role(c.relowner, 'USAGE') as owned,
         greatest(case when c.relkind = 'p' then (select coalesce(sum(greatest(l.reltuples, 0)), 0) from pg_partition_tree(c.oid) t
            join pg_class l on l.oid = t.relid where t.isleaf) else c.reltuples end, 0)::float4 as rows,
         case when c.relkind = 'p' then (select coalesce(sum(pg_table_size(t.relid)), 0) from pg_partition_tree(c.oid) t)
              else pg_table_size(c.oid) end::text as bytes,
         ${STORAGE} as storage, ${FILLED} as filled, c.xmin::text as xmin, coalesce(${SHAPE}, '') as shape,
         (select json_agg(json_build_object('name', a.attname, 'attnum', a.attnum, 'type', a.atttypid::text, 'typmod', a.atttypmod,
                 'dimensions', a.attndims, 'notnull', a.attnotnull,
                 'prefilled', a.atthasmissing or a.atthasdef or a.attnotnull or a.attidentity <> '',
                 'text', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
         (select json_agg(json_build_object('name', ic.relname, 'primary', i.indisprimary, 'identity', i.indisreplident,
                 'attnums', (select json_agg(k.attnum order by k.ord) from unnest(i.indkey::int2[]) with ordinality k(attnum, ord)
                              where k.ord <= i.indnkeyatts)) order by i.indisprimary desc, i.indnkeyatts, ic.relname)
            from pg_index i join pg_class ic on ic.oid = i.indexrelid
           where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indexprs is null) as indexes
  ${WHICH} and ($1::oid[] is null or c.oid = any($1::oid[]))
 order by 2`

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
