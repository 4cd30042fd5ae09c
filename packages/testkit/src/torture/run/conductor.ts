import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../random.ts'
import { addedWhileWritten } from '../scenes/added-while-written.ts'
import { aheadOfTheStream } from '../scenes/ahead-of-the-stream.ts'
import { deliveredAcrossKill, deliveredNotVisible } from '../scenes/delivered-not-visible.ts'
import { movedBeforeRead } from '../scenes/moved-before-read.ts'
import { lostAtSlotCreation } from '../scenes/lost-at-slot-creation.ts'
import { rewrittenWhileRead } from '../scenes/rewritten-while-read.ts'
import type { Scene, Stage } from '../scenes/scene.ts'
import { SOURCES } from '../world/shape.ts'
import type { SourceName } from '../world/shape.ts'
import { drawKill } from './ring.ts'
import type { Ring } from './ring.ts'

/** What the conductor did. */
export class ConductorCounts {
  /** By name. */
  readonly scenes: Record<string, number> = {}
  /** By what was broken. */
  readonly kills: Record<string, number> = {}
}

export interface ConductorOptions {
  readonly ring: Ring
  readonly random: Random
  readonly counts: ConductorCounts
  stage(source: SourceName, number: number): Stage
}

/** Every minute the first five at least. They are played one after another: a scene needs to know who kills whom. */
const SCENES: readonly (readonly [name: string, scene: Scene])[] = [
  ['T8', rewrittenWhileRead],
  ['T9', addedWhileWritten],
  ['T5', deliveredAcrossKill],
  ['T7', movedBeforeRead],
  ['T1', lostAtSlotCreation],
  ['I1', aheadOfTheStream],
  ['T4', deliveredNotVisible],
]

/** Kills between two scenes. */
const KILLS = 2

/** Plays scenes and kills at random in between, until the signal aborts; what is under way is played to its end. */
export async function conduct({ ring, random, counts, stage }: ConductorOptions, signal: AbortSignal): Promise<void> {
  for (let number = 1; ; number++) {
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(random.between(800, 3_000), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const broken = await drawKill(ring.kills, random).play(random)
      if (broken !== null) count(counts.kills, broken)
    }
    await ring.settled()
    if (signal.aborted) return
    const [name, scene] = SCENES[(number - 1) % SCENES.length] as (typeof SCENES)[number]
    await scene(stage(random.pick(SOURCES), number))
    count(counts.scenes, name)
    await ring.settled()
  }
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1
}
