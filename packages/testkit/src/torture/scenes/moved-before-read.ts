import { Session } from '../write/session.ts'
import { LAST, said } from './documents.ts'
import { confirmed, loadedAgain, readingBegan, TOLD_MS, waitFor } from './scene.ts'
import type { Scene, Stage } from './scene.ts'

/** Rows of the table, read in some fifty chunks: the last of them, which moves in front of the first, is far from being read when the first are. */
const ROWS = 1_000
/** Letters of a row: it is stored beside its table, so that a change of its key does not bring it. */
const LETTERS = 3_200

/**
 * T7 across a kill -9: while a table is read for the first time, its last row gets a key that has been read already. The log tells of it without its wide column, so it is to be read once more. Who is
 * killed before he has written that down must hear of it again, so nothing is confirmed beyond what the last control message knows. The table is locked from the change to the kill: no chunk is read
 * meanwhile, and none writes it down.
 */
export const movedBeforeRead: Scene = async (stage) => {
  const { database, watch, findings, ring, source, number } = stage
  const name = `moved_${number}`
  const table = `public.${name}`
  await using session = await Session.connect(database.url)
  await madeAnew(session, name)
  if (!(await readingBegan(stage, table, 0))) return
  await using keeper = await Session.connect(database.url)
  if (!(await moved(stage, session, keeper, name))) return
  const word = `T7 ${number}`
  await session.change('update documents set said = $1 where id = $2', [word, LAST])
  await watch.until(() => said(stage, LAST) === word, TOLD_MS)
  await confirmed(stage, stage.temptedMs)
  await ring.killCapture(source)
  await keeper.change('commit')
  if (!(await loadedAgain(stage, table, 0))) return
  const replica = watch.replica.table(table)
  const body = replica.cell(replica.rows.get('0'), 'body')
  if (typeof body !== 'string' || body.length !== LETTERS)
    findings.found(
      'T7: a row that moves before it is read is whole',
      `${source}: row 0 of ${name} has ${JSON.stringify(body)?.slice(0, 40)}`,
    )
}

async function madeAnew(session: Session, name: string): Promise<void> {
  const former = "select tablename as name from pg_tables where schemaname = 'public' and tablename like 'moved%'"
  for (const table of await session.rows<{ name: string }>(former)) await session.change(`drop table ${table.name}`)
  await session.change(`create table ${name} (id int primary key, body text);
    alter table ${name} alter body set storage external;
    insert into ${name} select id, repeat('x', ${LETTERS}) from generate_series(1, ${ROWS}) id`)
}

/** Moves the last row, and hands the table's lock over to the keeper. False: it was too late, the row has been read. */
async function moved({ database, watch }: Stage, session: Session, keeper: Session, name: string): Promise<boolean> {
  const lock = `lock table ${name} in access exclusive mode`
  for (;;) {
    // On a busy machine one of them may wait longer than writers do.
    for (const each of [session, keeper]) await each.change('begin; set local lock_timeout = 0')
    const locked = session.change(lock)
    await waitFor(database, `select from pg_locks where relation = '${name}'::regclass and pid = ${session.pid}`, TOLD_MS)
    const kept = keeper.change(lock)
    await locked
    await waitFor(database, `select from pg_stat_activity where pid = ${keeper.pid} and wait_event_type = 'Lock'`, TOLD_MS)
    // Who reads chunks may have come before the keeper: then it would read one now.
    const isNext = (await session.rows(`select where pg_blocking_pids(${keeper.pid}) = array[${session.pid}]`)).length === 1
    const isRead = watch.replica.table(`public.${name}`).rows.has(String(ROWS))
    const moves = isNext && !isRead
    if (moves) await session.change(`update ${name} set id = 0 where id = ${ROWS}`)
    await session.change(moves ? 'commit' : 'rollback')
    await kept
    if (moves) return true
    await keeper.change('rollback')
    if (isRead) return false
  }
}
