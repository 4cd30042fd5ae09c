import { systemClock } from '../ops/system-clock.ts'
import type { ReadableViewStore } from '@sheetflow/core/ports/view-store'
import { graphStream } from '@sheetflow/core/subject'
import type { RoleContext } from '../runtime/role.ts'

const POLL_MS = 20
/** Longer than this a start does not wait for views: a big table takes its time, and what is not filled says so (`loading`). */
const PATIENCE_MS = 3_000

/** What is asked about each graph. */
export interface FirstViewsOptions {
  readonly context: RoleContext
  readonly stores: Readonly<Record<string, Pick<ReadableViewStore, 'views'>>>
  /** Up to which offset of a graph's stream the gateway is. */
  positionOf(graph: string): number
}

/**
 * Resolves when all views that the graphs publish can be asked for, so that who is told "ready" finds a page; at the latest after a few seconds,
 * or at once when the workbooks' files do not bind and nothing can come.
 */
export async function waitForFirstViews({ context, stores, positionOf }: FirstViewsOptions): Promise<void> {
  const deadline = systemClock.now() + PATIENCE_MS
  while (!context.signal.aborted && context.diagnostics() === null && systemClock.now() < deadline) {
    if (await areFilled(context, stores, positionOf)) return
    await systemClock.sleep(POLL_MS, context.signal)
  }
}

async function areFilled(
  context: RoleContext,
  stores: FirstViewsOptions['stores'],
  positionOf: FirstViewsOptions['positionOf'],
): Promise<boolean> {
  const all = (await Promise.all(Object.values(stores).map(async (store) => await store.views()))).flat()
  return context.graphs.every(({ graph, workbooks }) => {
    // One that has come from another graph is not this one's until it has been filled.
    const own = all.filter(({ stream }) => stream === graphStream(graph))
    const stored = new Map(own.map(({ view, position }) => [view, position.offset]))
    const report = context.reports()[`graph:${graph}`]
    const isElsewhere = report === undefined || report.state === 'standby'
    const live = isElsewhere ? [...stored.keys()].filter((view) => isOf(view, workbooks)) : namesOf(report.values['graph_live_views'])
    return live.length > 0 && live.every((view) => (stored.get(view) ?? Infinity) <= positionOf(graph))
  })
}

/** Which views a graph of another process publishes, only the stores know. */
function isOf(view: string, workbooks: readonly string[]): boolean {
  return workbooks.includes(view.split('.')[0] ?? '')
}

function namesOf(text: number | string | undefined): readonly string[] {
  return typeof text !== 'string' || text === '' ? [] : text.split(' ')
}
