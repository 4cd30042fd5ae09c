import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../random.ts'
import type { SourceShape } from '../world/shape.ts'
import { commitGhost, GHOSTLY } from './ghost.ts'
import { Session } from './session.ts'
import { drawStep } from './steps.ts'

/** What writers did: `produced` counts commits that were sent, `acknowledged` those that were answered (a killed server answers nothing). */
export class WriterCounts {
  produced = 0
  acknowledged = 0
  ghosts = 0
  givenUp = 0
}

export interface WriterOptions {
  readonly url: string
  /** Names it in `journal`; unique per database. */
  readonly writer: number
  readonly shape: SourceShape
  readonly random: Random
  readonly counts: WriterCounts
}

const STEPS_AT_MOST = 4
const GHOSTS = 0.03
const ROLLBACKS = 0.06
/** Between two transactions of a writer. */
const REST_MS = 60

/**
 * Writes random transactions until the signal aborts; a lost connection is opened again. Each transaction that is committed leaves a numbered line
 * in `journal`: whoever follows the log must find each line once and in order.
 */
export async function runWriter(options: WriterOptions, signal: AbortSignal): Promise<void> {
  const { url, random, counts } = options
  let session: Session | null = null
  let n = 0
  while (!signal.aborted) {
    try {
      if (session?.open !== true) session = await Session.connect(url)
      n += 1
      await transaction(session, options, n)
    } catch {
      counts.givenUp += 1
      // A lock, a deadlock, a key that is taken, a server that was killed.
      const usable: boolean = await rollback(session)
      if (!usable) {
        session = null
        await pause(100, undefined, { signal }).catch(() => undefined)
      }
    }
    await pause(random.below(REST_MS), undefined, { signal }).catch(() => undefined)
  }
  await session?.end()
}

async function transaction(session: Session, { url, writer, shape, random, counts }: WriterOptions, n: number): Promise<void> {
  const isGhost = random.chance(GHOSTS)
  await session.change('begin')
  if (isGhost) await session.change(GHOSTLY)
  for (let i = random.between(1, STEPS_AT_MOST); i > 0; i--) await drawStep(random)({ session, random, shape })
  if (random.chance(ROLLBACKS)) {
    await session.change('rollback')
    return
  }
  await session.change('insert into journal values ($1, $2, $3)', [`${writer}-${n}`, writer, n])
  counts.produced += 1
  if (isGhost) {
    counts.ghosts += 1
    const ghost = commitGhost(session, url)
    await pause(random.between(5, 900))
    await ghost.release()
    if (!session.open) return
  } else await session.change('commit')
  counts.acknowledged += 1
}

async function rollback(session: Session | null): Promise<boolean> {
  if (session?.open !== true) return false
  return await session.change('rollback').then(
    () => true,
    () => false,
  )
}
