import type { Feed } from '../follow/feed.ts'

/** How the live lists of a page stand to each other. */
export interface Standing {
  /** All lists of each graph are as of one offset: they may be shown together. */
  readonly together: boolean
  /** Together, and all of them follow. */
  readonly settled: boolean
  /** Graph → where its lists stand (the greatest offset, where they are not together). */
  readonly stands: ReadonlyMap<string, Stand>
}

/** A moment of a graph. Offsets of different epochs are not ordered. */
export interface Stand {
  readonly epoch: string
  readonly offset: number
}

/** The rule of FORMATS 8: a page paints only when all its live lists of a graph stand at the same offset. */
export function standingOf(feeds: Iterable<Feed>): Standing {
  const stands = new Map<string, Stand>()
  let together = true
  let following = true
  for (const { clock, stand, state } of feeds) {
    if (state === 'refused') continue
    if (state !== 'live') following = false
    if (state === 'lost') together = false
    const known = stands.get(clock.graph)
    if (known !== undefined && (known.offset !== stand || known.epoch !== clock.epoch)) together = false
    if (known === undefined || known.offset < stand) stands.set(clock.graph, { epoch: clock.epoch, offset: stand })
  }
  return { together, settled: together && following && stands.size > 0, stands }
}

/** Would a page that stood at `before` go back in time? A server may know less than another one, or than its own gateway, for a moment. */
export function goesBack(before: Standing['stands'], now: Standing['stands']): boolean {
  return [...now].some(([graph, stand]) => wentBack(before.get(graph), stand))
}

/** Is `now` an earlier moment of the same history? */
export function wentBack(before: Stand | undefined, now: Stand): boolean {
  return before !== undefined && before.epoch === now.epoch && before.offset > now.offset
}

/** Where a page stands that stood at `before` and shows lists of `now`: those that would go back are shown as they were. */
export function standsBehind(before: Standing['stands'], now: Standing['stands']): Standing['stands'] {
  return new Map([...now].map(([graph, stand]) => [graph, wentBack(before.get(graph), stand) ? (before.get(graph) ?? stand) : stand]))
}
