import { DatabaseSync } from 'node:sqlite'
import type { RowJson } from '@sheetflow/core/message'
import pg from 'pg'

/** What a database does by itself with the rows of `store-upserts`: a table of its own types, one index, one row with the position. */
export interface StoreLimit extends AsyncDisposable {
  /** All rows and the position, in one transaction. */
  upsert(rows: readonly RowJson[], position: number): Promise<void>
}

/** The table of `node:sqlite`, in the mode of our store. */
export function openSqliteLimit(file: string, first: readonly RowJson[]): StoreLimit {
  const db = new DatabaseSync(file)
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16384; PRAGMA cache_size = -65536;
    CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER, c TEXT, d TEXT, e INTEGER, f INTEGER, g TEXT, h TEXT);
    CREATE INDEX i ON t (b); CREATE TABLE position (o INTEGER); INSERT INTO position VALUES (0)`)
  const upsert = db.prepare(`INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (a)
    DO UPDATE SET b = excluded.b, c = excluded.c, d = excluded.d, e = excluded.e, f = excluded.f, g = excluded.g, h = excluded.h`)
  const move = db.prepare('UPDATE position SET o = ?')
  const write = ([id, customer, name, status, total, ...rest]: RowJson): void => {
    upsert.run(
      Number(id),
      Number(customer),
      name as string,
      status as string,
      Math.round(Number(total) * 100),
      ...(rest as (string | number)[]),
    )
  }
  const upsertAll = (rows: readonly RowJson[], position: number): void => {
    db.exec('BEGIN')
    for (const row of rows) write(row)
    move.run(position)
    db.exec('COMMIT')
  }
  upsertAll(first, 0)
  return {
    upsert: (rows, position) => {
      upsertAll(rows, position)
      return Promise.resolve()
    },
    [Symbol.asyncDispose]: () => Promise.resolve(db.close()),
  }
}

/** The table of Postgres; its texts look in an array as in JSON. */
export async function openPostgresLimit(url: string, first: readonly RowJson[]): Promise<StoreLimit> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`SET synchronous_commit TO off;
    CREATE TABLE t (a bigint PRIMARY KEY, b bigint, c text, d text, e numeric(12,2), f int, g timestamptz, h text) WITH (fillfactor = 85);
    CREATE INDEX i ON t (b); CREATE TABLE position (o bigint); INSERT INTO position VALUES (0)`)
  const text = `INSERT INTO t SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::numeric[], $6::int[], $7::timestamptz[], $8::text[])
    ON CONFLICT (a) DO UPDATE SET b = excluded.b, c = excluded.c, d = excluded.d, e = excluded.e, f = excluded.f, g = excluded.g, h = excluded.h`
  const upsert = async (all: readonly RowJson[], position: number): Promise<void> => {
    // One statement takes a row once.
    const rows = [...new Map(all.map((row) => [row[0], row])).values()]
    const values = Array.from({ length: 8 }, (_, i) => `{${rows.map((row) => JSON.stringify(row[i])).join(',')}}`)
    await client.query('BEGIN')
    await client.query({ name: 'upsert', text, values })
    await client.query('UPDATE position SET o = $1', [position])
    await client.query('COMMIT')
  }
  await upsert(first, 0)
  await client.query('ANALYZE t')
  return { upsert, [Symbol.asyncDispose]: () => client.end() }
}
