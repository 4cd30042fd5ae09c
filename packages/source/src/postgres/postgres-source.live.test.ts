import { afterAll, beforeAll } from 'vitest'
import { describeSource, type SourceLab } from '@sheetflow/testkit/kits/source-kit'
import { connect, LivePostgres } from '@sheetflow/testkit/postgres/live-postgres'
import { MemoryBlobs } from '../testing/memory-blobs.ts'
import { PostgresSource } from './postgres-source.ts'

let postgres: LivePostgres
beforeAll(async () => {
  postgres = await LivePostgres.start()
})
afterAll(async () => {
  await postgres.end()
})

describeSource('postgres', makeLab)

async function makeLab(): Promise<SourceLab> {
  const url = await postgres.database()
  const slot = `kit_${new URL(url).pathname.slice(1)}`
  const client = await connect(url)
  await client.query('create table kit (id int primary key, n int not null)')
  return {
    table: 'public.kit',
    open: () =>
      new PostgresSource({ name: 'kit', url, tables: ['public.*'], blobs: new MemoryBlobs(), slot, heartbeatMs: 100, chunkRows: 50 }),
    commit: async (changes) => {
      await client.query('begin')
      const kept = changes.filter(({ n }) => n !== null)
      await client.query('delete from kit where id = any($1)', [changes.flatMap(({ id, n }) => (n === null ? [id] : []))])
      await client.query('insert into kit select * from unnest($1::int[], $2::int[]) on conflict (id) do update set n = excluded.n', [
        kept.map(({ id }) => id),
        kept.map(({ n }) => n),
      ])
      await client.query('commit')
    },
    cut: async () => {
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
    },
    [Symbol.asyncDispose]: async () => {
      await client.end()
    },
  }
}
