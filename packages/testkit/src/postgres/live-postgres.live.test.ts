import { expect, test } from 'vitest'
import { connect, LivePostgres } from './live-postgres.ts'

test('a server that is killed starts again, also while a session of it goes round in circles', async () => {
  const postgres = await LivePostgres.start({})
  try {
    const url = await postgres.database()
    await using busy = await connect(url)
    busy.on('error', () => undefined)
    const circles = busy.query(`do $$ begin loop null; end loop; end $$`).catch(() => undefined)
    await using client = await connect(url)
    client.on('error', () => undefined)
    const active = async (): Promise<number> =>
      (await client.query(`select from pg_stat_activity where query like 'do %' and state = 'active'`)).rows.length
    await expect.poll(active, { timeout: 60_000 }).toBe(1)
    await postgres.crash()
    await circles
    await using again = await connect(url)
    expect((await again.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
  } finally {
    await postgres.end()
  }
})
