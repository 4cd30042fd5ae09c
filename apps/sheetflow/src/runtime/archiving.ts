import { archiveStream } from '@sheetflow/bus/archive/archiver'
import { isSheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Bus } from '@sheetflow/core/ports/bus'
import { graphStream, sourceStream } from '@sheetflow/core/subject'
import { systemClock } from '../ops/system-clock.ts'
import type { Journal } from './journal.ts'
import type { Role, RolePlan } from './role.ts'

/** A stream that is not there yet, or an archive that cannot be written, is tried again after this time. */
const RETRY_MS = 5_000

interface Archiving {
  readonly bus: Bus
  readonly plan: RolePlan
  readonly journal: Journal
  /** Does this process run the role for all? It archives what that role writes. */
  readonly leads: (role: Role) => boolean
}

/** A stream and the role that writes it. */
interface Written {
  readonly stream: string
  readonly by: Role
}

/** Copies the streams of sources and graphs into the archive until the signal aborts. */
export async function keepArchive(store: ArchiveStore, archiving: Archiving, signal: AbortSignal): Promise<void> {
  const { config, graphs } = archiving.plan
  const streams: readonly Written[] = [
    ...Object.keys(config.sources).map((source): Written => ({ stream: sourceStream(source), by: { kind: 'capture', source } })),
    ...graphs.map(({ graph }): Written => ({ stream: graphStream(graph), by: { kind: 'graph', graph } })),
  ]
  await Promise.all(streams.map((written) => keepStream(store, written, archiving, signal)))
}

async function keepStream(
  store: ArchiveStore,
  { stream, by }: Written,
  { bus, journal, leads }: Archiving,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (!leads(by)) await systemClock.sleep(RETRY_MS, signal)
      else await archiveStream({ bus, store, stream, clock: systemClock }, signal)
    } catch (error) {
      if (!isSheetflowError(error)) throw error
      if (error.code !== 'bus/unknown-stream') journal.log('archive', 'warn', 'bus.archive', { stream, ...error.toJSON() })
      await systemClock.sleep(RETRY_MS, signal)
    }
  }
}
