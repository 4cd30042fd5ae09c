/** A Postgres type as the catalogue describes it, with the types that it is made of. Domains stand for themselves; see `baseOf`. */
export type PgType = { readonly oid: number; readonly name: string } & (
  | { readonly kind: 'base' | 'enum' }
  | { readonly kind: 'domain'; readonly of: PgType; readonly typmod: number; readonly dimensions: number }
  | { readonly kind: 'array'; readonly of: PgType; readonly delimiter: string }
  | { readonly kind: 'range' | 'multirange'; readonly of: PgType }
  | { readonly kind: 'composite'; readonly fields: readonly { readonly name: string; readonly type: PgType; readonly typmod: number }[] }
)

/** A row of the query below. */
interface TypeRow {
  readonly oid: string
  readonly name: string
  readonly kind: string
  readonly of: string
  readonly typmod: number
  readonly dimensions: number
  readonly delimiter: string
  readonly fields: readonly { readonly name: string; readonly type: string; readonly typmod: number }[] | null
}

/** Asks for rows of the catalogue; `$1` is bound. */
export type CatalogueQuery = <Row>(sql: string, parameters: readonly unknown[]) => Promise<readonly Row[]>

/** The types with these oids, complete with everything that they are made of. An oid that is gone is missing from the answer. */
export async function loadTypes(query: CatalogueQuery, oids: readonly number[]): Promise<ReadonlyMap<number, PgType>> {
  const rows = new Map<string, TypeRow>()
  let wanted = [...new Set(oids.map(String))]
  while (wanted.length > 0) {
    const found = await query<TypeRow>(TYPES_SQL, [wanted])
    for (const row of found) rows.set(row.oid, row)
    const referred = found.flatMap((row) => [...(row.of === '0' ? [] : [row.of]), ...(row.fields ?? []).map((field) => field.type)])
    wanted = [...new Set(referred)].filter((oid) => !rows.has(oid))
    if (found.length === 0) break
  }
  const built = new Map<string, PgType>()
  return new Map(oids.flatMap((oid) => (rows.has(String(oid)) ? [[oid, build(String(oid), rows, built)] as const] : [])))
}

const TYPES_SQL = `
  select t.oid::text as oid,
         case when t.typnamespace = 'pg_catalog'::regnamespace then t.typname::text else format_type(t.oid, null) end as name,
         case when t.typtype = 'b' and t.typcategory = 'A' and t.typsubscript = 'array_subscript_handler'::regproc and t.typname not in ('int2vector', 'oidvector') then 'array'
              else case t.typtype when 'd' then 'domain' when 'e' then 'enum' when 'c' then 'composite'
                                  when 'r' then 'range' when 'm' then 'multirange' else 'base' end end as kind,
         coalesce(case t.typtype when 'd' then t.typbasetype
                                 when 'r' then (select rngsubtype from pg_range where rngtypid = t.oid)
                                 when 'm' then (select rngtypid from pg_range where rngmultitypid = t.oid)
                                 when 'b' then case when t.typcategory = 'A' then t.typelem else 0 end
                                 else 0 end, 0)::text as of,
         t.typtypmod as typmod, t.typndims as dimensions,
         t.typdelim::text as delimiter,
         case when t.typtype = 'c' then
           (select json_agg(json_build_object('name', a.attname, 'type', a.atttypid::text, 'typmod', a.atttypmod) order by a.attnum)
              from pg_attribute a where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) end as fields
    from pg_type t where t.oid = any($1::oid[])`

function build(oid: string, rows: ReadonlyMap<string, TypeRow>, built: Map<string, PgType>): PgType {
  const known = built.get(oid)
  if (known !== undefined) return known
  const row = rows.get(oid)
  const unknown: PgType = { oid: Number(oid), name: 'unknown', kind: 'base' }
  if (row === undefined) return unknown
  // A composite type may contain an array of itself: the inner one is then read as text.
  built.set(oid, unknown)
  const head = { oid: Number(oid), name: row.name }
  const of = (): PgType => build(row.of, rows, built)
  const type = buildKind(row, head, of, (field) => build(field, rows, built))
  built.set(oid, type)
  return type
}

function buildKind(row: TypeRow, head: { oid: number; name: string }, of: () => PgType, field: (oid: string) => PgType): PgType {
  switch (row.kind) {
    case 'domain':
      return { ...head, kind: 'domain', of: of(), typmod: row.typmod, dimensions: row.dimensions }
    case 'array':
      return { ...head, kind: 'array', of: of(), delimiter: row.delimiter }
    case 'range':
      return { ...head, kind: 'range', of: of() }
    case 'multirange':
      return { ...head, kind: 'multirange', of: of() }
    case 'composite':
      return {
        ...head,
        kind: 'composite',
        fields: (row.fields ?? []).map((f) => ({ name: f.name, type: field(f.type), typmod: f.typmod })),
      }
    case 'enum':
      return { ...head, kind: 'enum' }
    default:
      return { ...head, kind: 'base' }
  }
}
