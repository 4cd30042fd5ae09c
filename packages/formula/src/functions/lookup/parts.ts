import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { CALC, REF, VALUE } from '../../value/cell-errors.ts'
import { Grid, type FormulaValue } from '../../value/grid.ts'
import { integerReader } from '../../value/readers.ts'
import type { CallTypes, FunctionDefinition, StrictMaker } from '../definition.ts'
import { always } from '../results.ts'
import { ARRAY, arrayOf, isLeftOut, lookupFunction, optional } from './array-function.ts'

/** From `start` so many of `size` places. */
interface Span {
  readonly start: number
  readonly count: number
}

function cut(array: Grid, rows: Span, columns: Span): Grid | CellError {
  if (rows.count < 1 || columns.count < 1) return CALC
  return Grid.make(rows.count, columns.count, (row, column) => array.at(rows.start + row, columns.start + column))
}

function taken(size: number, count: number): Span {
  const kept = Math.min(size, Math.abs(count))
  return { start: count < 0 ? size - kept : 0, count: kept }
}

function dropped(size: number, count: number): Span {
  const gone = Math.min(size, Math.abs(count))
  return { start: count < 0 ? 0 : gone, count: size - gone }
}

/** TAKE and DROP; a count that is left out means all (or none). */
function cutting(span: (size: number, count: number) => Span): StrictMaker {
  return (types) => {
    const [allRows, allColumns] = [isLeftOut(types, 1), isLeftOut(types, 2)]
    return (array: Grid, rows: number, columns: number): Grid | CellError =>
      cut(
        array,
        allRows ? { start: 0, count: array.rows } : span(array.rows, rows),
        allColumns ? { start: 0, count: array.columns } : span(array.columns, columns),
      )
  }
}

/** CHOOSEROWS, and CHOOSECOLS of the array turned about. */
function choosing(across: boolean): StrictMaker {
  return ({ args }) => {
    const reads = args.slice(1).map((arg) => integerReader(arg.type))
    return (array: Grid, ...numbers: readonly Grid[]): Grid | CellError => {
      const size = across ? array.columns : array.rows
      const places: number[] = []
      for (const [index, grid] of numbers.entries()) {
        for (const cell of grid.cells) {
          const number = reads[index]?.(cell) ?? VALUE
          if (isCellError(number)) return number
          if (number === 0 || Math.abs(number) > size) return VALUE
          places.push(number > 0 ? number - 1 : size + number)
        }
      }
      if (across) return Grid.make(array.rows, places.length, (row, column) => array.at(row, places[column] ?? 0))
      return Grid.ofRows(places.map((place) => array.row(place)))
    }
  }
}

function choose(name: string, one: string, examples: FunctionDefinition['examples']): FunctionDefinition {
  const across = name === 'CHOOSECOLS'
  return {
    ...lookupFunction(
      name,
      `These ${one}s of an array, counted from 1, or from the end by negative numbers.`,
      [ARRAY, { name: `${one}_number`, kind: 'array' }],
      arrayOf(0),
      choosing(across),
      examples,
    ),
    repeat: 1,
  }
}

/** Does INDEX give an array? Where nothing is known of its numbers, in a sheet they pick one cell, elsewhere they may not. */
function indexType(types: CallTypes): ExprType {
  const { args, constants = [], dynamic } = types
  const [array, row, column] = constants
  const cell: ExprType = { type: args[0]?.type ?? null, nullable: args[0]?.nullable ?? true }
  const noColumn = args.length < 3
  const line = array instanceof Grid ? array.isLine : undefined
  const picksRow = picks(row)
  const picksColumn = noColumn ? line : picks(column)
  const single = dynamic === true ? picksRow === true && picksColumn === true : picksRow !== false && picksColumn !== false
  return single ? cell : { ...cell, array: true }
}

/** Does a number pick one row or column? 0 and nothing pick all; undefined: not known. */
function picks(number: FormulaValue | undefined): boolean | undefined {
  return number === undefined || number instanceof Grid ? undefined : number !== null && Number(number) !== 0
}

const makeIndex: StrictMaker = ({ args, result }) => {
  const noColumn = args.length < 3
  const give = result.array === true ? (grid: Grid): FormulaValue => grid : onlyCell
  return (array: Grid, first: number, second: number, area: number): FormulaValue => {
    if (area !== 1) return REF
    const flat = noColumn && array.rows === 1
    const row = flat ? 0 : first
    const column = flat ? first : second
    if (row < 0 || column < 0) return VALUE
    if (row > array.rows || column > array.columns) return REF
    return give(
      Grid.make(row === 0 ? array.rows : 1, column === 0 ? array.columns : 1, (r, c) =>
        array.at(row === 0 ? r : row - 1, column === 0 ? c : column - 1),
      ),
    )
  }
}

function onlyCell({ cells }: Grid): Value {
  return cells.length === 1 ? (cells[0] ?? null) : VALUE
}

/** Without the empty rows and columns at the edges: 1 those before, 2 those behind, 3 both, 0 none. */
const makeTrim: StrictMaker = (types) => {
  const [bothRows, bothColumns] = [isLeftOut(types, 1), isLeftOut(types, 2)]
  return (array: Grid, trimRows: number, trimColumns: number): Grid | CellError => {
    const rows = bothRows ? 3 : trimRows
    const columns = bothColumns ? 3 : trimColumns
    if (rows < 0 || rows > 3 || columns < 0 || columns > 3) return VALUE
    const down = filled(array.rows, rows, (row) => array.row(row).some((cell) => cell !== null))
    const across = filled(array.columns, columns, (column) => array.column(column).some((cell) => cell !== null))
    return down.count < 1 || across.count < 1 ? REF : cut(array, down, across)
  }
}

