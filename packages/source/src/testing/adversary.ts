import { setTimeout as pause } from 'node:timers/promises'
import { Random } from '@sheetflow/testkit/random'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect } from '@sheetflow/testkit/postgres/live-postgres'
import type { OracleTypes } from './oracle.ts'

/** The tables that the adversary writes: a constant sum; a composite key of text in another collation with a wide column; uuid keys. */
export const TABLES_SQL = `
  create table acct(id bigint primary key, bal int not null, note text);
  create table kv(a text collate "und-x-icu", b int, bio text, v int not null, primary key (a, b));
  alter table kv alter bio set storage external;
  create table doc(id uuid primary key default gen_random_uuid(), body text, n int not null);
  alter table doc alter body set storage external;
  insert into acct select i, 100, 'n' || i from generate_series(1, 400) i;
  insert into kv select (array['a','A','ä','Z','z','ß','1','_','-','é'])[1 + i % 10] || (i / 10), i % 3, repeat(md5(i::text), 100), i from generate_series(1, 400) i;
  insert into doc(body, n) select repeat(md5(i::text), 100), i from generate_series(1, 400) i;`

/** Their columns, for the oracle. */
export const TYPES: OracleTypes = {
  'public.acct': { id: 'text', bal: 'number', note: 'text' },
  'public.kv': { a: 'text', b: 'number', bio: 'text', v: 'number' },
  'public.doc': { id: 'text', body: 'text', n: 'number' },
}

export const KEYS: Readonly<Record<string, readonly string[]>> = { 'public.acct': ['id'], 'public.kv': ['a', 'b'], 'public.doc': ['id'] }

/** What `acct.bal` always adds up to, at every commit. */
export const SUM = 40_000

const NASTY = [`E'tab\\tnl\\n'`, `E'back\\\\slash'`, `'quote''s "x"'`, `'🚀 zażółć'`, `'\\N'`, `''`, `null`]

type Step = (client: TestClient, random: Random) => Promise<unknown>

const key = (random: Random): string => String(1 + random.below(420))
const someKv = `(select ctid from kv offset floor(random() * 250) limit 1)`
const someDoc = `(select ctid from doc offset floor(random() * 250) limit 1)`

/** What one transaction does. Statements that hit a unique key are expected to fail now and then. */
const STEPS: readonly Step[] = [
  async (c, r) => {
    const n = 1 + r.below(20)
    const [from, to] = [key(r), key(r)]
    if (from === to) return
    const moved = await c.query(
      `update acct set bal = bal - ${String(n)} where id = ${from} and exists (select from acct where id = ${to})`,
    )
    if (moved.rowCount === 1) {
      const arrived = await c.query(`update acct set bal = bal + ${String(n)} where id = ${to}`)
      if (arrived.rowCount !== 1) throw new Error('the other account is gone')
    }
  },
  async (c, r) => await c.query(`insert into acct values (${String(1000 + r.below(100000))}, 0, ${r.pick(NASTY)})`),
  async (c) => await c.query(`delete from acct where id = (select id from acct where bal = 0 limit 1)`),
  async (c, r) => await c.query(`update acct set note = ${r.pick(NASTY)} where id = ${key(r)}`),
  // A key that moves while its wide column is not sent.
  async (c, r) => await c.query(`update kv set b = b + ${String(r.pick([-50, 50, 7]))} where ctid = ${someKv}`),
  async (c, r) =>
    await c.query(`update kv set a = ${r.pick(["'a'", "'A'", "'ä'", "'zz'", "'Q'"])} || floor(random() * 40) where ctid = ${someKv}`),
  async (c) => await c.query(`update kv set v = v + 1 where ctid = ${someKv}`),
  async (c, r) =>
    await c.query(`update kv set bio = repeat(${r.pick(["'x'", "'ż'"])}, 3000 + floor(random() * 500)::int) where ctid = ${someKv}`),
  async (c) => {
    // Two rows exchange their keys over a third.
    const { rows } = await c.query<{ a: string; b: number }>(`select a, b from kv order by random() limit 2 for update`)
    const [x, y] = rows
    if (x === undefined || y === undefined) return
    await c.query(`update kv set a = 'swap', b = -1 where a = $1 and b = $2`, [x.a, x.b])
    await c.query(`update kv set a = $1, b = $2 where a = $3 and b = $4`, [x.a, x.b, y.a, y.b])
    await c.query(`update kv set a = $1, b = $2 where a = 'swap' and b = -1`, [y.a, y.b])
  },
  async (c) =>
    await c.query(`with gone as (delete from kv where ctid = ${someKv} returning *) insert into kv select a, b + 1000, bio, v from gone`),
  async (c) => {
    const { rows } = await c.query<{ a: string; b: number }>(`delete from kv where ctid = ${someKv} returning a, b`)
    if (rows[0] !== undefined) await c.query(`insert into kv values ($1, $2, repeat('again', 700), 0)`, [rows[0].a, rows[0].b])
  },
  async (c) => await c.query(`update doc set id = gen_random_uuid() where ctid = ${someDoc}`),
  async (c) => await c.query(`update doc set n = n + 1 where ctid = ${someDoc}`),
  async (c) => await c.query(`insert into doc(body, n) values (repeat('new', 1200), 0)`),
  async (c) => await c.query(`delete from doc where ctid = ${someDoc}`),
  async (c) => {
    await c.query('savepoint s')
    await c.query(`update doc set n = -1 where ctid = ${someDoc}`)
    await c.query('rollback to savepoint s')
    await c.query('savepoint t')
    await c.query(`update acct set note = 'kept' where id = 7`)
    await c.query('release savepoint t')
  },
  async (c) => await c.query(`select pg_sleep(random() * 0.05)`),
]

