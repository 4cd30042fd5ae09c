/** Cells that are not known yet, as the search for circles sees them. */
export interface OpenCells {
  isSettled(cell: number): boolean
  /** Computes the cell: null, and it is settled; or the cells that it has to wait for first, of which it may be one itself. */
  attempt(cell: number): readonly number[] | null
  /** The cell waits for itself, through whichever others: it is settled as that. */
  refuse(cell: number): void
}

/** A cell that waits. */
interface Visit {
  readonly cell: number
  /** When it was first seen. */
  readonly at: number
  /** The earliest cell seen that it waits for, through whichever others. */
  low: number
  /** What it waits for; null: it is to be tried. */
  waits: readonly number[] | null
  next: number
}

/**
 * Settles all cells. A cell is tried again when everything that it waited for is settled; cells that wait for each other in a circle are refused
 * together. What a cell waits for does not follow from the order in which cells are tried, so neither does what is refused.
 *
 * Tarjan's strongly connected components, over what cells wait for, which shows while they are visited; in a loop, as chains may be long.
 */
export function circlesFirst(cells: readonly number[], open: OpenCells): void {
  const search = new Search(open)
  for (const cell of cells) if (!open.isSettled(cell)) search.from(cell)
}

class Search {
  readonly #open: OpenCells
  readonly #seen = new Map<number, Visit>()
  /** From the one that was asked for to the one that is looked at: each waits for the next. */
  readonly #way: Visit[] = []
  /** Visited and not settled: those of the way, and those that wait for one of them. */
  readonly #waiting: Visit[] = []
  #count = 0

  constructor(open: OpenCells) {
    this.#open = open
  }

  from(cell: number): void {
    this.#enter(cell)
    for (let visit = this.#way.at(-1); visit !== undefined; visit = this.#way.at(-1)) this.#advance(visit)
  }

  #enter(cell: number): void {
    const visit: Visit = { cell, at: this.#count, low: this.#count, waits: null, next: 0 }
    this.#count += 1
    this.#seen.set(cell, visit)
    this.#way.push(visit)
    this.#waiting.push(visit)
  }

  #advance(visit: Visit): void {
    if (visit.waits === null) {
      visit.waits = this.#open.attempt(visit.cell)
      visit.next = 0
      if (visit.waits === null) this.#leave(visit)
      return
    }
    const wanted = visit.waits[visit.next]
    if (wanted === undefined) return this.#decide(visit)
    if (this.#open.isSettled(wanted)) visit.next += 1
    else {
      const known = this.#seen.get(wanted)
      if (known === undefined) this.#enter(wanted)
      else {
        // On the way itself, or waiting for something on it.
        visit.low = Math.min(visit.low, known.low)
        visit.next += 1
      }
    }
  }

  /** All that it waits for has been looked at. */
  #decide(visit: Visit): void {
    const waits = visit.waits ?? []
    if (waits.every((cell) => this.#open.isSettled(cell))) {
      visit.waits = null
      visit.low = visit.at
      return
    }
    if (visit.low === visit.at) {
      for (let last = this.#waiting.pop(); last !== undefined; last = this.#waiting.pop()) {
        this.#open.refuse(last.cell)
        this.#seen.delete(last.cell)
        if (last === visit) break
      }
    }
    this.#way.pop()
  }

  /** It is settled: whoever waited for it goes on. */
  #leave(visit: Visit): void {
    this.#way.pop()
    this.#waiting.pop()
    this.#seen.delete(visit.cell)
  }
}
