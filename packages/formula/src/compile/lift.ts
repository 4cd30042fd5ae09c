import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'
import { spend } from '../value/budget.ts'
import { NUM } from '../value/cell-errors.ts'
import { firstOf, Grid, gridOf, MAX_CELLS, spreadAt, type FormulaValue } from '../value/grid.ts'
import type { Flow } from './compile-host.ts'

/** An argument of a call: its static type and what computes it. */
export interface Argument<Row> {
  readonly type: ExprType
  readonly run: Flow<Row>
}

/** The type of each cell of an array. */
export function cellType({ type, nullable, unrounded }: ExprType): ExprType {
  return unrounded === true ? { type, nullable, unrounded } : { type, nullable }
}

/** A grid that is gone through, and the cell at hand. */
interface Cursor {
  grid: Grid
  value: Value
}

/** An argument that is the same for each cell: computed when it is first needed, and once. */
class Kept<Row> {
  readonly #run: Flow<Row>
  #value: FormulaValue | undefined

  constructor(run: Flow<Row>) {
    this.#run = run
  }

  get(row: Row): FormulaValue {
    if (this.#value === undefined) this.#value = this.#run(row)
    return this.#value
  }

  forget(): void {
    this.#value = undefined
  }
}

/**
 * Excel's array evaluation: `make` builds the call for one cell of each array among the arguments; the result has as many rows and columns as the largest of
 * them. A single row or column stands beside all others; where an array has no cell `#N/A` stands.
 * Where one has no cells at all (a table without rows) the result has none.
 */
export function lifted<Row>(
  args: readonly Argument<Row>[],
  single: readonly boolean[],
  make: (args: readonly Argument<Row>[]) => Flow<Row>,
): Flow<Row> {
  const cursors: { readonly run: Flow<Row>; readonly cursor: Cursor }[] = []
  const whole: Kept<Row>[] = []
  const inner = args.map((arg, index) => {
    if (single[index] !== true) {
      const kept = new Kept(arg.run)
      whole.push(kept)
      return { type: arg.type, run: (row: Row) => kept.get(row) }
    }
    const cursor: Cursor = { grid: Grid.one(null), value: null }
    cursors.push({ run: arg.run, cursor })
    return { type: cellType(arg.type), run: () => cursor.value }
  })
  const call = make(inner)
  return (row) => {
    for (const kept of whole) kept.forget()
    let rows = 1
    let columns = 1
    let isEmpty = false
    for (const { run, cursor } of cursors) {
      cursor.grid = gridOf(run(row))
      rows = Math.max(rows, cursor.grid.rows)
      columns = Math.max(columns, cursor.grid.columns)
      isEmpty ||= cursor.grid.cells.length === 0
    }
    if (isEmpty) return Grid.ofRows([])
    if (rows * columns > MAX_CELLS) return NUM
    spend(rows * columns)
    return Grid.make(rows, columns, (r, c) => {
      for (const { cursor } of cursors) cursor.value = spreadAt(cursor.grid, r, c)
      return firstOf(call(row))
    })
  }
}
