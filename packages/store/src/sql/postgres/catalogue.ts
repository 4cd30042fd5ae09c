import { randomUUID } from 'node:crypto'
import { SheetflowError } from '@sheetflow/core/errors'
import type { ViewStatus } from '@sheetflow/core/message'
import type { StoredView } from '@sheetflow/core/ports/view-store'
import type { SheetSchema } from '@sheetflow/core/schema'
import { seenColumns } from '../seen-columns.ts'
import { notReady, unknownFormat } from '../store-errors.ts'
import type { Sql } from './connection.ts'
import { schemaName } from './sql-name.ts'
import { ViewTable } from './view-table.ts'

/** Format of the tables. A newer one is refused, an older one is migrated by the store's writer; readers of this version may come before that. */
const FORMAT = 2
/** Does not know which cells stand apart (`seen-columns.ts`). */
const OLD_FORMAT = 1

/** Oldest major of Postgres: its numerics know −Infinity. */
export const OLDEST_MAJOR = 14

/**
 * What the store says about itself, beside the rows:
 * - `sf_store`: format, the writer's fencing token, and `version`, which is another one whenever `sf_view` or `sf_table` changes;
 * - `sf_stream`: per stream the position of the last applied commit;
 * - `sf_view`: per view the current generation and the table that holds it;
 * - `sf_table`: every table that exists: `filling` (not visible yet), `current`, `old` (to be dropped); and the columns whose cells stand `apart`;
 * - `sf_join`: columns of a view by which nested lists look rows up;
 * - `sf_piece`: pieces of big transactions whose commit has not come yet.
 */
function createSql(s: string): string {
  const text = 'text COLLATE "C" NOT NULL'
  return `
    CREATE TABLE IF NOT EXISTS ${s}.sf_store (one boolean PRIMARY KEY DEFAULT true CHECK (one), format int NOT NULL, writer uuid NOT NULL, version uuid NOT NULL);
    CREATE TABLE IF NOT EXISTS ${s}.sf_stream (stream ${text} PRIMARY KEY, epoch bigint NOT NULL, "offset" bigint NOT NULL, tx text NOT NULL, at text NOT NULL) WITH (fillfactor = 20);
    CREATE TABLE IF NOT EXISTS ${s}.sf_view (view ${text} PRIMARY KEY, generation bigint NOT NULL, table_id bigint NOT NULL, status text NOT NULL,
      stream text NOT NULL, epoch bigint NOT NULL, "offset" bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS ${s}.sf_table (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, view ${text}, generation bigint NOT NULL, state text NOT NULL, schema text NOT NULL,
      apart text);
    CREATE TABLE IF NOT EXISTS ${s}.sf_join (view ${text}, columns ${text}, PRIMARY KEY (view, columns));
    CREATE TABLE IF NOT EXISTS ${s}.sf_piece (stream ${text}, tx ${text}, piece int NOT NULL, changes text NOT NULL, PRIMARY KEY (stream, tx, piece));
    ALTER TABLE ${s}.sf_piece ALTER COLUMN changes SET STORAGE EXTERNAL;
    INSERT INTO ${s}.sf_store (format, writer, version) VALUES (${FORMAT}, gen_random_uuid(), gen_random_uuid()) ON CONFLICT DO NOTHING`
}

/** Of tables that are there nothing is known until they are filled anew. */
function migrateSql(s: string): string {
  return `ALTER TABLE ${s}.sf_table ADD COLUMN apart text; UPDATE ${s}.sf_store SET format = ${FORMAT}, version = gen_random_uuid()`
}

interface ServerFacts {
  readonly version: number
  readonly encoding: string
  readonly standby: boolean
  readonly exists: boolean
}

