import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../random.ts'
import { addedWhileWritten } from '../scenes/added-while-written.ts'
import { aheadOfTheStream } from '../scenes/ahead-of-the-stream.ts'
import { deliveredAcrossKill, deliveredNotVisible } from '../scenes/delivered-not-visible.ts'
import { lostAtSlotCreation } from '../scenes/lost-at-slot-creation.ts'
import { rewrittenWhileRead } from '../scenes/rewritten-while-read.ts'
import type { Scene, Stage } from '../scenes/scene.ts'
import { SOURCES } from '../world/shape.ts'
import type { SourceName } from '../world/shape.ts'
import { GRAPH } from './project.ts'
import type { SheetflowProcess } from './sheetflow-process.ts'
import type { BankDatabase } from '../write/database.ts'

/** What the conductor did. */
export class ConductorCounts {
  scenes = 0
  kills: Record<string, number> = {}
}

export interface ConductorOptions {
  readonly databases: Readonly<Record<SourceName, BankDatabase>>
  readonly sheetflow: SheetflowProcess
  readonly random: Random
  readonly counts: ConductorCounts
  stage(source: SourceName, number: number): Stage
}

/** Every minute the first four at least. They are played one after another: a scene needs to know who kills whom. */
const SCENES: readonly (readonly [name: string, scene: Scene])[] = [
  ['T8', rewrittenWhileRead],
  ['T9', addedWhileWritten],
  ['T5', deliveredAcrossKill],
  ['T1', lostAtSlotCreation],
  ['I1', aheadOfTheStream],
  ['T4', deliveredNotVisible],
]

/** Kills between two scenes. */
const KILLS = 2

/** Plays scenes and kills at random in between, until the signal aborts; what is under way is played to its end. */
export async function conduct(options: ConductorOptions, signal: AbortSignal): Promise<void> {
  const { random, counts } = options
  for (let number = 1; ; number++) {
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(random.between(800, 3_000), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      await killSomething(options)
    }
    await settled(options.sheetflow)
    if (signal.aborted) return
    const [, scene] = SCENES[(number - 1) % SCENES.length] as (typeof SCENES)[number]
    await scene(options.stage(random.pick(SOURCES), number))
    counts.scenes += 1
    await settled(options.sheetflow)
  }
}

/** A start that failed is tried again, as any service manager would. */
export async function settled(sheetflow: SheetflowProcess): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await sheetflow.ready()
      return
    } catch (error) {
      if (tries === 3) throw error
      await sheetflow.kill()
      sheetflow.start()
    }
  }
}

async function killSomething({ databases, sheetflow, random, counts }: ConductorOptions): Promise<void> {
  const drawn = random.next()
  const note = (what: string): void => void (counts.kills[what] = (counts.kills[what] ?? 0) + 1)
  if (drawn < 0.2) {
    note('sheetflow')
    await sheetflow.kill()
    await pause(random.below(500))
    sheetflow.start()
    return
  }
  if (drawn < 0.35) {
    note('postgres')
    await databases[random.pick(SOURCES)].crash()
    return
  }
  const role = random.pick([`graph:${GRAPH}`, 'store:main', 'serve', ...SOURCES.map((source) => `capture:${source}`)])
  note(role)
  sheetflow.killRole(role)
}
