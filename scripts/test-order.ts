import { join } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { ROOT } from './command.ts'

/**
 * Files that take longest, in the order in which they are started. A long one that is started last runs while all other cores have nothing to do, and on a fresh
 * clone vitest knows no times: it starts the largest files first, and the longest runs are not the longest texts.
 */
export const LONGEST: readonly string[] = [
  // unit
  'apps/sheetflow/test/oracle/oracle.property.test.ts',
  'packages/engine/src/graph/law-2-rows.property.test.ts',
  'apps/sheetflow/test/laws/law-12-bound.test.ts',
  'scripts/faults/faults.test.ts',
  'packages/serve/src/live/law-10.property.test.ts',
  'packages/formula/src/compile/budget.test.ts',
  'packages/formula/src/fuzz.property.test.ts',
  'packages/engine/src/graph/law-2-recursive.property.test.ts',
  'packages/engine/src/graph/law-2-ordered.property.test.ts',
  'bench/src/engine/engine.test.ts',
  'packages/engine/src/graph/law-2-equality.property.test.ts',
  'packages/engine/src/graph/edited-book.property.test.ts',
  'packages/workbook/src/fuzz.property.test.ts',
  'packages/engine/src/graph/checkpoint.property.test.ts',
  'apps/sheetflow/src/cli/memory.test.ts',
  'apps/sheetflow/test/laws/law-6-atomic.test.ts',
  'packages/store/src/sql/sqlite/law-14.property.test.ts',
  'apps/sheetflow/test/slip-stream.test.ts',
  'apps/sheetflow/test/laws/law-1-ring.test.ts',
  'apps/sheetflow/test/laws/law-9-sharing.test.ts',
  'scripts/launch.test.ts',
  'apps/sheetflow/test/laws/law-7-order.test.ts',
  'packages/client/src/page/law-10.property.test.ts',
  'apps/sheetflow/test/oracle/guarded-worker.test.ts',
  // live
  'packages/source/src/postgres/snapshot/snapshot.adversary.live.test.ts',
  'apps/sheetflow/test/first-project.live.test.ts',
  'packages/source/src/capture/history.live.test.ts',
  'apps/sheetflow/test/deploy.live.test.ts',
  'apps/sheetflow/test/erase.live.test.ts',
  'apps/sheetflow/test/nats-ring.live.test.ts',
  'packages/source/src/capture/recovery.live.test.ts',
  'packages/source/src/postgres/follow.live.test.ts',
  'packages/source/src/postgres/target/target.live.test.ts',
  'packages/store/src/sql/postgres/law-14.live.test.ts',
  'apps/sheetflow/test/store-in-postgres.live.test.ts',
  'packages/store/src/sql/postgres/view-store.live.test.ts',
  'packages/source/src/postgres/names.live.test.ts',
  'packages/bus/src/nats/presence.live.test.ts',
  // fault
  'apps/sheetflow/test/rolling-restart.fault.test.ts',
  'apps/sheetflow/test/faults/message-poisoned.fault.test.ts',
  'apps/sheetflow/test/takeover.fault.test.ts',
  'apps/sheetflow/test/paused-leader.fault.test.ts',
  'apps/sheetflow/test/power-loss/bus-loses-power.fault.test.ts',
  'packages/bus/src/nats/nats-bus.fault.test.ts',
]

/** Starts the longest files first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const places = new Map(LONGEST.map((path, place) => [join(ROOT, path), place]))
    const placeOf = (file: TestSpecification): number => places.get(file.moduleId) ?? LONGEST.length
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}