/** Creates what is missing and takes over as the writer; the fencing token of this one. */
export async function takeOver(sql: Sql, schema: string): Promise<string> {
  const s = schemaName(schema)
  const { rows } = await sql.query<ServerFacts>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS standby,
       to_regnamespace($1) IS NOT NULL AS exists, pg_advisory_xact_lock(hashtext($1))`,
    [s],
  )
  const [facts] = rows
  if (facts !== undefined) checkServer(facts)
  // Asked for only where it is missing: the right to make schemas is not needed otherwise.
  if (facts?.exists !== true) await sql.query(`CREATE SCHEMA IF NOT EXISTS ${s}`)
  const made = await sql.query(`SELECT FROM pg_class WHERE relname = 'sf_piece' AND relnamespace = to_regnamespace($1)`, [s])
  if (made.count === 0) await sql.query(createSql(s))
  // Not a number that counts up: a store that was restored from a backup would give it again.
  const token = randomUUID()
  const taken = await sql.query<{ format: number }>(`UPDATE ${s}.sf_store SET writer = $1 RETURNING format`, [token])
  if (checkFormat(taken.rows[0]?.format) === OLD_FORMAT) await sql.query(migrateSql(s))
  return token
}

function checkServer({ version, encoding, standby }: ServerFacts): void {
  if (version < OLDEST_MAJOR * 10_000) {
    throw new SheetflowError('store/not-ready', `Postgres ${Math.floor(version / 10_000)} is too old for a store`, {
      fix: `Use Postgres ${OLDEST_MAJOR} or newer.`,
    })
  }
  if (encoding !== 'UTF8') {
    throw new SheetflowError('store/not-ready', `the database of the store is encoded in ${encoding}`, {
      fix: "Make one that is not: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;",
    })
  }
  if (!standby) return
  throw new SheetflowError('store/unavailable', 'the store is a standby, which cannot be written', {
    retry: 'later',
    fix: 'The URL has to lead to the primary.',
  })
}

function checkFormat(format: number | undefined): number {
  if (format === FORMAT || format === OLD_FORMAT) return format
  throw unknownFormat(format ?? 0, FORMAT)
}

/** The views of a store as they were when it was read. */
export class Catalogue {
  readonly version: string
  readonly views: ReadonlyMap<string, CurrentView>
  readonly statuses: ReadonlyMap<string, ViewStatus>

  constructor(version: string, views: readonly CurrentView[]) {
    this.version = version
    this.views = new Map(views.map((view) => [view.view, view]))
    this.statuses = new Map(views.map(({ view, status }) => [view, status]))
  }

  /** The table of that generation, or `query/not-ready` if it is not the current one. */
  table(view: string, generation: number): ViewTable {
    const current = this.views.get(view)
    if (current?.generation === generation) return current.table
    throw notReady(view, generation, current?.generation)
  }
}

/** A view as it stands in the catalogue. */
export interface CurrentView extends StoredView {
  readonly table: ViewTable
}

interface CatalogueRow {
  readonly version: string
  readonly format: number
  /** Null: there is no view yet. */
  readonly view: string | null
  readonly generation: number
  readonly status: ViewStatus
  readonly stream: string
  readonly epoch: number
  readonly offset: number
  readonly id: number
  readonly schema: string
  /** Null also in a store of the old format. */
  readonly apart: string | null
}

interface KnownTable {
  /** As the row of `sf_table` has it. */
  readonly apart: string | null
  readonly table: ViewTable
}

/** Reads the catalogue; a table's schema never changes, so it is parsed once for each set of columns whose cells stand apart. */
export class CatalogueReader {
  readonly #schema: string
  #tables: ReadonlyMap<number, KnownTable> = new Map()

  constructor(schema: string) {
    this.#schema = schema
  }

  /** One statement, so one snapshot. Whether `sf_table` has a column `apart` only the row tells. */
  get sql(): string {
    const s = schemaName(this.#schema)
    return `SELECT s.version, s.format, v.view, v.generation, v.status, v.stream, v.epoch, v."offset", t.id, t.schema, to_jsonb(t) ->> 'apart' AS apart
      FROM ${s}.sf_store s LEFT JOIN (${s}.sf_view v JOIN ${s}.sf_table t ON t.id = v.table_id) ON true`
  }

  /** What that statement gave. */
  read(rows: readonly object[]): Catalogue {
    const found = rows as readonly CatalogueRow[]
    checkFormat(found[0]?.format)
    const tables = new Map<number, KnownTable>()
    const views = found.flatMap((row): CurrentView[] => {
      if (row.view === null) return []
      const { view, generation, status, stream, epoch, offset, id, apart } = row
      const before = this.#tables.get(id)
      const table =
        before?.apart === apart ? before.table : new ViewTable(this.#schema, id, JSON.parse(row.schema) as SheetSchema, seenColumns(apart))
      tables.set(id, { apart, table })
      return [{ view, generation, status, stream, position: { epoch, offset }, table }]
    })
    this.#tables = tables
    return new Catalogue(found[0]?.version ?? '', views)
  }
}
