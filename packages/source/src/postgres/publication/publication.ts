import { SheetflowError } from '@sheetflow/core/errors'
import { sourceError } from '../session/connect.ts'
import type { CatalogueQuery } from '../catalogue/pg-type.ts'
import { quoteName, quoteTable } from '../session/sql-text.ts'

/** The publication as it is. */
export interface PublicationState {
  readonly allTables: boolean
  /** Does it belong to the user of this session? */
  readonly owned: boolean
  /** Do changes of partitions come under their root's name? */
  readonly viaRoot: boolean
  /** Are inserts, updates, deletes and truncates all published? */
  readonly allOperations: boolean
  /** Are generated columns published (Postgres 18 and newer)? */
  readonly generated: boolean
  /** `schema.table`; of a publication for all tables: every one. */
  readonly tables: ReadonlySet<string>
  /** Those of which rows or columns are left out (Postgres 15 and newer). */
  readonly narrowed: readonly string[]
}

/**
 * What is in publications, by name, by schema (Postgres 15 and newer; found by what depends on both, for older ones have no table of these) or with everything.
 * `sign` changes when its place is made again, `whole`: no rows or columns are left out. Not `pg_publication_tables`: that waits for whoever alters, truncates or
 * vacuums one of them.
 */
const MEMBERS = `
  members(pub, rel, name, sign, whole) as (
    select p.oid, c.oid, n.nspname || '.' || c.relname, coalesce(r.oid::text || '.' || r.xmin::text, s.place::text, ''),
           to_jsonb(r) ->> 'prqual' is null and to_jsonb(r) ->> 'prattrs' is null
      from pg_publication p join pg_class c on c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
      join pg_namespace n on n.oid = c.relnamespace
      left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = c.oid
      left join (select d.refobjid as pub, e.refobjid as schema, d.objid as place from pg_depend d
            join pg_depend e on e.classid = d.classid and e.objid = d.objid and e.refclassid = 'pg_namespace'::regclass
           where d.refclassid = 'pg_publication'::regclass) s on s.pub = p.oid and s.schema = n.oid
     where p.pubname = $1 and (p.puballtables or r.oid is not null or s.place is not null))`

const GENERATED = `coalesce(to_jsonb(p) ->> 'pubgencols', 'n') <> 'n'`

/** Null: there is none. */
export async function readPublication(query: CatalogueQuery, name: string): Promise<PublicationState | null> {
  const [row] = await query<{
    all: boolean
    owned: boolean
    root: boolean
    ops: boolean
    generated: boolean
    tables: readonly string[] | null
    narrowed: readonly string[] | null
  }>(
    `with ${MEMBERS}
     select p.puballtables as all, pg_has_role(p.pubowner, 'USAGE') as owned, p.pubviaroot as root, p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate as ops, ${GENERATED} as generated,
            (select json_agg(m.name) from members m where m.pub = p.oid) as tables,
            (select json_agg(m.name) from members m where m.pub = p.oid and not m.whole) as narrowed
       from pg_publication p where p.pubname = $1`,
    [name],
  )
  if (row === undefined) return null
  return {
    allTables: row.all,
    owned: row.owned,
    viaRoot: row.root,
    allOperations: row.ops,
    generated: row.generated,
    tables: new Set(row.tables ?? []),
    narrowed: row.narrowed ?? [],
  }
}

/** The SQL that makes the publication. */
export function createPublicationSql(name: string, tables: readonly string[]): string {
  const list = tables.length === 0 ? '' : ` FOR TABLE ${tables.map(onlyTable).join(', ')}`
  return `CREATE PUBLICATION ${quoteName(name)}${list} WITH (publish_via_partition_root = true)`
}

/** The SQL that adds tables to it. */
export function addTablesSql(name: string, tables: readonly string[]): string {
  return `ALTER PUBLICATION ${quoteName(name)} ADD TABLE ${tables.map(onlyTable).join(', ')}`
}

