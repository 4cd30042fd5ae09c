import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@sheetflow/testkit/postgres/embedded'
import { ProjectFolder } from './project-folder.ts'
import { queryDatabase } from './query-database.ts'

/** What a newcomer does with a database of their own, in a folder where nothing is installed: init, lint, doctor, dev, query, the page. */

let place: string
let postgres: EmbeddedPostgres
let url: string
let folder: string
let project: ProjectFolder

beforeAll(async () => {
  place = mkdtempSync(path.join(tmpdir(), 'first-'))
  postgres = await startEmbeddedPostgres({ dataDir: path.join(place, 'postgres') })
  await sql(postgres.url, 'create database erp')
  url = postgres.url.replace(/\/postgres$/, '/erp')
  await sql(
    url,
    `create table customers (id int primary key, name text not null, country text);
     create table "Order Items" ("Item No" int primary key, note text, "Unit Price" numeric(10, 2), "createdAt" timestamptz);
     create table logs (line text);
     create schema hr; create table hr.customers (id uuid primary key, name text);
     insert into customers values (1, 'Anna', 'PL'), (2, 'Bruno', 'DE');
     create role plain login password 'plain'`,
  )
})

afterAll(async () => {
  await postgres.stop()
  rmSync(place, { recursive: true, force: true })
})

beforeEach(() => {
  folder = mkdtempSync(path.join(place, 'project-'))
  project = new ProjectFolder(folder)
})

afterEach(stopDev)

async function stopDev(): Promise<void> {
  await project.stop()
}

async function sql(at: string, text: string): Promise<void> {
  await queryDatabase(at, text)
}

async function sheetflow(...args: string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  return await project.sheetflow(...args)
}

/** `sheetflow dev`; resolves to the address of its page. */
async function startDev(): Promise<string> {
  return (await project.startDev()).urls.page
}

test('from nothing to a live page: what init writes is right as it stands', async () => {
  const init = await sheetflow('init', '--postgres', url, '--yes')
  expect(init.text).toContain('next: npx sheetflow dev')
  // Each finding stands there once.
  expect(init.text.match(/public\.logs cannot be captured/g)).toHaveLength(1)
  expect(init.code).toBe(0)
  expect(await sheetflow('lint')).toEqual({ code: 0, text: '4 files: 0 errors, 0 warnings\n' })
  expect((await sheetflow('fmt', '--check', '--json')).text).toBe('{"event":"summary","unformatted":0,"errors":0}\n')
  expect((await sheetflow('doctor')).text).toContain('nothing stands in the way')
  const page = await startDev()
  const asked = await sheetflow(
    'query',
    '{ customers { id name } hr_customers { id } order_items { item_no note unit_price createdAt } }',
    '--url',
    page,
  )
  expect(JSON.parse(asked.text)).toMatchObject({
    data: {
      customers: [
        { id: 1, name: 'Anna' },
        { id: 2, name: 'Bruno' },
      ],
      hr_customers: [],
      order_items: [],
    },
  })
  expect(await (await fetch(page)).text()).toContain('<sf-table path="customers"')
  expect(await (await fetch(`${page}page.js`)).text()).toContain('customElements.define')
})

test('a project without a page begins at the explorer', async () => {
  await sheetflow('init', '--postgres', url, '--yes')
  rmSync(path.join(folder, 'page'), { recursive: true })
  const answer = await fetch(await startDev(), { headers: { accept: 'text/html' } })
  expect(new URL(answer.url).pathname).toBe('/graphql')
  expect(answer.headers.get('content-type')).toContain('text/html')
})

test('what stands in the way is said with the SQL for this very user, and init does not say "next"', async () => {
  const init = await sheetflow('init', '--postgres', url.replace('postgres:postgres@', 'plain:plain@'), '--yes')
  expect(init.text).toContain('ALTER ROLE "plain" REPLICATION;')
  expect(init.text).toContain('GRANT SELECT ON "public"."customers" TO "plain";')
  expect(init.text).not.toContain('next:')
  expect(init.code).toBe(4)
  // Looking writes nothing.
  expect(existsSync(path.join(folder, '.sheetflow'))).toBe(false)
})

test('a second init takes the new address over and leaves everything else alone', async () => {
  writeFileSync(path.join(folder, '.env'), 'OTHER=1\nERP_URL=postgres://old\n')
  writeFileSync(path.join(folder, '.gitignore'), 'dist')
  await sheetflow('init', '--postgres', url, '--yes', '--tables', 'hr.customers')
  expect(readFileSync(path.join(folder, '.env'), 'utf8')).toBe(`OTHER=1\nERP_URL=${url}\n`)
  expect(readFileSync(path.join(folder, '.gitignore'), 'utf8')).toBe('dist\n.env\n.sheetflow/\n')
  expect((await sheetflow('init', '--postgres', url, '--yes')).text).toContain('there is a sheetflow.config.ts already')
  expect((await sheetflow('lint')).code).toBe(0)
})

test('addresses that lead nowhere: one message, the fix, the exit code', async () => {
  const cases = [
    ['foo', 2, "'foo' is no Postgres URL"],
    ['mysql://a:secret@b/c', 2, "'mysql://a:***@b/c' is no Postgres URL"],
    [url.replace(/\/erp$/, '/nodb'), 4, 'database "nodb" does not exist'],
    [url.replace('postgres:postgres@', 'postgres:wrong@'), 4, 'password authentication failed'],
    ['postgres://postgres@127.0.0.1:1/erp', 4, 'ECONNREFUSED'],
  ] as const
  for (const [address, code, words] of cases) {
    const answer = await sheetflow('init', '--postgres', address, '--yes')
    expect(answer).toEqual({ code, text: expect.stringContaining(words) as string })
    expect(answer.text).toMatch(/^ {2}fix /m)
  }
})

test('a damaged stream is set aside, and the views are right again', async () => {
  await sheetflow('init', '--postgres', url, '--yes', '--tables', 'customers')
  await startDev()
  await stopDev()
  const file = path.join(folder, '.sheetflow/bus/SF_SRC_erp.db')
  const bytes = readFileSync(file)
  bytes[bytes.indexOf('Bruno')] = 0x21
  writeFileSync(file, bytes)
  const mended = await sheetflow('verify', '--repair', 'SF_SRC_erp')
  expect(mended).toEqual({ code: 0, text: expect.stringContaining('SF_SRC_erp.db.damaged-1') as string })
  const asked = await sheetflow('query', '{ customers_by_pk(id: 2) { name } }', '--url', await startDev())
  expect(JSON.parse(asked.text)).toMatchObject({ data: { customers_by_pk: { name: 'Bruno' } } })
})
