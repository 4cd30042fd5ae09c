/** The questions that are asked of Postgres' catalogue. */

/** Above this oid types are not Postgres' own. */
const FIRST_USER_OID = '16384'

/**
 * Renaming an enum value or changing a composite type changes how rows are printed that nobody writes. The words that say how: one per enum value, so that a
 * new value changes no other; one per composite type. And one per generated column, which the log does not carry: when it becomes an ordinary one its values are
 * there already. A dropped column keeps its word, for there is nothing to be read.
 */
const PRINTED = `
  uses(rel, type) as (
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
      join pg_attribute a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped group by u.rel, t.oid
    union all
    select a.attrelid, 'g' || a.attnum::text from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relkind in ('r', 'p') and a.attnum > 0 and (a.attisdropped or a.attgenerated <> '')),
  printed(rel, words) as (select rel, string_agg(word, ' ' order by word) from words group by rel)`

/**
 * What lies below partitioned tables. Not `pg_partition_tree`: it waits for whoever alters, truncates or vacuums one of them, and we would stand still for as
 * long.
 */
const BELOW = `
  below(root, rel) as (
    select oid, oid from pg_class where relkind = 'p' and not relispartition
    union all
    select b.root, i.inhrelid from below b join pg_inherits i on i.inhparent = b.rel where not i.inhdetachpending),
  parts(root, files, identities) as (
    select b.root, string_agg(l.oid::text || ':' || l.relfilenode::text, ' ' order by l.oid) filter (where l.relkind = 'r'),
           string_agg(l.relreplident::text, '' order by l.oid)
      from below b join pg_class l on l.oid = b.rel and l.relkind <> 'p' group by b.root)`

/** The file of a table; of a partitioned one those of its leaves, each with the leaf's oid. */
const STORAGE = `
  (case when c.relkind = 'p' then coalesce((select s.files from parts s where s.root = c.oid), '') else c.relfilenode::text end)
  || coalesce((select ' ' || p.words from printed p where p.rel = c.oid), '')`

/** Asking for the size of one of these would wait until it is let go. */
const HELD = `
  held(rel) as materialized (
    select l.relation from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
     where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock')`

/** The same as the files, but only of leaves that hold anything. */
const FILLED = `
  case when c.relkind = 'p' then coalesce((select string_agg(l.oid::text || ':' || l.relfilenode::text, ' ')
      from below b join pg_class l on l.oid = b.rel where b.root = c.oid and l.relkind = 'r'
       and case when l.oid in (select rel from held) then true else pg_relation_size(l.oid) > 0 end), '')
  else '' end`

const BYTES = (oid: string): string => `case when ${oid} in (select rel from held) then 0 else pg_table_size(${oid}) end`

/** The transactions that wrote its columns' rows (a dropped column keeps its row) and those of its unique indexes; what it and its leaves log of old rows. */
const SHAPE = `concat_ws(' ',
    (select count(*)::text || ':' || max(a.xmin::text::int8)::text || ':' || sum(a.xmin::text::int8)::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0),
    (select string_agg(i.indexrelid::text || ':' || i.xmin::text, ',' order by i.indexrelid) from pg_index i where i.indrelid = c.oid and i.indisunique),
    c.relreplident::text, (select s.identities from parts s where s.root = c.oid))`

const WHICH = `
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'f') and not c.relispartition and c.relpersistence <> 't'
   -- A table's name is its schema, a dot and its own: a schema with a dot in it could not be told apart.
   and position('.' in n.nspname) = 0
   and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'sheetflow') and n.nspname not like 'pg\\_temp\\_%'`

/** The columns of an index, as JSON names in order. */
const INDEXED = (index: string): string => `
  (select jsonb_agg(a.attname order by k.ord) from unnest(${index}.indkey::int2[]) with ordinality k(attnum, ord)
     join pg_attribute a on a.attrelid = ${index}.indrelid and a.attnum = k.attnum where k.ord <= ${index}.indnkeyatts)`

/** The leaves of a partitioned table, one of each kind: what matters of them is the same for many. */
const PARTITIONS = `
  (select json_agg(json_build_object('name', k.name, 'identity', k.identity, 'unlogged', k.unlogged, 'foreign', k.foreign, 'columns', k.columns) order by k.name)
     from (select min(ln.nspname || '.' || l.relname) as name, l.relreplident::text as identity, l.relpersistence = 'u' as unlogged, l.relkind = 'f' as foreign,
                  coalesce(${INDEXED('i')}, '[]') as columns
             from below b join pg_class l on l.oid = b.rel and l.relkind <> 'p' join pg_namespace ln on ln.oid = l.relnamespace
             left join pg_index i on i.indrelid = l.oid and case l.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end
            where b.root = c.oid group by 2, 3, 4, 5) k)`

/** Rows as of `TableSign`. */
export const SIGNS_SQL: string = `with recursive ${PRINTED}, ${BELOW}
  select c.oid::text as oid, n.nspname || '.' || c.relname as name, ${STORAGE} as storage, c.xmin::text as xmin, ${SHAPE} as shape ${WHICH}`

/** Tables with columns and indexes; `$1`: oids, or null for all. */
export const TABLES_SQL: string = `with recursive ${PRINTED}, ${BELOW}, ${HELD}
  select c.oid::text as oid, n.nspname || '.' || c.relname as name, c.relkind::text as kind, c.relreplident::text as identity,
         c.relpersistence::text as persistence, has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as selectable, current_user::text as role,
         row_security_active(c.oid) as rowsecurity, pg_has_role(c.relowner, 'USAGE') as owned,
         greatest(case when c.relkind = 'p' then (select coalesce(sum(greatest(l.reltuples, 0)), 0) from below b
            join pg_class l on l.oid = b.rel where b.root = c.oid and l.relkind <> 'p') else c.reltuples end, 0)::float4 as rows,
         case when c.relkind = 'p' then (select coalesce(sum(${BYTES('b.rel')}), 0) from below b where b.root = c.oid)
              else ${BYTES('c.oid')} end::text as bytes,
         ${STORAGE} as storage, ${FILLED} as filled, c.xmin::text as xmin, ${SHAPE} as shape,
         (select json_agg(json_build_object('name', a.attname, 'attnum', a.attnum, 'type', a.atttypid::text, 'typmod', a.atttypmod,
                 'dimensions', a.attndims, 'notnull', a.attnotnull,
                 -- A partitioned table has no rows, so what they hold that were there before stands with its leaves.
                 'prefilled', a.atthasmissing or a.atthasdef or a.attnotnull or a.attidentity <> '' or exists (select from below b
                     join pg_attribute m on m.attrelid = b.rel and m.attname = a.attname and m.atthasmissing where b.root = c.oid),
                 'text', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
            from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
         (select json_agg(json_build_object('name', ic.relname, 'primary', i.indisprimary, 'identity', i.indisreplident,
                 'attnums', (select json_agg(k.attnum order by k.ord) from unnest(i.indkey::int2[]) with ordinality k(attnum, ord)
                              where k.ord <= i.indnkeyatts)) order by i.indisprimary desc, i.indnkeyatts, ic.relname)
            from pg_index i join pg_class ic on ic.oid = i.indexrelid
           where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indexprs is null) as indexes,
         ${PARTITIONS} as partitions
  ${WHICH} and ($1::oid[] is null or c.oid = any($1::oid[]))
 order by 2`