/** The SQL that lets it publish everything that we read and nothing else; null if it does. Generated columns are left out. */
export function settingsSql(name: string, { viaRoot, allOperations, generated }: PublicationState): string | null {
  if (viaRoot && allOperations && !generated) return null
  const columns = generated ? ', publish_generated_columns = none' : ''
  return `ALTER PUBLICATION ${quoteName(name)} SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = true${columns})`
}

/**
 * Makes sure that the publication is there and holds these tables with everything that happens to them. It must be there before the slot: the log is read with the
 * catalogue of its own time. `source/not-ready` with the SQL, if this user may not.
 */
export async function ensurePublication(query: CatalogueQuery, name: string, tables: readonly string[]): Promise<void> {
  const state = await readPublication(query, name)
  if (state === null) return await run(query, createPublicationSql(name, tables))
  const settings = settingsSql(name, state)
  if (settings !== null) await run(query, settings)
  refuseNarrowed(name, state, tables)
  const missing = tables.filter((table) => !state.tables.has(table))
  if (missing.length > 0) await run(query, addTablesSql(name, missing))
}

/** The SQL that publishes all rows and columns of a table again. */
export function widenSql(name: string, table: string): string {
  return `ALTER PUBLICATION ${quoteName(name)} DROP TABLE ${onlyTable(table)}; ${addTablesSql(name, [table])}`
}

/** Somebody left rows or columns out on purpose: they are not published again without asking, nor is the rest taken for the whole. */
function refuseNarrowed(name: string, state: PublicationState, tables: readonly string[]): void {
  const table = state.narrowed.find((narrowed) => tables.includes(narrowed))
  if (table === undefined) return
  throw new SheetflowError('source/not-ready', `The publication ${name} leaves rows or columns of ${table} out`, {
    fix: `Run as its owner: ${widenSql(name, table)}; or leave the table out of the configuration.`,
  })
}

/**
 * The tables of which everything is published (oid), each with a text that changes whenever its place in the publication is made again or the publication is
 * changed: by that it can be seen that it was left out for a while. Null: there is no publication.
 */
export async function readMemberships(query: CatalogueQuery, name: string): Promise<ReadonlyMap<number, string> | null> {
  const rows = await query<{ oid: string | null; sign: string }>(
    `with ${MEMBERS}
     select case when m.whole and p.pubviaroot and p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate and not ${GENERATED} then m.rel::text end as oid,
            p.oid::text || '.' || p.xmin::text || '.' || m.sign as sign
       from pg_publication p left join members m on m.pub = p.oid where p.pubname = $1`,
    [name],
  )
  if (rows.length === 0) return null
  return new Map(rows.flatMap((row) => (row.oid === null ? [] : [[Number(row.oid), row.sign] as const])))
}

/** A text that changes with every change of the publication and its tables; cheap enough to be asked each second. Null: there is none. */
export async function readPublicationSign(query: CatalogueQuery, name: string): Promise<string | null> {
  const [row] = await query<{ sign: string }>(
    `select p.oid::text || '.' || p.xmin::text || '.' || count(r.oid)::text || '.' || coalesce(sum(r.xmin::text::int8), 0)::text || '.' || (
              select coalesce(sum(d.objid::int8), 0)::text from pg_depend d where d.refclassid = 'pg_publication'::regclass and d.refobjid = p.oid) as sign
       from pg_publication p left join pg_publication_rel r on r.prpubid = p.oid where p.pubname = $1 group by p.oid, p.xmin`,
    [name],
  )
  return row?.sign ?? null
}

async function run(query: CatalogueQuery, sql: string): Promise<void> {
  try {
    await query(sql, [])
  } catch (cause) {
    const error = sourceError(cause)
    if (error.code === 'source/unreachable') throw error
    throw new SheetflowError('source/not-ready', `The publication cannot be set up: ${error.message}`, {
      fix: `Run as the tables' owner: ${sql};`,
      details: error.details,
      cause,
    })
  }
}

/** A table without those that inherit from it: each is published by itself. Of a partitioned one ONLY has no effect. */
function onlyTable(table: string): string {
  return `ONLY ${quoteTable(table)}`
}
