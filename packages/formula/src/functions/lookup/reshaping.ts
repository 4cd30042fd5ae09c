import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { CALC, NA, NUM, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { Grid, gridOf, MAX_CELLS } from '../../value/grid.ts'
import type { Example, FunctionDefinition, LazyMaker, StrictMaker, StrictTypes } from '../definition.ts'
import { ARRAY, arrayOf, cellType, inForm, isLeftOut, lookupFunction, optional } from './array-function.ts'

/** TOCOL and TOROW: `ignore` 1 leaves Blank out, 2 errors, 3 both. */
function toLine(build: (cells: readonly Value[]) => Grid): StrictMaker {
  return () =>
    (array: Grid, ignore: number, byColumn: boolean): Grid | CellError => {
      if (ignore < 0 || ignore > 3) return VALUE
      const { cells } = byColumn ? array.transposed() : array
      const kept = cells.filter((cell) => !((ignore & 1) !== 0 && cell === null) && !((ignore & 2) !== 0 && isCellError(cell)))
      return kept.length === 0 ? CALC : build(kept)
    }
}

const LINE_PARAMS = [
  ARRAY,
  { name: 'ignore', kind: 'integer', optional: true, fallback: 0 },
  { name: 'scan_by_column', kind: 'bool', optional: true, fallback: false },
] as const

/** WRAPROWS and WRAPCOLS of a line; the last row or column is filled up. */
function wrapping(build: (lines: number, length: number, cell: (line: number, at: number) => Value) => Grid): StrictMaker {
  return (types) => {
    const padding = paddingOf(types, 2)
    const form = inForm(types.args[0], types.result)
    return (vector: Grid, count: number, pad: Value): Grid | CellError => {
      if (!vector.isLine) return VALUE
      if (count < 1) return NUM
      const { cells } = form(vector)
      const length = Math.min(count, cells.length)
      const lines = Math.ceil(cells.length / length)
      const filling = padding(pad)
      return build(lines, length, (line, at) => {
        const index = line * length + at
        return index < cells.length ? (cells[index] ?? null) : filling
      })
    }
  }
}

/** What stands where an array has no cell: `#N/A` if the argument is left out. */
function paddingOf(types: StrictTypes, index: number): (pad: Value) => Value {
  if (isLeftOut(types, index)) return (pad) => (isCellError(pad) ? pad : NA)
  const convert = conversion(types.args[index]?.type ?? null, types.result.type)
  return convert ?? ((pad) => pad)
}

const makeExpand: StrictMaker = (types) => {
  const padding = paddingOf(types, 3)
  const form = inForm(types.args[0], types.result)
  const [sameRows, sameColumns] = [isLeftOut(types, 1), isLeftOut(types, 2)]
  return (array: Grid, rows: number, columns: number, pad: Value): Grid | CellError => {
    const grid = form(array)
    const height = sameRows ? grid.rows : rows
    const width = sameColumns ? grid.columns : columns
    if (height < grid.rows || width < grid.columns) return VALUE
    if (height * width > MAX_CELLS) return NUM
    const filling = padding(pad)
    return Grid.make(height, width, (r, c) => (r < grid.rows && c < grid.columns ? grid.at(r, c) : filling))
  }
}

/** HSTACK and VSTACK; smaller arrays are filled up with `#N/A`. An argument that is an error is a cell with it, as all errors in arrays are. */
function stacking(across: boolean): LazyMaker {
  return (args, result) => {
    const parts = args.map(({ type, run, grid }) => ({ run: grid ?? run, form: inForm(type, result) }))
    return (row) => {
      const grids = parts.map(({ run, form }) => form(gridOf(run(row))))
      const rows = sizeOf(grids, (grid) => grid.rows, !across)
      const columns = sizeOf(grids, (grid) => grid.columns, across)
      if (rows * columns > MAX_CELLS) return NUM
      return across ? sideBySide(grids, rows) : sideBySide(grids.map(flip), columns).transposed()
    }
  }
}

function flip(grid: Grid): Grid {
  return grid.transposed()
}

function sizeOf(grids: readonly Grid[], of: (grid: Grid) => number, added: boolean): number {
  return grids.reduce((size, grid) => (added ? size + of(grid) : Math.max(size, of(grid))), 0)
}

function sideBySide(grids: readonly Grid[], rows: number): Grid {
  return Grid.ofRows(
    Array.from({ length: rows }, (_, row) =>
      grids.flatMap((grid) => (row < grid.rows ? grid.row(row) : Array.from<Value>({ length: grid.columns }).fill(NA))),
    ),
  )
}

function stack(name: string, help: string, across: boolean, examples: readonly Example[]): FunctionDefinition {
  return {
    name,
    category: 'lookup',
    help,
    params: [ARRAY],
    repeat: 1,
    result: ({ args }) => ({ ...cellType(args), array: true }),
    evaluation: { mode: 'lazy', make: stacking(across) },
    volatility: 'pure',
    examples,
  }
}

const WRAP_PARAMS = [{ name: 'vector', kind: 'array' }, { name: 'wrap_count', kind: 'integer' }, optional('pad_with', 'any')] as const

/** Functions that put the cells of arrays into another shape. */
export const RESHAPING: readonly FunctionDefinition[] = [
  lookupFunction('TRANSPOSE', 'The array with rows and columns changed about.', [ARRAY], arrayOf(0), () => flip, [
    { formula: '=TRANSPOSE({1,2;3,4})', result: '{1,3;2,4}' },
    { formula: '=TRANSPOSE({1,#N/A})', result: '{1;#N/A}' },
    { formula: '=SUM(TRANSPOSE([@blank]))', result: '0' },
  ]),
  lookupFunction(
    'TOCOL',
    'All cells as one column, row by row or column by column; 1 leaves Blank out, 2 errors, 3 both.',
    LINE_PARAMS,
    arrayOf(0),
    toLine((cells) => new Grid(cells.length, 1, cells)),
    [
      { formula: '=TOCOL({1,2;3,4})', result: '{1;2;3;4}' },
      { formula: '=TOCOL({1,2;3,4}, 0, TRUE)', result: '{1;3;2;4}' },
      { formula: '=TOCOL({1,#N/A}, 2)', result: '1' },
      { formula: '=TOCOL([@blank], 1)', result: '#CALC!' },
    ],
  ),
  lookupFunction(
    'TOROW',
    'All cells as one row, row by row or column by column; 1 leaves Blank out, 2 errors, 3 both.',
    LINE_PARAMS,
    arrayOf(0),
    toLine((cells) => new Grid(1, cells.length, cells)),
    [
      { formula: '=TOROW({1,2;3,4})', result: '{1,2,3,4}' },
      { formula: '=TOROW({1;#N/A}, 3)', result: '1' },
      { formula: '=TOROW([@blank], 4)', result: '#VALUE!' },
    ],
  ),
  lookupFunction(
    'WRAPROWS',
    'A row or column broken into rows of so many cells.',
    WRAP_PARAMS,
    arrayOf(0, 2),
    wrapping((lines, length, cell) => Grid.make(lines, length, cell)),
    [
      { formula: '=WRAPROWS({1,2,3,4,5}, 2)', result: '{1,2;3,4;5,#N/A}' },
      { formula: '=WRAPROWS({1,2,3}, 2, 0)', result: '{1,2;3,0}' },
      { formula: '=WRAPROWS({1,2}, [@blank])', result: '#NUM!' },
    ],
  ),
  lookupFunction(
    'WRAPCOLS',
    'A row or column broken into columns of so many cells.',
    WRAP_PARAMS,
    arrayOf(0, 2),
    wrapping((lines, length, cell) => Grid.make(length, lines, (row, column) => cell(column, row))),
    [
      { formula: '=WRAPCOLS({1,2,3,4,5}, 2)', result: '{1,3,5;2,4,#N/A}' },
      { formula: '=WRAPCOLS({1,2;3,4}, 2)', result: '#VALUE!' },
      { formula: '=WRAPCOLS({1,2}, [@blank])', result: '#NUM!' },
    ],
  ),
  lookupFunction(
    'EXPAND',
    'The array with more rows and columns, filled up with #N/A or a value.',
    [ARRAY, { name: 'rows', kind: 'integer' }, optional('columns', 'integer'), optional('pad_with', 'any')],
    arrayOf(0, 3),
    makeExpand,
    [
      { formula: '=EXPAND({1,2}, 2)', result: '{1,2;#N/A,#N/A}' },
      { formula: '=EXPAND({1,2}, , 3, "-")', result: '{1,2,"-"}' },
      { formula: '=EXPAND({1,2}, [@blank])', result: '#VALUE!' },
    ],
  ),
  stack('HSTACK', 'Arrays side by side.', true, [
    { formula: '=HSTACK({1;2}, {3;4})', result: '{1,3;2,4}' },
    { formula: '=HSTACK({1;2}, "a")', result: '{1,"a";2,#N/A}' },
    { formula: '=COUNT(HSTACK(1, [@blank]))', result: '1' },
  ]),
  stack('VSTACK', 'Arrays one below the other.', false, [
    { formula: '=VSTACK({1,2}, {3,4})', result: '{1,2;3,4}' },
    { formula: '=VSTACK({1,2}, 3)', result: '{1,2;3,#N/A}' },
    { formula: '=COUNT(VSTACK(1, [@blank]))', result: '1' },
  ]),
]
