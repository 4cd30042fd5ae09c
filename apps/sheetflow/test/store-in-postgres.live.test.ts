import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createClient, type Client } from '@sheetflow/client'
import { connect, LivePostgres, type TestClient } from '@sheetflow/testkit/postgres/live-postgres'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { ProjectFolder } from './project-folder.ts'

/** The ring with its views in Postgres: one line of the configuration, a role that may do nothing but its work, and what `doctor` says on the way. */

const PATIENT = { timeout: 90_000 }
const SCHEMA = 'sheetflow_main'

let server: LivePostgres
let folder: string
let project: ProjectFolder
let erp: TestClient
let views: TestClient
const clients: Client[] = []

beforeAll(async () => {
  server = await LivePostgres.start()
})

afterAll(async () => {
  await server.end()
})

beforeEach(async () => {
  const source = await server.database()
  erp = await connect(source)
  await erp.query("create table customers (id int primary key, name text); insert into customers values (1, 'Anna'), (2, 'Bruno')")
  const store = new URL(await server.database())
  views = await connect(store.href)
  await views.query("drop role if exists views_writer; create role views_writer login password 'secret'")
  Object.assign(store, { username: 'views_writer', password: 'secret' })
  folder = mkdtempSync(path.join(tmpdir(), 'store-in-postgres-'))
  project = new ProjectFolder(folder)
  await project.sheetflow('init', '--postgres', source, '--yes')
  const file = path.join(folder, 'sheetflow.config.ts')
  const stores = `stores: { main: { type: 'postgres', url: secret('VIEWS_URL') } },`
  writeFileSync(file, readFileSync(file, 'utf8').replace('defineConfig({', `defineConfig({\n  ${stores}`))
  appendFileSync(path.join(folder, '.env'), `VIEWS_URL=${store.href}\n`)
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await project.stop()
  await views.query('drop owned by views_writer')
  for (const sql of [erp, views]) await sql[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Names that a page shows, as it follows. */
async function follow(): Promise<() => unknown> {
  const { urls, token } = await project.startDev()
  const client = createClient({
    url: urls.graphql,
    realtimeUrl: urls.realtime,
    token: () => token,
    clock: () => Date.now(),
    random: Math.random,
    webSocket: WebSocket,
  })
  clients.push(client)
  const page = client.page('{ customers { id name } }')
  page.subscribe(() => undefined)
  return () => page.picture.fields['customers']?.rows.map(({ values }) => values['name'])
}

async function tableOf(view: string): Promise<unknown> {
  const { rows } = await views.query<{ id: string }>(`select table_id as id from ${SCHEMA}.sf_view where view like '%.' || $1`, [view])
  return rows[0]?.id
}

test('a page follows rows that are kept in Postgres, and a restart goes on where the store stands', { timeout: 300_000 }, async () => {
  const before = await project.sheetflow('doctor')
  expect(before.text).toContain('views_writer may not make the schema sheetflow_main')
  expect(before.text).toContain('CREATE SCHEMA "sheetflow_main" AUTHORIZATION "views_writer"')
  expect(before.code).toBe(1)
  await views.query('create schema sheetflow_main authorization views_writer')
  const after = await project.sheetflow('doctor')
  expect(after.text).toContain("store main: The schema sheetflow_main is views_writer's")
  expect(after.text).toContain('nothing stands in the way')

  const shown = await follow()
  await expect.poll(shown, PATIENT).toEqual(['Anna', 'Bruno'])
  await erp.query("insert into customers values (3, 'Cleo'); delete from customers where id = 1")
  await expect.poll(shown, PATIENT).toEqual(['Bruno', 'Cleo'])
  const table = await tableOf('customers')
  expect(table).toMatch(/^\d+$/)
  await project.stop()

  await erp.query("insert into customers values (4, 'Dora')")
  const again = await follow()
  await expect.poll(again, PATIENT).toEqual(['Bruno', 'Cleo', 'Dora'])
  // The same table: nothing was filled anew.
  expect(await tableOf('customers')).toBe(table)
})

test('without its schema it does not start, and says which SQL to run', { timeout: 300_000 }, async () => {
  const { code, text } = await project.sheetflow('dev', '--port', '0')
  expect(text).toContain('permission denied for database')
  expect(text).toContain('sheetflow doctor')
  expect(code).toBe(4)
})
