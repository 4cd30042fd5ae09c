import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { readCatalogue } from '../catalogue/catalogue.ts'
import type { CatalogueQuery } from '../catalogue/pg-type.ts'
import { PublicationWatch } from './publication-watch.ts'

/** More than any look asks. */
const STATEMENTS = 9

const STRANGERS = {
  'takes a table out and puts it back': 'alter publication p drop table t; alter publication p add table t',
  'leaves operations out': `alter publication p set (publish = 'insert')`,
  'drops it': 'drop publication p',
  'leaves operations out and back in': `alter publication p set (publish = 'insert'); alter publication p set (publish = 'insert, update, delete, truncate')`,
} as const

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start({})
})
afterAll(async () => {
  await postgres.end()
})

/** Tables and no publication, and a watch between whose statements somebody else comes once: before the `nth` one from `arm` on. */
async function scene(client: TestClient, stranger: string) {
  await client.query(`drop publication if exists p; drop table if exists t, u, v;
    create table t(id int primary key); create table u(id int primary key); create table v(id int primary key)`)
  let left = 0
  const query = (async (sql: string, parameters: readonly unknown[]) => {
    if (left > 0 && --left === 0) await client.query(stranger)
    return (await client.query(sql, [...parameters])).rows
  }) as CatalogueQuery
  const arm = (nth: number): void => {
    left = nth
  }
  const [t, u, v] = (await readCatalogue(query, null)).toSorted((a, b) => a.name.localeCompare(b.name))
  if (t === undefined || u === undefined || v === undefined) throw new Error('there are three tables')
  return { query, arm, came: () => left === 0, watch: new PublicationWatch(query, 'p'), t, u, v }
}

test.each(Object.entries(STRANGERS))('somebody who %s between any two statements is noticed', async (_, stranger) => {
  await using client = await connect(await postgres.database())
  for (const isFresh of [false, true]) {
    for (let nth = 1; nth <= STATEMENTS; nth++) {
      const { arm, came, watch, t, u, v } = await scene(client, stranger)
      expect((await watch.begin([t, u])).missed).toEqual([t.oid, u.oid])
      expect((await watch.look([t, u], []))?.missed).toEqual([])
      const fresh = isFresh ? [v] : []
      arm(nth)
      const missed = new Set((await watch.look([t, u], fresh))?.missed)
      for (let look = 0; look < 4; look++) for (const oid of (await watch.look([t, u, ...fresh], []))?.missed ?? []) missed.add(oid)
      expect(missed.has(t.oid), `statement ${String(nth)}`).toBe(came())
      expect(await published(client)).toEqual(isFresh ? ['t', 'u', 'v'] : ['t', 'u'])
    }
  }
})

test.each(Object.entries(STRANGERS).slice(1, 3))('somebody who %s while it is made is noticed', async (_, stranger) => {
  await using client = await connect(await postgres.database())
  for (let nth = 1; nth <= STATEMENTS; nth++) {
    const { query, arm, t, u } = await scene(client, stranger)
    await new PublicationWatch(query, 'p').begin([t, u])
    const watch = new PublicationWatch(query, 'p')
    arm(nth)
    await watch.begin([t, u])
    for (let look = 0; look < 5; look++) await watch.look([t, u], [])
    expect(await published(client)).toEqual(['t', 'u'])
  }
})

/** The tables of which everything is published. */
async function published(client: TestClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select tablename as name from pg_publication_tables join pg_publication using (pubname)
      where pubname = 'p' and pubinsert and pubupdate and pubdelete and pubtruncate order by 1`,
  )
  return rows.map(({ name }) => name)
}
