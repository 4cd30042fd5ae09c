import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../random.ts'
import { Session } from './session.ts'

const EVERY_MS = 12_000

/**
 * Now and then the tables change while everything runs: a column comes (with a default, so the rows that are there change without a word in the log), is
 * renamed, gets another type (the table is rewritten), goes. No sheet reads these columns.
 */
export async function runSchemaChanges(url: string, random: Random, signal: AbortSignal): Promise<void> {
  for (let n = 1; !signal.aborted; n++) {
    await pause(EVERY_MS * (0.5 + random.next()), undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    await changeOnce(url, random, n).catch(() => undefined)
  }
}

async function changeOnce(url: string, random: Random, n: number): Promise<void> {
  await using session = await Session.connect(url)
  const table = random.pick(['accounts', 'vaults'])
  const [known] = await session.rows<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attname like 'passing%' limit 1`,
    [table],
  )
  if (known === undefined) {
    const kind = random.pick([`int default ${n}`, 'text', `text default 'there from the start'`, 'bigint not null default 0'])
    await session.change(`alter table ${table} add column passing_${n} ${kind}`)
    return
  }
  const sql = random.pick([
    `alter table ${table} drop column ${known.name}`,
    `alter table ${table} rename column ${known.name} to passing_${n}`,
    `alter table ${table} alter column ${known.name} type text using ${known.name}::text || ''`,
  ])
  await session.change(sql)
}
