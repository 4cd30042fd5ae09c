import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { MemoryBlobs } from '../testing/memory-blobs.ts'
import { PostgresSource } from './postgres-source.ts'
import type { PostgresSettings } from './settings.ts'

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start()
})
afterAll(async () => {
  await postgres.end()
})

function source(url: string, settings: Partial<PostgresSettings> = {}): PostgresSource {
  return new PostgresSource({ name: 'shop', url, tables: ['public.*'], blobs: new MemoryBlobs(), ...settings })
}

test('tables, keys and refusals, each with what mends it', async () => {
  const url = await postgres.database()
  await using client = await connect(url)
  await client.query(`
    create table plain(id int primary key, v numeric(8,3));
    create table composite(a text, b int, primary key (b, a));
    create table bare(v int);
    create table indexed(code text not null unique, v int);
    create table identity(code text not null unique, v int); alter table identity replica identity using index identity_code_key;
    create table entire(code text not null, v int); alter table entire replica identity full;
    create table nothing(id int primary key); alter table nothing replica identity nothing;
    create unlogged table unlogged(id int primary key);
    create table hidden(id int primary key); alter table hidden enable row level security;
    create table parts(id int, at date, primary key (id, at)) partition by range (at);
    create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01');
    create table generated(id int primary key, v int generated always as (id * 2) stored)`)
  const { tables, checks, server } = await source(url, { keys: { 'public.entire': ['code'] } }).discover()
  expect(server).toMatch(/^PostgreSQL \d+/)
  const found = Object.fromEntries(tables.map((table) => [table.schema.table.slice('public.'.length), table]))
  expect(Object.keys(found).toSorted()).toEqual(
    ['plain', 'composite', 'bare', 'indexed', 'identity', 'entire', 'nothing', 'unlogged', 'hidden', 'parts', 'generated'].toSorted(),
  )
  expect(found['plain']?.schema).toMatchObject({
    key: ['id'],
    columns: [
      { name: 'id', id: 1, type: 'int' },
      { name: 'v', id: 2, type: 'decimal', p: 8, s: 3, source: 'numeric(8,3)' },
    ],
  })
  expect(found['composite']?.schema.key).toEqual(['b', 'a'])
  expect(found['identity']?.schema.key).toEqual(['code'])
  expect(found['entire']?.schema.key).toEqual(['code'])
  expect(found['parts']?.schema.key).toEqual(['id', 'at'])
  expect(found['generated']?.schema.columns.map((column) => column.name)).toEqual(['id'])
  expect(found['bare']?.refused?.fix).toContain('ADD PRIMARY KEY')
  expect(found['indexed']?.refused?.fix).toContain('REPLICA IDENTITY USING INDEX "indexed_code_key"')
  expect(found['nothing']?.refused?.fix).toContain('REPLICA IDENTITY DEFAULT')
  expect(found['unlogged']?.refused?.fix).toContain('SET LOGGED')
  for (const fix of ['bare', 'indexed', 'nothing', 'unlogged'].map((name) => found[name]?.refused?.fix ?? '')) {
    // What is printed can be run, but for the primary key, whose columns only a person knows.
    if (!fix.includes('…')) await client.query(fix)
  }
  expect(checks.filter((check) => check.status === 'fail')).toEqual([])
  expect(checks.find((check) => check.name === 'max_slot_wal_keep_size')?.status).toBe('warn')
})

test('an ordinary user is told which rights are missing, and the fixes are enough', async () => {
  const url = await postgres.database()
  await using admin = await connect(url)
  await admin.query(`create table orders(id int primary key); create role clerk login password 'clerk'`)
  const asClerk = url.replace('postgres:postgres@', 'clerk:clerk@')
  const before = (await source(asClerk).discover()).checks
  expect(before.find((check) => check.name === 'replication')).toMatchObject({ status: 'fail', fix: 'ALTER ROLE "clerk" REPLICATION;' })
  await admin.query(before.find((check) => check.name === 'replication')?.fix ?? '')
  await admin.query(`grant select on orders to clerk`)
  const after = (await source(asClerk).discover()).checks
  expect(after.filter((check) => check.status === 'fail').map((check) => check.name)).toEqual(['publication'])
  const sql = /: (.*)$/.exec(after.find((check) => check.name === 'publication')?.fix ?? '')?.[1] ?? ''
  await admin.query(sql)
  const last = await source(asClerk).discover()
  expect(last.checks.filter((check) => check.status === 'fail')).toEqual([])
})

test('a wrong password and a server that is not there are told apart', async () => {
  const url = await postgres.database()
  await expect(source(url.replace('postgres:postgres@', 'postgres:wrong@')).discover()).rejects.toMatchObject({
    code: 'source/auth',
    retry: 'never',
  })
  await expect(source(url.replace(/:\d+\//, ':1/')).discover()).rejects.toMatchObject({ code: 'source/unreachable', retry: 'later' })
  await expect(source(url.replace('postgres:postgres@', 'postgres:wrong@')).discover()).rejects.not.toThrow(/wrong/)
})

test('wal_level and slots are checked', async () => {
  const small = await LivePostgres.start({ wal_level: 'replica', max_replication_slots: '1', max_slot_wal_keep_size: '64MB' })
  try {
    const { checks } = await source(await small.database()).discover()
    expect(checks.find((check) => check.name === 'wal_level')).toMatchObject({ status: 'fail' })
    expect(checks.find((check) => check.name === 'max_slot_wal_keep_size')).toMatchObject({ status: 'warn' })
  } finally {
    await small.end()
  }
})
