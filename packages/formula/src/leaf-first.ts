/** So few are bound by asking one another; of more the chain might be longer than the stack is deep. */
const FEW = 50

/**
 * What has to be bound for these items, each behind all that it reads, so that nothing is asked for before it is there: a chain of a thousand columns needs no
 * stack of a thousand. Without those in a circle and what reads them, which are bound as they are asked for. Nothing if there are few.
 */
export function leafFirst<T>(items: Iterable<T>, readsOf: (item: T) => readonly T[]): T[] {
  const reads = new Map<T, ReadonlySet<T>>()
  const readers = new Map<T, T[]>()
  const found = [...items]
  for (let item = found.pop(); item !== undefined; item = found.pop()) {
    if (reads.has(item)) continue
    const own = new Set(readsOf(item))
    reads.set(item, own)
    for (const other of own) {
      found.push(other)
      const known = readers.get(other)
      if (known === undefined) readers.set(other, [item])
      else known.push(item)
    }
  }
  if (reads.size <= FEW) return []
  const missing = new Map([...reads].map(([item, own]) => [item, own.size]))
  const ready = [...reads.keys()].filter((item) => missing.get(item) === 0)
  // It grows while it is gone through.
  for (const item of ready) {
    for (const reader of readers.get(item) ?? []) {
      const left = (missing.get(reader) ?? 0) - 1
      missing.set(reader, left)
      if (left === 0) ready.push(reader)
    }
  }
  return ready
}
