import { fold } from '@sheetflow/core/fold'
import type { Value } from '@sheetflow/core/value'
import { lookupKey, type MatchKey } from '../../criteria.ts'
import { hasWildcard, wildcardTest } from '../../wildcard.ts'
import { compareAlike, rankOf, type Rank } from './order.ts'

/** Excel's match modes: the value itself, or if it is not there the next smaller (−1) or larger (1); 2: text with `*` and `?`. */
export type MatchMode = 0 | -1 | 1 | 2
/** From the first cell (1), from the last (−1), or halving a line that is sorted up (2) or down (−2). */
export type SearchMode = 1 | -1 | 2 | -2

export function isMatchMode(mode: number): mode is MatchMode {
  return mode === 0 || mode === -1 || mode === 1 || mode === 2
}

export function isSearchMode(mode: number): mode is SearchMode {
  return mode === 1 || mode === -1 || mode === 2 || mode === -2
}

/** Places of one key. */
interface Places {
  readonly first: number
  last: number
}

/**
 * A row or column that is searched, perhaps again and again: what it takes to be quick is made when it is first needed. A value is found among values of its own
 * kind only: "1" is not 1. Letter case does not count. Blank and errors are never found (criteria.ts: in lookups Blank meets nothing). Places are counted from
 * 0, −1 is nowhere.
 */
export class Line {
  readonly #cells: readonly Value[]
  #keys: ReadonlyMap<MatchKey, Places> | null = null
  readonly #alike = new Map<Rank, readonly number[]>()
  readonly #sorted = new Map<Rank, readonly number[]>()

  constructor(cells: readonly Value[]) {
    this.#cells = cells
  }

  /** As XMATCH. */
  find(wanted: Value, mode: MatchMode, search: SearchMode): number {
    if (search === 2 || search === -2) return this.#halve(wanted, mode, search)
    if (mode === 2 && typeof wanted === 'string' && hasWildcard(wanted)) return this.#findPattern(wanted, search)
    const exact = this.#findKey(wanted, search)
    return exact >= 0 || (mode !== 1 && mode !== -1) ? exact : this.#next(wanted, mode, search)
  }

  /** As MATCH of type 0 and VLOOKUP: the first that is equal; texts with wildcards. */
  findExact(wanted: Value): number {
    return this.find(wanted, 2, 1)
  }

  /** As MATCH of type 1, LOOKUP and VLOOKUP in a line that is sorted up: the last that is not greater. */
  findLast(wanted: Value): number {
    const places = this.#alikePlaces(wanted)
    return places[firstThat(places, (place) => this.#compare(place, wanted) > 0) - 1] ?? -1
  }

  /** As MATCH of type −1 in a line that is sorted down: the value itself, else the last before the first that is smaller. */
  findDown(wanted: Value): number {
    let last = -1
    for (const place of this.#alikePlaces(wanted)) {
      const order = this.#compare(place, wanted)
      if (order < 0) return last
      last = place
      if (order === 0) return last
    }
    return last
  }

  #compare(place: number, wanted: Value): number {
    return compareAlike(this.#cells[place] ?? null, wanted)
  }

  #findKey(wanted: Value, search: 1 | -1): number {
    const key = lookupKey(wanted)
    if (key === null) return -1
    this.#keys ??= placesByKey(this.#cells)
    const places = this.#keys.get(key)
    return places === undefined ? -1 : search === 1 ? places.first : places.last
  }

  #findPattern(pattern: string, search: 1 | -1): number {
    const matches = wildcardTest(fold(pattern))
    const meets = (cell: Value): boolean => typeof cell === 'string' && matches(fold(cell))
    return search === 1 ? this.#cells.findIndex(meets) : this.#cells.findLastIndex(meets)
  }

  /** The nearest on one side, of a value that is not there. */
  #next(wanted: Value, mode: 1 | -1, search: 1 | -1): number {
    const order = this.#sortedPlaces(wanted)
    const at = firstThat(order, (place) => this.#compare(place, wanted) > 0)
    const nearest = order[mode === 1 ? at : at - 1]
    return nearest === undefined ? -1 : this.#findKey(this.#cells[nearest] ?? null, search)
  }

  /** In a line that is sorted; of several that are equal the first. */
  #halve(wanted: Value, mode: MatchMode, search: 2 | -2): number {
    const places = this.#alikePlaces(wanted)
    const direction = Math.sign(search)
    const at = firstThat(places, (place) => this.#compare(place, wanted) * direction >= 0)
    const place = places[at]
    if (place !== undefined && this.#compare(place, wanted) === 0) return place
    if (mode !== 1 && mode !== -1) return -1
    return places[mode === direction ? at : at - 1] ?? -1
  }

  /** The places of cells of the same kind. */
  #alikePlaces(wanted: Value): readonly number[] {
    const rank = rankOf(wanted)
    const known = this.#alike.get(rank)
    if (known !== undefined) return known
    const never = rank === 'blank' || rank === 'error'
    const places = never ? [] : Array.from(this.#cells.keys()).filter((place) => rankOf(this.#cells[place] ?? null) === rank)
    this.#alike.set(rank, places)
    return places
  }

  #sortedPlaces(wanted: Value): readonly number[] {
    const rank = rankOf(wanted)
    const known = this.#sorted.get(rank)
    if (known !== undefined) return known
    const places = this.#alikePlaces(wanted).toSorted((a, b) => this.#compare(a, this.#cells[b] ?? null))
    this.#sorted.set(rank, places)
    return places
  }
}

function placesByKey(cells: readonly Value[]): ReadonlyMap<MatchKey, Places> {
  const keys = new Map<MatchKey, Places>()
  for (const [place, cell] of cells.entries()) {
    const key = lookupKey(cell)
    if (key === null) continue
    const known = keys.get(key)
    if (known === undefined) keys.set(key, { first: place, last: place })
    else known.last = place
  }
  return keys
}

/** How many at the beginning do not hold, by halving. */
function firstThat(items: readonly number[], holds: (item: number) => boolean): number {
  let from = 0
  let to = items.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (holds(items[middle] ?? 0)) to = middle
    else from = middle + 1
  }
  return from
}
