import type { Checkpoint, CheckpointDelta, CheckpointHead, Page, StateStore } from '@sheetflow/core/ports/state-store'

/** A checkpoint in memory, for tests of layers that may not import drivers. */
export function memoryStateStore(): StateStore {
  return new MemoryStateStore()
}

class MemoryStateStore implements StateStore {
  #head: CheckpointHead | null = null
  #pages = new Map<string, Uint8Array>()

  load(): Promise<Checkpoint | null> {
    const head = this.#head
    // `save` replaces the map, so a checkpoint that is being read stays whole.
    const pages = this.#pages
    return Promise.resolve(head === null ? null : { head, pages: () => pagesOf(pages) })
  }

  save({ head, full, pages, dropped }: CheckpointDelta): Promise<void> {
    const next = new Map(full ? [] : this.#pages)
    for (const id of dropped) next.delete(id)
    for (const page of pages) next.set(page.id, page.bytes.slice())
    this.#pages = next
    this.#head = head
    return Promise.resolve()
  }

  drop(): Promise<void> {
    this.#head = null
    this.#pages = new Map()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

// oxlint-disable-next-line typescript/require-await -- an asynchronous port over a map
async function* pagesOf(pages: ReadonlyMap<string, Uint8Array>): AsyncIterable<Page> {
  for (const [id, bytes] of pages) yield { id, bytes }
}
