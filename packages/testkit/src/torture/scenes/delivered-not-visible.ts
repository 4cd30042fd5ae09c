import { DOCUMENTS, LAST, said } from './documents.ts'
import { confirmed, ghost, loadedAgain, mustTell, readingBegan, resnapshot, runOf, TOLD_MS } from './scene.ts'
import type { Scene, Stage } from './scene.ts'

/**
 * T4: while the table is being read again, a ghost changes the row that is read last: the stream has told the new row when a snapshot still shows the old
 * one. Only who rolls a chunk by what was delivered *before* it was read keeps the new row.
 */
export const deliveredNotVisible: Scene = (stage) => play(stage, 'T4', false)

/** T5: the same across a kill -9: what was delivered and confirmed does not come again, and the row is still invisible after the restart. */
export const deliveredAcrossKill: Scene = (stage) => play(stage, 'T5', true)

async function play(stage: Stage, name: string, kills: boolean): Promise<void> {
  const { ring, watch, number, source } = stage
  const before = runOf(stage, DOCUMENTS).run
  const word = `${name} ${number}`
  await resnapshot(stage, [DOCUMENTS])
  if (!(await readingBegan(stage, DOCUMENTS, before))) {
    stage.findings.found(`${name}: a table is read again`, `${source}: no chunk of a run after ${before}`)
    return
  }
  const hidden = await ghost(stage, `update documents set said = '${word}' where id = ${LAST}`)
  await watch.until(() => said(stage, LAST) === word, TOLD_MS)
  if (kills) {
    // Only what is confirmed before the kill does not come again: which the rule does not let happen.
    await confirmed(stage, stage.temptedMs)
    await ring.killCapture(source)
  }
  await watch.until(() => runOf(stage, DOCUMENTS).loadedRun > before, stage.temptedMs)
  await hidden.release()
  await loadedAgain(stage, DOCUMENTS, before)
  await mustTell(
    stage,
    `${name}: what was delivered before a read is in it`,
    () => said(stage, LAST) === word,
    () => `document ${LAST} says ${String(said(stage, LAST))}, not ${word}`,
  )
}
