import { setTimeout as pause } from 'node:timers/promises'
import { Session } from '../write/session.ts'
import { mustTell, TOLD_MS } from './scene.ts'
import type { Scene } from './scene.ts'

/**
 * T9: a table is added to the publication while a transaction that has written it is open: what it wrote before is never streamed, and a chunk that is read
 * at once does not show it. Only who waits for it (the gate again) has its row.
 */
export const addedWhileWritten: Scene = async (stage) => {
  const { database, watch, number } = stage
  const table = `late_${number}`
  const rows = (): string => [...watch.replica.table(`public.${table}`).rows.keys()].toSorted().join(' ')
  await using session = await Session.connect(database.url)
  for (const { name } of await session.rows<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename like 'late%'",
  )) {
    await session.change(`drop table ${name}`)
  }
  await session.change(`create table ${table} (id int primary key)`)
  await using writer = await Session.connect(database.url)
  await writer.change('begin')
  await writer.change(`insert into ${table} values (1)`)
  await watch.until((replica) => replica.tables.get(`public.${table}`)?.schema !== undefined, TOLD_MS)
  await session.change(`insert into ${table} values (2)`)
  await watch.until((replica) => replica.table(`public.${table}`).loaded, stage.temptedMs)
  await writer.change('commit')
  await pause(100)
  await session.change(`insert into ${table} values (3)`)
  await mustTell(
    stage,
    'T9: a table that is added is whole',
    () => watch.replica.table(`public.${table}`).loaded && rows() === '1 2 3',
    () => `${table} has rows ${rows()}`,
  )
}
