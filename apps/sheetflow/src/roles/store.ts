import { runStore } from '@sheetflow/store/role/run-store'
import { systemClock } from '../ops/system-clock.ts'
import { storeDriver } from '../registry.ts'
import type { RoleContext } from '../runtime/role.ts'

const REPORT_MS = 1000

/** Keeps the views of all graphs in one store. */
export async function runStoreRole(context: RoleContext, name: string): Promise<void> {
  const { bus, log, signal } = context
  await using store = await (await storeDriver(context, name)).open()
  const positions: Record<string, number> = {}
  const refused = new Map<string, readonly string[]>()
  const report = setInterval(() => context.report({ ...positions, ...refusedOf([...refused.values()].flat()) }), REPORT_MS)
  context.ready()
  try {
    await runStore({
      bus,
      store,
      name,
      log,
      signal,
      graphs: context.graphs.map(({ graph }) => graph),
      clock: systemClock,
      onApplied: (stream, position) => {
        positions[`store_position{stream="${stream}"}`] = position.offset
      },
      onRefused: (graph, views) => refused.set(graph, views),
    })
  } finally {
    clearInterval(report)
  }
}

function refusedOf(views: readonly string[]): Readonly<Record<string, string | number>> {
  return { store_refused_views: views.length, ...(views.length === 0 ? {} : { store_refused: views.join(' ') }) }
}
