import type { LeaseEntry, LeaseRecord, LeaseTable } from '../lease-table.ts'

/** The table of leases as a map. */
export class MemoryLeaseTable implements LeaseTable {
  readonly #entries = new Map<string, LeaseEntry>()
  readonly #watchers = new Set<readonly [string, () => void]>()

  read(name: string): Promise<LeaseEntry | null> {
    return Promise.resolve(this.#entries.get(name) ?? null)
  }

  replace(record: LeaseRecord, revision: number): Promise<number | null> {
    if ((this.#entries.get(record.name)?.revision ?? 0) !== revision) return Promise.resolve(null)
    this.#entries.set(record.name, { record, revision: revision + 1 })
    for (const [name, changed] of this.#watchers) if (name === record.name) changed()
    return Promise.resolve(revision + 1)
  }

  list(): Promise<readonly LeaseRecord[]> {
    return Promise.resolve([...this.#entries.values()].map(({ record }) => record))
  }

  watch(name: string, changed: () => void): () => void {
    const watcher = [name, changed] as const
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}