function filled(size: number, trim: number, isFilled: (at: number) => boolean): Span {
  let start = 0
  let end = size
  if ((trim & 1) !== 0) while (start < end && !isFilled(start)) start++
  if ((trim & 2) !== 0) while (end > start && !isFilled(end - 1)) end--
  return { start, count: end - start }
}

const CUT_PARAMS = [ARRAY, { name: 'rows', kind: 'integer' }, optional('columns', 'integer')] as const
const TRIM = { kind: 'integer', optional: true, fallback: 3 } as const

/** Functions that give a part of an array, or its size. */
export const PARTS: readonly FunctionDefinition[] = [
  lookupFunction(
    'TAKE',
    'The first rows and columns of an array, or by negative numbers the last.',
    CUT_PARAMS,
    arrayOf(0),
    cutting(taken),
    [
      { formula: '=TAKE({1,2;3,4;5,6}, 2)', result: '{1,2;3,4}' },
      { formula: '=TAKE({1,2;3,4;5,6}, -1, 1)', result: '5' },
      { formula: '=TAKE({1,2}, , -1)', result: '2' },
      { formula: '=TAKE({1,2}, [@blank])', result: '#CALC!' },
    ],
  ),
  lookupFunction(
    'DROP',
    'An array without its first rows and columns, or by negative numbers the last.',
    CUT_PARAMS,
    arrayOf(0),
    cutting(dropped),
    [
      { formula: '=DROP({1,2;3,4;5,6}, 1)', result: '{3,4;5,6}' },
      { formula: '=DROP({1,2;3,4;5,6}, -2, 1)', result: '2' },
      { formula: '=DROP({1,2}, [@blank])', result: '{1,2}' },
      { formula: '=DROP({1,2}, 1)', result: '#CALC!' },
    ],
  ),
  choose('CHOOSEROWS', 'row', [
    { formula: '=CHOOSEROWS({1,2;3,4;5,6}, 3, 1)', result: '{5,6;1,2}' },
    { formula: '=CHOOSEROWS({1;2;3}, {-1,-2})', result: '{3;2}' },
    { formula: '=CHOOSEROWS({1;2}, [@blank])', result: '#VALUE!' },
  ]),
  choose('CHOOSECOLS', 'column', [
    { formula: '=CHOOSECOLS({1,2,3;4,5,6}, 1, -1)', result: '{1,3;4,6}' },
    { formula: '=CHOOSECOLS({1,2}, 3)', result: '#VALUE!' },
    { formula: '=CHOOSECOLS({1,2}, [@blank])', result: '#VALUE!' },
  ]),
  lookupFunction(
    'INDEX',
    'The cell of an array in a row and column, counted from 1; 0 gives the whole row or column.',
    [
      ARRAY,
      { name: 'row', kind: 'integer' },
      { name: 'column', kind: 'integer', optional: true, fallback: 0 },
      { name: 'area', kind: 'integer', optional: true, fallback: 1 },
    ],
    indexType,
    makeIndex,
    [
      { formula: '=INDEX({1,2;3,4}, 2, 1)', result: '3' },
      { formula: '=INDEX({"a","b","c"}, 2)', result: '"b"' },
      { formula: '=INDEX({1,2;3,4}, , 2)', result: '{2;4}' },
      { formula: '=INDEX({1,2;3,4}, 2, [@blank]+1)', result: '3' },
      { formula: '=INDEX({1,2}, 3)', result: '#REF!' },
    ],
  ),
  lookupFunction('COLUMNS', 'How many columns an array has.', [ARRAY], always('int'), () => (array: Grid) => array.columns, [
    { formula: '=COLUMNS({1,2,3;4,5,6})', result: '3' },
    { formula: '=COLUMNS([@blank])', result: '1' },
    { formula: '=COLUMNS(1/0)', result: '#DIV/0!' },
  ]),
  lookupFunction(
    'AREAS',
    'How many areas a reference has: an array is always one.',
    [{ name: 'reference', kind: 'array' }],
    always('int'),
    () => () => 1,
    [
      { formula: '=AREAS({1,2})', result: '1' },
      { formula: '=AREAS([@blank])', result: '1' },
      { formula: '=AREAS(1/0)', result: '#DIV/0!' },
    ],
  ),
  lookupFunction(
    'TRIMRANGE',
    'An array without the empty rows and columns at its edges: 1 those before, 2 those behind, 3 both, 0 none.',
    [ARRAY, { name: 'trim_rows', ...TRIM }, { name: 'trim_columns', ...TRIM }],
    arrayOf(0),
    makeTrim,
    [
      { formula: '=TRIMRANGE(VSTACK([@blank], 1, 2))', result: '{1;2}' },
      { formula: '=ROWS(TRIMRANGE(VSTACK([@blank], 1, [@blank]), 2))', result: '2' },
      { formula: '=TRIMRANGE([@blank])', result: '#REF!' },
      { formula: '=TRIMRANGE({1,2}, 4)', result: '#VALUE!' },
    ],
  ),
]
