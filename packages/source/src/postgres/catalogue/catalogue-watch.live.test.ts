import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { readCatalogue } from './catalogue.ts'
import { CatalogueWatch } from './catalogue-watch.ts'
import type { CatalogueQuery } from './pg-type.ts'
import { PublicationWatch } from '../publication/publication-watch.ts'

const NOTHING = { missed: [], places: new Map<number, string>(), refused: [], arrived: [] }

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start({})
})
afterAll(async () => {
  await postgres.end()
})

test('a table that is dropped between the look and the publication was not missed, and one that came with it is found again', async () => {
  await using client = await connect(await postgres.database())
  const query = (async (sql: string, parameters: readonly unknown[]) => (await client.query(sql, [...parameters])).rows) as CatalogueQuery
  await client.query(`create table t(id int primary key)`)
  const known = await readCatalogue(query, null)
  const watch = new CatalogueWatch(query, 'life', 'slot', known)
  const publication = new PublicationWatch(query, 'p')
  await publication.begin(known)
  await watch.beat(0, async () => await publication.look(known, []))
  await client.query(`create table w(id int primary key)`)
  await watch.beat(0, async (_all, changed) => {
    expect(changed.map((table) => table.name)).toEqual(['public.w'])
    await client.query(`drop table t`)
    return await publication.look(known, changed)
  })
  expect(watch.arrived('life:2')).toBeUndefined()
  await watch.beat(0, async (all, changed) => {
    const captured = all.filter((table) => known.some(({ oid }) => oid === table.oid))
    return await publication.look(captured, changed)
  })
  const found = watch.arrived('life:3')
  expect(found?.changed.map((table) => table.name)).toEqual(['public.w'])
  expect(found?.gone).toEqual([known[0]?.oid])
  expect(found?.missed).toEqual([])
})

test('a table that is to be looked at again is found by the next beat, changed or not', async () => {
  await using client = await connect(await postgres.database())
  const query = (async (sql: string, parameters: readonly unknown[]) => (await client.query(sql, [...parameters])).rows) as CatalogueQuery
  await client.query(`create table t(id int primary key); create table u(id int primary key)`)
  const known = await readCatalogue(query, null)
  const [t, u] = known.toSorted((a, b) => a.name.localeCompare(b.name)).map((table) => table.oid) as [number, number]
  const watch = new CatalogueWatch(query, 'life', 'slot', known)
  await client.query(`drop table u`)
  watch.lookAgain([t, u])
  await watch.beat(7, async () => await Promise.resolve(NOTHING))
  expect(watch.arrived('life:1')).toMatchObject({ told: 7, changed: [{ oid: t }], gone: [u] })
  await watch.beat(7, async () => await Promise.resolve(NOTHING))
  expect(watch.arrived('life:2')).toBeUndefined()
})
