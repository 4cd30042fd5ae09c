import { must } from '@sheetflow/core/assert'

/** Thrown where a formula reads cells that are not known yet. */
export class NotKnown extends Error {
  readonly cells: readonly number[]

  constructor(cells: readonly number[]) {
    super('a cell is read before it is known')
    this.cells = cells
  }
}

/** All of them; where some are not known, all of those at once. */
export function allOf<T>(reads: readonly (() => T)[]): T[] {
  const missing: number[] = []
  const values = reads.flatMap((read) => {
    try {
      return [read()]
    } catch (error) {
      if (!(error instanceof NotKnown)) throw error
      missing.push(...error.cells)
      return []
    }
  })
  if (missing.length > 0) throw new NotKnown(missing)
  return values
}

/**
 * Cells of a sheet that reads itself, as plainly as it can be said: try each, again and again. When none can be computed any more, those that wait for
 * themselves, through whichever others, are circular, and the others go on with that. `attempt` throws `NotKnown`.
 */
export function settleAll(cells: readonly number[], attempt: (cell: number) => void, refuse: (cell: number) => void): void {
  let open = cells
  while (open.length > 0) {
    const waits = new Map<number, readonly number[]>()
    for (const cell of open) {
      try {
        attempt(cell)
      } catch (error) {
        if (!(error instanceof NotKnown)) throw error
        waits.set(cell, error.cells)
      }
    }
    const stuck = waits.size === open.length
    const circular = stuck ? open.filter((cell) => waitsForItself(cell, waits)) : []
    if (stuck && circular.length === 0) throw new Error('cells wait for nothing that is to come')
    for (const cell of circular) refuse(cell)
    open = open.filter((cell) => waits.has(cell) && !circular.includes(cell))
  }
}

function waitsForItself(cell: number, waits: ReadonlyMap<number, readonly number[]>): boolean {
  const seen = new Set<number>()
  const next = [...must(waits.get(cell))]
  for (let one = next.pop(); one !== undefined; one = next.pop()) {
    if (one === cell) return true
    if (seen.has(one)) continue
    seen.add(one)
    next.push(...(waits.get(one) ?? []))
  }
  return false
}
