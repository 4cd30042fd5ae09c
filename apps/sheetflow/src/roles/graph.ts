import type { Graph } from '@sheetflow/engine/graph/graph'
import { runGraph } from '@sheetflow/engine/role/run-graph'
import { systemClock } from '../ops/system-clock.ts'
import { openState } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'
import { compileDeployment } from '../deploy/compile-deployment.ts'
import { tickDays, type DayReader } from './day-ticks.ts'

const REPORT_MS = 1000

/** Runs the formulas of one graph, until the signal aborts. */
export async function runGraphRole(context: RoleContext, graph: string): Promise<void> {
  const { bus, log, signal, config } = context
  await using stateStore = await openState(context.places, graph)
  const totals = { graph_steps_total: 0, graph_rows_total: 0, graph_transactions_total: 0, graph_changes_total: 0 }
  const report = setInterval(() => context.report(totals), REPORT_MS)
  const ticking = new AbortController()
  const ticks = (live: Graph): Promise<void> =>
    tickDays({ bus, graph, reader: daysOf(live), clock: systemClock, signal: AbortSignal.any([signal, ticking.signal]) })
  try {
    await runGraph({
      bus,
      graph,
      stateStore,
      signal,
      log,
      sources: Object.keys(config.sources),
      compile: compileDeployment,
      startedAt: Math.floor(systemClock.now() / 1000),
      stepRows: config.limits.stepRows,
      onLive: (live) => {
        context.ready()
        ticks(live).catch((error: unknown) => log.warn('graph/tick', { error: String(error) }))
      },
      onStep: ({ rows, transactions, changes }) => {
        totals.graph_steps_total += 1
        totals.graph_rows_total += rows
        totals.graph_transactions_total += transactions
        totals.graph_changes_total += changes
      },
    })
  } finally {
    ticking.abort()
    clearInterval(report)
  }
}

function daysOf(live: Graph): DayReader {
  return {
    zones: () => (live.active?.program.needsDays === true ? Object.values(live.active.graph.timeZones) : []),
    now: () => live.now,
  }
}
