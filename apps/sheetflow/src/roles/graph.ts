import { isDeepStrictEqual } from 'node:util'
import type { Graph } from '@sheetflow/engine/graph/graph'
import { runGraph } from '@sheetflow/engine/role/run-graph'
import { sizeBytes } from '../config/config.ts'
import { FiguresWriter } from '../ops/operator-figures.ts'
import { StateWatch } from '../ops/state-watch.ts'
import { systemClock } from '../ops/system-clock.ts'
import { openState } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'
import { compileDeployment } from '../deploy/compile-deployment.ts'
import { callValues } from '../functions/call-reports.ts'
import { openFunctions } from '../functions/load-functions.ts'
import { tickDays, type DayReader } from './day-ticks.ts'

const REPORT_MS = 250
/** Dead letters that a report names. */
const NAMED = 10

/** Runs the formulas of one graph, until the signal aborts. */
export async function runGraphRole(context: RoleContext, graph: string): Promise<void> {
  const { bus, log, signal, config } = context
  await using stateStore = await openState(context.places, graph)
  await using functions = await openFunctions(context)
  const totals = { graph_steps_total: 0, graph_rows_total: 0, graph_transactions_total: 0, graph_changes_total: 0, graph_lag_seconds: 0 }
  let running: Graph | null = null
  let figures: FiguresWriter | null = null
  const limit = sizeBytes(config.limits.stateBytes)
  const watch = new StateWatch(graph, limit, log)
  /** Of steps whose figures are not written yet. */
  let isNew = true
  let views = {}
  let calls = (): Readonly<Record<string, number>> => ({})
  const tell = (): void =>
    context.report({ ...totals, ...views, ...watch.values, ...(running === null ? {} : lettersOf(running)), ...calls() })
  const report = setInterval(() => {
    tell()
    if (isNew && figures?.writeIfDue() === true) isNew = false
  }, REPORT_MS)
  const ticking = new AbortController()
  const ticks = (live: Graph): Promise<void> =>
    tickDays({ bus, graph, reader: daysOf(live), clock: systemClock, log, signal: AbortSignal.any([signal, ticking.signal]) })
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
      stateBytes: limit,
      functions: { port: functions, clock: systemClock },
      onCalls: (reports) => {
        calls = () => callValues(reports())
      },
      pause: (ms, ending) => systemClock.sleep(ms, ending),
      onLive: (live) => {
        running = live
        figures = new FiguresWriter(context.places.figures(graph), live, (state) => watch.look(state))
        views = viewsOf(live)
        context.ready()
        tell()
        ticks(live).catch((error: unknown) => log.warn('graph/tick', { error: String(error) }))
      },
      onStep: ({ rows, transactions, changes, at }) => {
        isNew = true
        totals.graph_lag_seconds = Math.max(0, systemClock.now() - Date.parse(at)) / 1000
        totals.graph_steps_total += 1
        totals.graph_rows_total += rows
        totals.graph_transactions_total += transactions
        totals.graph_changes_total += changes
        const before = views
        if (running !== null) views = viewsOf(running)
        // Somebody waits for a new version to answer.
        if (!isDeepStrictEqual(views, before)) tell()
      },
    })
  } finally {
    ticking.abort()
    clearInterval(report)
  }
}

/** Which version answers, and which of its views are filled: names, separated by spaces. */
function viewsOf({ active, views }: Graph): Readonly<Record<string, string>> {
  if (active === null) return {}
  const live = active.published.map(({ view }) => view).filter((view) => views.isLive(view))
  return { graph_deployment: active.deployment.version, graph_live_views: live.join(' ') }
}

/** What could not be read: how much of it there was since the graph began, and what is open. */
function lettersOf({ letters }: Graph): Readonly<Record<string, string | number>> {
  const ids = letters.open.map(({ id }) => id)
  const open = ids.length > NAMED ? [...ids.slice(0, NAMED), '…'] : ids
  const named = ids.length === 0 ? {} : { dead_letters: open.join(' ') }
  return { dead_letters_total: letters.total, dead_letters_open: ids.length, ...named }
}

function daysOf(live: Graph): DayReader {
  return {
    zones: () => (live.active?.program.needs('day') === true ? Object.values(live.active.graph.timeZones) : []),
    minutes: () => live.active?.program.needs('minute') === true,
    now: () => live.now,
  }
}