/** What the adversary may do besides. */
export interface AdversaryOptions {
  readonly url: string
  readonly seed: number
  readonly writers?: number
  readonly truncates?: boolean
  readonly rewrites?: boolean
  readonly ghosts?: boolean
}

/**
 * Random writers, until the signal aborts. A few transactions commit while waiting for a standby that does not exist: they are in the log and delivered, but not
 * visible until they are released. Resolves with the number of transactions that were tried.
 */
export async function runAdversary(options: AdversaryOptions, signal: AbortSignal): Promise<number> {
  const counts = await Promise.all(
    Array.from({ length: options.writers ?? 6 }, async (_, i) => await writer(options, new Random(options.seed * 100 + i), signal)),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

async function writer(options: AdversaryOptions, random: Random, signal: AbortSignal): Promise<number> {
  let count = 0
  let client: TestClient | null = null
  while (!signal.aborted) {
    try {
      client ??= await session(options.url)
      count++
      if (options.truncates !== false && random.chance(0.004)) await truncate(client)
      else if (options.rewrites === true && random.chance(0.004))
        await client.query(`set lock_timeout = 2000; alter table doc alter n type int using n + 0`)
      else await transaction(client, options, random)
    } catch {
      // A unique key, a deadlock, a server that was killed: the adversary goes on.
      const broken: TestClient | null = client
      client =
        (await broken?.query('rollback').then(
          () => broken,
          () => null,
        )) ?? null
      if (client === null) await pause(50)
    }
    if (random.chance(0.1)) await pause(random.below(10))
  }
  await client?.end().catch(() => {})
  return count
}

async function session(url: string): Promise<TestClient> {
  const client = await connect(url)
  await client.query(`set deadlock_timeout = '50ms'; set lock_timeout = '3s'`)
  return client
}

async function truncate(client: TestClient): Promise<void> {
  await client.query(
    `begin; truncate kv; insert into kv select 'f' || i, i % 4, repeat(md5(i::text), 100), i from generate_series(1, 150) i; commit`,
  )
}

async function transaction(client: TestClient, { ghosts, url }: AdversaryOptions, random: Random): Promise<void> {
  const ghost = ghosts !== false && random.chance(0.05)
  await client.query('begin')
  if (ghost) await client.query('set local synchronous_commit = on')
  for (let i = 1 + random.below(4); i > 0; i--) await random.pick(STEPS)(client, random)
  if (random.chance(0.08)) return void (await client.query('rollback'))
  if (!ghost) return void (await client.query('commit'))
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  const committing = client.query('commit').catch(() => {})
  await pause(5 + random.below(600))
  await using releaser = await connect(url)
  await releaser.query('select pg_cancel_backend($1)', [rows[0]?.pid])
  await committing
}
