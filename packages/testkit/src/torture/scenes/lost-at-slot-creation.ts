import { Session } from '../write/session.ts'
import { DOCUMENTS, isWhole, LAST, said } from './documents.ts'
import { confirmed, ghost, loadedAgain, mustTell, readingBegan, runOf, TOLD_MS, waitFor } from './scene.ts'
import type { Scene } from './scene.ts'

/**
 * T1: the slot is lost. While the new one is being created and waits for an older transaction, another commits as a ghost: its commit record lies before the
 * place from which the slot tells, and no snapshot sees it yet. Only who waits for it (the gate) has it in the first chunk.
 *
 * T7 on the way: while the tables are read, a document's key moves from what is still to be read to what has been, its wide column unsent. Only who reads the
 * key again (the repair list) has the row, also if it is killed right after (the confirm rule).
 */
export const lostAtSlotCreation: Scene = async (stage) => {
  const { database, ring, number, source } = stage
  await ring.endCapture(source)
  await dropSlot(stage)
  const word = `T1 ${number}`
  const before = runOf(stage, DOCUMENTS).run
  await using older = await Session.connect(database.url)
  await older.change('begin')
  await older.rows('select pg_current_xact_id()')
  ring.start()
  const creating = "select from pg_stat_activity where query like '%pg_create_logical_replication_slot%' and wait_event_type = 'Lock'"
  if (!(await waitFor(database, creating, TOLD_MS))) stage.findings.found('T1: a slot that is lost is made anew', source)
  const hidden = await ghost(stage, `update documents set said = '${word}' where id = ${LAST}`)
  await older.change('commit')
  await stage.watch.until(() => runOf(stage, DOCUMENTS).loadedRun > before, stage.temptedMs)
  await hidden.release()
  await moveWhileReading(stage, before)
  await loadedAgain(stage, DOCUMENTS, before)
  await mustTell(
    stage,
    'T1: nothing is lost at the creation of a slot',
    () => said(stage, LAST) === word,
    () => `document ${LAST} says ${String(said(stage, LAST))}, not ${word}`,
  )
}

/** Documents that are read last, and how far they go: before everything that is read. */
const MOVED = { first: LAST - 10, last: LAST - 1, by: 900 }
/** How often the move is followed by a kill. */
const KILLED = 0.7

/**
 * T7. Behind the move the table is locked, so that no chunk comes whose control message would keep the repair list: what is confirmed then and does not come
 * again after a kill is forgotten, which only the confirm rule forbids.
 */
async function moveWhileReading(stage: Parameters<Scene>[0], before: number): Promise<void> {
  const { database, ring, number, watch, source } = stage
  const word = `T7 ${number}`
  await using session = await Session.connect(database.url)
  await using holder = await Session.connect(database.url)
  if (!(await readingBegan(stage, DOCUMENTS, before))) return
  await lockBehind(session, holder)
  await session.change(`update documents set id = id - ${MOVED.by}, said = $1 where id between ${MOVED.first} and ${MOVED.last}`, [word])
  await session.change('commit')
  await confirmed(stage, stage.temptedMs)
  if (stage.random.chance(KILLED)) {
    await ring.killCapture(source)
  }
  await holder.change('rollback')
  await loadedAgain(stage, DOCUMENTS, before)
  for (let id = MOVED.first - MOVED.by; id <= MOVED.last - MOVED.by; id++) {
    await mustTell(
      stage,
      'T7: a key that moved is read again',
      () => said(stage, id) === word && isWhole(stage, id),
      () => `document ${id} says ${String(said(stage, id))}${isWhole(stage, id) ? '' : ' and has no body'}`,
    )
  }
  await session.change(`update documents set id = id + ${MOVED.by} where id between ${MOVED.first - MOVED.by} and ${MOVED.last - MOVED.by}`)
  await watch.until(() => said(stage, MOVED.last) !== undefined, TOLD_MS)
}

/** `first` holds the lock of the table; `second` gets it as soon as the transaction of the first ends, before anybody who comes later. */
async function lockBehind(first: Session, second: Session): Promise<void> {
  const lock = 'lock table documents in access exclusive mode'
  for (const session of [first, second]) {
    await session.change('begin')
    await session.change(`set local lock_timeout = ${TOLD_MS}`)
  }
  const locked = first.change(lock)
  const held = second.change(lock).then(() => 'held')
  held.catch(() => undefined)
  if ((await Promise.race([locked, held])) === 'held') await second.change('rollback')
  await locked
}

async function dropSlot({ database, source }: Parameters<Scene>[0]): Promise<void> {
  const slot = `sheetflow_${source}`
  await waitFor(database, `select where not exists (select from pg_replication_slots where slot_name = '${slot}' and active)`, TOLD_MS)
  await using session = await Session.connect(database.url)
  await session.rows('select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1', [slot])
}
