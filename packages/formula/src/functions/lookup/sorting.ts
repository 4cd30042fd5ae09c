import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import { valueKey } from '@sheetflow/core/key'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { spend } from '../../value/budget.ts'
import { CALC, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { Grid } from '../../value/grid.ts'
import { integerReader } from '../../value/readers.ts'
import type { FunctionDefinition, StrictMaker } from '../definition.ts'
import { ARRAY, arrayOf, inForm, isLeftOut, lookupFunction } from './array-function.ts'
import { sortCompare } from './order.ts'

/** A line of cells to sort by, 1 up or −1 down. */
interface SortKey {
  readonly cells: readonly Value[]
  readonly direction: number
}

/** The rows in the order of the keys, the first of which that differs decides. */
function sortedRows(array: Grid, keys: readonly SortKey[]): Grid {
  const compares = keys.map(({ cells, direction }) => {
    const compare = sortCompare(direction)
    return (a: number, b: number): number => compare(cells[a] ?? null, cells[b] ?? null)
  })
  spend((array.rows * Math.log2(array.rows)) / 3)
  const places = Array.from({ length: array.rows }, (_, row) => row)
  places.sort((a, b) => {
    for (const compare of compares) {
      const order = compare(a, b)
      if (order !== 0) return order
    }
    return a - b
  })
  return Grid.ofRows(places.map((place) => array.row(place)))
}

/** Whole numbers in the cells of an argument. */
function integersOf(type: ExprType | undefined): (grid: Grid) => readonly number[] | CellError {
  const read = integerReader(type?.type ?? null)
  return (grid) => {
    const numbers: number[] = []
    for (const cell of grid.cells) {
      const number = read(cell)
      if (isCellError(number)) return number
      numbers.push(number)
    }
    return numbers
  }
}

function isDirection(number: number): boolean {
  return number === 1 || number === -1
}

const makeSort: StrictMaker = (types) => {
  const [readIndexes, readOrders] = [integersOf(types.args[1]), integersOf(types.args[2])]
  const [first, up] = [isLeftOut(types, 1), isLeftOut(types, 2)]
  return (array: Grid, indexes: Grid | null, orders: Grid | null, byColumn: boolean): Grid | CellError => {
    const places = first || indexes === null ? [1] : readIndexes(indexes)
    if (isCellError(places)) return places
    const directions = up || orders === null ? [1] : readOrders(orders)
    if (isCellError(directions)) return directions
    const grid = byColumn ? array.transposed() : array
    if (!directions.every(isDirection) || places.some((place) => place < 1 || place > grid.columns)) return VALUE
    const keys = places.map((place, index) => ({ cells: grid.column(place - 1), direction: directions[index] ?? directions[0] ?? 1 }))
    const sorted = sortedRows(grid, keys)
    return byColumn ? sorted.transposed() : sorted
  }
}

const makeSortBy: StrictMaker = (types) => {
  const reads = types.args.map((arg) => integersOf(arg))
  return (array: Grid, ...rest: readonly (Grid | null)[]): Grid | CellError => {
    const keys: SortKey[] = []
    let across: boolean | null = null
    for (let index = 0; index < rest.length; index += 2) {
      const by = rest[index] ?? null
      if (by === null) continue
      const order = rest[index + 1] ?? null
      const directions = order === null || isLeftOut(types, index + 2) ? [1] : (reads[index + 2]?.(order) ?? VALUE)
      if (isCellError(directions)) return directions
      const [direction = 0] = directions
      const side = sideOf(array, by, across)
      if (side === null || directions.length !== 1 || !isDirection(direction)) return VALUE
      across = side
      keys.push({ cells: by.cells, direction })
    }
    return across === true ? sortedRows(array.transposed(), keys).transposed() : sortedRows(array, keys)
  }
}

/** Does a line go along the columns (`true`) or the rows of the array? Null: along neither, or not as those before it. */
function sideOf(array: Grid, line: Grid, before: boolean | null): boolean | null {
  if (before !== true && line.columns === 1 && line.rows === array.rows) return false
  if (before !== false && line.rows === 1 && line.columns === array.columns) return true
  return null
}

/** Case aside, errors by their kind. */
function distinctKey(cells: readonly Value[]): string {
  return JSON.stringify(cells.map((cell) => (typeof cell === 'string' ? `t${fold(cell)}` : valueKey(cell))))
}

const makeUnique: StrictMaker =
  () =>
  (array: Grid, byColumn: boolean, once: boolean): Grid | CellError => {
    const grid = byColumn ? array.transposed() : array
    const counts = new Map<string, number>()
    spend(grid.cells.length * 4)
    const keys = Array.from({ length: grid.rows }, (_, row) => distinctKey(grid.row(row)))
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
    const seen = new Set<string>()
    const rows: (readonly Value[])[] = []
    for (const [row, key] of keys.entries()) {
      if (seen.has(key) || (once && counts.get(key) !== 1)) continue
      seen.add(key)
      rows.push(grid.row(row))
    }
    if (rows.length === 0) return CALC
    return byColumn ? Grid.ofRows(rows).transposed() : Grid.ofRows(rows)
  }

/** FILTER over arrays: `include` is a line along the rows or the columns. */
export const makeFilter: StrictMaker = (types) => {
  const form = inForm(types.args[0], types.result)
  const convert = conversion(types.args[2]?.type ?? null, types.result.type)
  const nothing = types.args.length < 3
  return (array: Grid, include: Grid, empty: Value): Grid | CellError => {
    const across = sideOf(array, include, null)
    if (across === null) return VALUE
    const kept: number[] = []
    for (const [index, cell] of include.cells.entries()) {
      const holds = holdsTrue(cell)
      if (isCellError(holds)) return holds
      if (holds) kept.push(index)
    }
    if (kept.length === 0) return nothing ? CALC : isCellError(empty) ? empty : Grid.one(convert === null ? empty : convert(empty))
    const grid = form(array)
    if (across) return Grid.make(grid.rows, kept.length, (row, column) => grid.at(row, kept[column] ?? 0))
    return Grid.ofRows(kept.map((row) => grid.row(row)))
  }
}

function holdsTrue(cell: Value): boolean | CellError {
  if (typeof cell === 'boolean' || isCellError(cell)) return cell
  if (isNumber(cell)) return !toDecimal(cell).isZero()
  return cell === null ? false : VALUE
}

/** Functions that put rows in order, or leave some out. */
export const SORTING: readonly FunctionDefinition[] = [
  lookupFunction(
    'SORT',
    'The rows (or columns) of an array in the order of one or more of its columns: 1 up, -1 down.',
    [
      ARRAY,
      { name: 'sort_index', kind: 'array', optional: true },
      { name: 'sort_order', kind: 'array', optional: true },
      { name: 'by_column', kind: 'bool', optional: true, fallback: false },
    ],
    arrayOf(0),
    makeSort,
    [
      { formula: '=SORT({3;1;2})', result: '{1;2;3}' },
      { formula: '=SORT({1,"b";2,"A"}, 2)', result: '{2,"A";1,"b"}' },
      { formula: '=SORT({3,1,2}, , -1, TRUE)', result: '{3,2,1}' },
      { formula: '=SORT({3;1}, [@blank])', result: '#VALUE!' },
    ],
  ),
  {
    ...lookupFunction(
      'SORTBY',
      'The rows (or columns) of an array in the order of other arrays: 1 up, -1 down.',
      [ARRAY, { name: 'by_array', kind: 'array' }, { name: 'sort_order', kind: 'array', optional: true }],
      arrayOf(0),
      makeSortBy,
      [
        { formula: '=SORTBY({"a";"b";"c"}, {3;1;2})', result: '{"b";"c";"a"}' },
        { formula: '=SORTBY({"a","b","c"}, {1,1,2}, -1, {1,2,3}, -1)', result: '{"c","b","a"}' },
        { formula: '=SORTBY({"a";"b"}, {1;2}, [@blank])', result: '#VALUE!' },
      ],
    ),
    repeat: 2,
  },
  lookupFunction(
    'UNIQUE',
    'Each row (or column) of an array once, letter case aside; or only those that are there once.',
    [
      ARRAY,
      { name: 'by_column', kind: 'bool', optional: true, fallback: false },
      { name: 'exactly_once', kind: 'bool', optional: true, fallback: false },
    ],
    arrayOf(0),
    makeUnique,
    [
      { formula: '=UNIQUE({"a";"A";"b"})', result: '{"a";"b"}' },
      { formula: '=UNIQUE({1,2,1}, TRUE, TRUE)', result: '2' },
      { formula: '=UNIQUE({1;1}, , TRUE)', result: '#CALC!' },
      { formula: '=ROWS(UNIQUE(VSTACK([@blank], 0, [@blank])))', result: '2' },
    ],
  ),
]
