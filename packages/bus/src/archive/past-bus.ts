import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Bus, StreamInfo } from '@sheetflow/core/ports/bus'
import { ArchivedBus } from './archived-bus.ts'
import { listSegments } from './segment.ts'

/**
 * A bus for those who look back: `range` says what bus and archive have together, so whoever begins at its `first` reads everything that there still is, without a
 * gap.
 */
export function pastBus(bus: Bus, store: ArchiveStore): Bus {
  return new ArchivedBus(bus, store, async (stream) => withArchive(await bus.range(stream), store))
}

async function withArchive(info: StreamInfo, store: ArchiveStore): Promise<StreamInfo> {
  let { first } = info
  for (const segment of (await listSegments(store, info.stream)).toReversed()) {
    // What is missing in between cannot be read through.
    if (segment.last + 1 < first) break
    first = Math.min(first, segment.first)
  }
  return { ...info, first }
}
