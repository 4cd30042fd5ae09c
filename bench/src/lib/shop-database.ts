import { rmSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { CaptureRole } from '@sheetflow/source/capture/capture-role'
import { PostgresSource } from '@sheetflow/source/postgres/postgres-source'
import { CLOCK, LogLines } from '@sheetflow/source/testing/capture-rig'
import { MemoryBlobs } from '@sheetflow/source/testing/memory-blobs'
import { startEmbeddedPostgres, temporaryDataDir } from '@sheetflow/testkit/postgres/embedded'
import { filesPlace } from './bus-place.ts'
import type { BusPlace } from './bus-place.ts'

/** A real Postgres with a table of 11 columns. It does not sync: what is measured is who reads from it. */
export interface ShopDatabase extends AsyncDisposable {
  readonly url: string
  readonly db: pg.Client
  /** Adds rows `from`..`to`, so many a transaction. */
  fill(from: number, to: number, perTransaction: number): Promise<void>
}

export async function startShopDatabase(): Promise<ShopDatabase> {
  const server = await startEmbeddedPostgres({
    dataDir: temporaryDataDir(),
    settings: {
      fsync: 'off',
      max_wal_size: '4GB',
      shared_buffers: '256MB',
      max_replication_slots: '50',
      max_wal_senders: '20',
      autovacuum: 'off',
    },
  })
  const db = new pg.Client({ connectionString: server.url })
  await db.connect()
  await db.query(`create table orders (id bigint primary key, name text, street text, city text, n int, total numeric(12,2), paid bool,
    at timestamptz default now(), note jsonb, ref uuid default gen_random_uuid(), weight float8)`)
  return {
    url: server.url,
    db,
    fill: (from, to, perTransaction) => fill(db, from, to, perTransaction),
    [Symbol.asyncDispose]: async () => {
      await db.end()
      await server.stop()
      rmSync(path.dirname(server.dataDir), { recursive: true, force: true })
    },
  }
}

async function fill(db: pg.Client, from: number, to: number, perTransaction: number): Promise<void> {
  const rows = `select i, 'customer name ' || i, 'some street ' || i, 'city', i, i * 1.25, i % 2 = 0, '{"k": 1, "v": "x"}', i / 3.0`
  const insert = `insert into orders (id, name, street, city, n, total, paid, note, weight) ${rows}`
  if (perTransaction > 1) {
    for (let at = from; at <= to; at += perTransaction)
      await db.query(`${insert} from generate_series($1::int, $2::int) i`, [at, at + perTransaction - 1])
    return
  }
  await db.query(`do $$ begin for i in ${from}..${to} loop ${insert}; commit; end loop; end $$`)
}

/** A capture role with a bus and a slot of its own, that can be stopped and started again. */
export interface Capture extends AsyncDisposable {
  readonly slot: string
  /** Runs until the driver's figures are as `condition` says, then stops. */
  runUntil(condition: (metrics: Readonly<Record<string, number | string>>) => boolean): Promise<void>
}

let captures = 0

/** The bus is the capture's own and goes with it. */
export function makeCapture(url: string, place: BusPlace = filesPlace()): Capture {
  const slot = `bench_${++captures}`
  return {
    slot,
    runUntil: async (condition) => {
      await using bus = await place.open()
      const source = new PostgresSource({ name: 'shop', url, tables: ['public.*'], blobs: new MemoryBlobs(), slot, publication: slot })
      const log = new LogLines()
      const stop = new AbortController()
      const role = new CaptureRole({ name: 'shop', source, bus, clock: CLOCK, log })
      const running = role.run(stop.signal)
      const ended = running.then(() => true)
      while (!condition(role.metrics())) {
        if (await Promise.race([ended, pause()])) throw new Error(`capture ended: ${JSON.stringify(log.lines.slice(-5))}`)
      }
      stop.abort()
      await running
      await source[Symbol.asyncDispose]()
    },
    [Symbol.asyncDispose]: async () => {
      await using db = await openClient(url)
      await db.query('select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1 and not active', [slot])
      await db.query(`drop publication if exists ${slot}`)
      await place[Symbol.asyncDispose]()
    },
  }
}

/** A client that is ended by `await using`. */
async function openClient(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

async function pause(): Promise<false> {
  await new Promise((next) => setTimeout(next, 2))
  return false
}
