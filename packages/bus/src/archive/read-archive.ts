import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'
import type { ReadOptions, StoredMessage } from '@sheetflow/core/ports/bus'
import { subjectMatches } from '@sheetflow/core/subject'
import { messageBytes } from '../draft.ts'
import { getListedSegment, listSegments } from './segment.ts'

/** Messages of a batch at most (port `Bus`). */
const BATCH_MESSAGES = 1_000
const BATCH_BYTES = 4 * 1024 * 1024

/** A batch out of the archive; `next` is the offset behind it. Empty if nobody wants what stood there. */
export interface ArchivedBatch {
  readonly messages: readonly StoredMessage[]
  readonly next: number
}

/** What the archive has of a stream from `from` on without a gap, each offset once, in batches as the port `Bus` gives them. */
export async function* readArchive(
  store: ArchiveStore,
  stream: string,
  { from, subjects, signal }: Pick<ReadOptions, 'from' | 'subjects' | 'signal'>,
): AsyncGenerator<ArchivedBatch> {
  let next = from
  for (const name of await listSegments(store, stream)) {
    if (name.last < next) continue
    if (name.first > next) return
    const { messages } = await getListedSegment(store, name)
    for (const batch of batchesOf(messages.filter(({ offset }) => offset >= next))) {
      if (signal?.aborted === true) return
      const wanted = subjects === undefined ? batch : batch.filter(({ subject }) => subjects.some((one) => subjectMatches(one, subject)))
      next = (batch.at(-1)?.offset ?? next) + 1
      yield { messages: wanted, next }
    }
  }
}

function* batchesOf(messages: readonly StoredMessage[]): Generator<readonly StoredMessage[]> {
  let batch: StoredMessage[] = []
  let bytes = 0
  for (const message of messages) {
    if (batch.length === BATCH_MESSAGES || (batch.length > 0 && bytes + messageBytes(message) > BATCH_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += messageBytes(message)
  }
  if (batch.length > 0) yield batch
}
