import { ARCHIVED } from '../world/create-sql.ts'
import { Session } from '../write/session.ts'
import { loadedAgain, readingBegan, resnapshot, runOf, TOLD_MS } from './scene.ts'
import type { Scene } from './scene.ts'

const ARCHIVE = 'public.archive'

/**
 * T8: a table is rewritten between a read's snapshot and its rows: COPY then finds nothing, and the stream tells of no row. Only who locks the table before the
 * snapshot reads its rows. Nobody writes this table, so whenever it is loaded it must be whole.
 */
export const rewrittenWhileRead: Scene = async (stage) => {
  const { database, watch, findings, source } = stage
  const before = runOf(stage, ARCHIVE).run
  await resnapshot(stage, [ARCHIVE])
  if (!(await readingBegan(stage, ARCHIVE, before))) return
  await using session = await Session.connect(database.url)
  await session.change('alter table archive alter n type int using n + 0')
  for (let seen = before; await watch.until(() => runOf(stage, ARCHIVE).loadedRun > seen, seen === before ? TOLD_MS : stage.temptedMs);) {
    seen = runOf(stage, ARCHIVE).loadedRun
    const rows = watch.replica.table(ARCHIVE).rows.size
    if (rows !== ARCHIVED) findings.found('T8: a table that is rewritten is read whole', `${source}: ${rows} rows instead of ${ARCHIVED}`)
  }
  await loadedAgain(stage, ARCHIVE, before)
}
