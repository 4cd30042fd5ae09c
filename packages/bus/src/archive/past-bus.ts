import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { Bus, StreamInfo } from '@sheetflow/core/ports/bus'
import { ArchivedBus } from './archived-bus.ts'
import { listSegments } from './segment.ts'

/**
 * A bus for those who look back: `range` says what bus and archive have together, so whoever begins at its `first` reads everything that there still is, without a
 * gap. Roles use `ArchivedBus`: what they ask `range` for is what the bus itself retains.
 */
export class PastBus extends ArchivedBus {
  readonly #store: ArchiveStore

  constructor(bus: Bus, store: ArchiveStore) {
    super(bus, store)
    this.#store = store
  }

  override async range(stream: string): Promise<StreamInfo> {
    const info = await super.range(stream)
    let { first } = info
    for (const segment of (await listSegments(this.#store, stream)).toReversed()) {
      // What is missing in between cannot be read through.
      if (segment.last + 1 < first) break
      first = Math.min(first, segment.first)
    }
    return { ...info, first }
  }
}
