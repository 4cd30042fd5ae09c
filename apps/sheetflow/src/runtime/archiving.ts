import { archiveStream } from '@sheetflow/bus/archive/archiver'
import { archiveStatus } from '@sheetflow/bus/archive/archive-status'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Bus } from '@sheetflow/core/ports/bus'
import { graphInbox, graphStream, sourceStream } from '@sheetflow/core/subject'
import type { Config } from '../config/config.ts'
import { systemClock } from '../ops/system-clock.ts'
import type { Journal } from './journal.ts'
import type { GraphPlan, Role, RolePlan, RoleReport } from './role.ts'

/** A stream that is not there yet, or an archive that cannot be written, is tried again after this time. */
const RETRY_MS = 5_000
const TELL_MS = 10_000

interface Archiving {
  readonly bus: Bus
  readonly plan: RolePlan
  readonly journal: Journal
  /** Does this process run the role for all? It archives what that role writes. */
  readonly leads: (role: Role) => boolean
  /** Hears how far the archive is, for metrics and status. */
  readonly tell: (report: RoleReport) => void
}

/** A stream and the role that writes it. */
interface Written {
  readonly stream: string
  readonly by: Role
}

/** What is archived: the streams of sources and graphs, and the inboxes of graphs, with which a graph can be rebuilt as of any moment. */
export function archivedStreams(config: Config, graphs: readonly GraphPlan[]): readonly Written[] {
  return [
    ...Object.keys(config.sources).map((source): Written => ({ stream: sourceStream(source), by: { kind: 'capture', source } })),
    ...graphs.flatMap(({ graph }) =>
      [graphStream(graph), graphInbox(graph)].map((stream): Written => ({ stream, by: { kind: 'graph', graph } })),
    ),
  ]
}

/** Copies the streams of sources and graphs into the archive until the signal aborts. */
export async function keepArchive(store: ArchiveStore, archiving: Archiving, signal: AbortSignal): Promise<void> {
  const streams = archivedStreams(archiving.plan.config, archiving.plan.graphs)
  const problems = new Map<string, string>()
  await Promise.all([
    ...streams.map((written) => keepStream(store, written, archiving, problems, signal)),
    tellStatus(store, streams, archiving, problems, signal),
  ])
}

async function keepStream(
  store: ArchiveStore,
  { stream, by }: Written,
  { bus, journal, leads, plan }: Archiving,
  problems: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { afterSeconds } = plan.config.archive ?? {}
  const linger = afterSeconds === undefined ? {} : { lingerMs: afterSeconds * 1_000 }
  const onSegment = (): void => void problems.delete(stream)
  while (!signal.aborted) {
    try {
      if (!leads(by)) await systemClock.sleep(RETRY_MS, signal)
      else await archiveStream({ bus, store, stream, clock: systemClock, onSegment, ...linger }, signal)
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      if (error.code !== 'bus/unknown-stream') {
        journal.log('archive', 'warn', 'bus.archive', { stream, ...error.toJSON() })
        problems.set(stream, error.message)
      }
      await systemClock.sleep(RETRY_MS, signal)
    }
  }
}

/** Says every ten seconds how far the archive is behind the streams that this process archives. */
async function tellStatus(
  store: ArchiveStore,
  streams: readonly Written[],
  { bus, leads, tell }: Archiving,
  problems: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const values: Record<string, number> = {}
    for (const { stream, by } of streams) if (leads(by)) Object.assign(values, await numbersOf(store, bus, stream))
    const [problem] = problems.values()
    tell(problem === undefined ? { state: 'ready', values } : { state: 'waiting', values, problem })
    await systemClock.sleep(TELL_MS, signal)
  }
}

/** Nothing of a stream that is not there, or cannot be asked for now. */
async function numbersOf(store: ArchiveStore, bus: Bus, stream: string): Promise<Record<string, number>> {
  try {
    const { segments, last, to } = await archiveStatus(store, stream)
    const behind = (await bus.range(stream)).last - last
    return {
      [`archive_segments{stream="${stream}"}`]: segments,
      [`archive_position{stream="${stream}"}`]: last,
      [`archive_lag_messages{stream="${stream}"}`]: behind,
      [`archive_lag_seconds{stream="${stream}"}`]: behind > 0 && to > 0 ? Math.max(0, (systemClock.now() - to) / 1_000) : 0,
    }
  } catch (error) {
    if (isSheetflowError(error)) return {}
    throw error
  }
}
