import { Session } from '../write/session.ts'
import { DOCUMENTS, LAST } from './documents.ts'
import { loadedAgain, readingBegan, resnapshot, runOf } from './scene.ts'
import type { Scene } from './scene.ts'

/** Documents that are read last. */
const FIRST = LAST - 20

/**
 * I1: the stream lags behind what a read sees. While the server's sender stands still, two transactions change documents that are still to be read; their rows then
 * show the second. Only who waits with them until the stream has told of both (the barrier) goes never back to the first.
 */
export const aheadOfTheStream: Scene = async (stage) => {
  const { database, watch, source } = stage
  const before = runOf(stage, DOCUMENTS).run
  await using session = await Session.connect(database.url)
  await resnapshot(stage, [DOCUMENTS])
  if (!(await readingBegan(stage, DOCUMENTS, before))) return
  const sending = 'select active_pid as pid from pg_replication_slots where slot_name = $1 and active'
  const [sender] = await session.rows<{ pid: number }>(sending, [`sheetflow_${source}`])
  if (sender === undefined) return
  process.kill(sender.pid, 'SIGSTOP')
  try {
    for (const word of ['first', 'second']) await session.change(`update documents set said = $1 where id >= ${FIRST}`, [word])
    await watch.until(() => runOf(stage, DOCUMENTS).loadedRun > before, stage.temptedMs)
  } finally {
    process.kill(sender.pid, 'SIGCONT')
  }
  // Versions of rows that go back are found by whoever reads the bus.
  await loadedAgain(stage, DOCUMENTS, before)
}
