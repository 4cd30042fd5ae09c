import type { CellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../../bound.ts'
import { NA, REF, VALUE } from '../../value/cell-errors.ts'
import { conversion } from '../../value/convert.ts'
import { firstOf, Grid, type FormulaValue } from '../../value/grid.ts'
import { isTypeProblem, type CallTypes, type FunctionDefinition, type StrictMaker, type TypeProblem } from '../definition.ts'
import { always, oneOf } from '../results.ts'
import { inForm, isLeftOut, lookupFunction } from './array-function.ts'
import { commonForm } from './order.ts'
import { isMatchMode, isSearchMode, Line } from './search.ts'

/** Searches a line of an array. */
type Searching = (wanted: Value, array: Grid, search: (line: Line, wanted: Value) => number) => number

/** Brings the value and the cells into one form. The line is kept as long as the array is the same. */
function searching({ args }: CallTypes, cellsOf: (array: Grid) => readonly Value[]): Searching {
  const [value, cell] = commonForm(args[0]?.type ?? null, args[1]?.type ?? null)
  let kept: { readonly array: Grid; readonly line: Line } | null = null
  return (wanted, array, search) => {
    if (kept?.array !== array) kept = { array, line: new Line(cellsOf(array).map(cell)) }
    return search(kept.line, value(wanted))
  }
}

function allCells(array: Grid): readonly Value[] {
  return array.cells
}

const exact = (line: Line, wanted: Value): number => line.findExact(wanted)
const last = (line: Line, wanted: Value): number => line.findLast(wanted)
const down = (line: Line, wanted: Value): number => line.findDown(wanted)

const makeMatch: StrictMaker = (types) => {
  const place = searching(types, allCells)
  return (wanted: Value, array: Grid, type: number): Value => {
    if (!array.isLine) return NA
    const at = place(wanted, array, type === 0 ? exact : type > 0 ? last : down)
    return at < 0 ? NA : at + 1
  }
}

const makeXMatch: StrictMaker = (types) => {
  const place = searching(types, allCells)
  const fromFirst = isLeftOut(types, 3)
  return (wanted: Value, array: Grid, mode: number, search: number): Value => {
    const at = placeByModes(place, wanted, array, mode, fromFirst ? 1 : search)
    return typeof at === 'number' ? (at < 0 ? NA : at + 1) : at
  }
}

function placeByModes(place: Searching, wanted: Value, array: Grid, mode: number, search: number): number | CellError {
  if (!array.isLine || !isMatchMode(mode) || !isSearchMode(search)) return VALUE
  if (mode === 2 && Math.abs(search) === 2) return VALUE
  return place(wanted, array, (line, value) => line.find(value, mode, search))
}

/** XLOOKUP over arrays: the row (or column) of the result array at the place where the key is found. */
export const makeXLookup: StrictMaker = (types) => {
  const { args, result } = types
  const place = searching(types, allCells)
  const form = inForm(args[2], result)
  const convert = conversion(args[3]?.type ?? null, result.type)
  const nothing = args[3] === undefined || (args[3].type === null && args[3].nullable)
  const fromFirst = isLeftOut(types, 5)
  const give = result.array === true ? (grid: Grid): FormulaValue => grid : firstOf
  return (wanted: Value, keys: Grid, results: Grid, missing: Value, mode: number, search: number): FormulaValue => {
    const isColumn = keys.columns === 1 && keys.rows === results.rows
    if (!isColumn && !(keys.rows === 1 && keys.columns === results.columns)) return VALUE
    const at = placeByModes(place, wanted, keys, mode, fromFirst ? 1 : search)
    if (typeof at !== 'number') return at
    if (at < 0) return nothing ? NA : give(Grid.one(convert === null ? missing : convert(missing)))
    return give(form(isColumn ? new Grid(1, results.columns, results.row(at)) : new Grid(results.rows, 1, results.column(at))))
  }
}

/** One value where the result is known to be a line or, in a sheet, unless it is known to be none; else an array. */
export function xLookupType(types: CallTypes): ExprType | TypeProblem {
  const [, keys, results] = types.constants ?? []
  const cell = oneOf(types, types.args.length > 3 ? [2, 3] : [2])
  if (isTypeProblem(cell)) return cell
  const line = keys instanceof Grid && results instanceof Grid ? keys.rows === results.rows && keys.columns === results.columns : undefined
  return line === true || (line === undefined && types.dynamic !== true) ? cell : { ...cell, array: true }
}

/** VLOOKUP, and HLOOKUP of the table turned about. */
function tableLookup(across: boolean): StrictMaker {
  return (types) => {
    const place = searching(types, (table) => (across ? table.row(0) : table.column(0)))
    return (wanted: Value, table: Grid, index: number, sorted: boolean): Value => {
      if (index < 1) return VALUE
      if (index > (across ? table.rows : table.columns)) return REF
      const at = place(wanted, table, sorted ? last : exact)
      return at < 0 ? NA : across ? table.at(index - 1, at) : table.at(at, index - 1)
    }
  }
}

/** Along the longer side of the array. */
const makeLookup: StrictMaker = (types) => {
  const place = searching(types, (array) => (array.columns > array.rows ? array.row(0) : array.column(0)))
  return (wanted: Value, array: Grid, results: Grid | null): Value => {
    const at = place(wanted, array, last)
    if (at < 0) return NA
    if (results === null) return array.columns > array.rows ? array.at(array.rows - 1, at) : array.at(at, array.columns - 1)
    return results.isLine && at < results.cells.length ? (results.cells[at] ?? null) : NA
  }
}

/** The type of a cell of that argument. */
function cellOf(index: number): (types: CallTypes) => ExprType {
  return ({ args }) => ({ type: args[index]?.type ?? null, nullable: args[index]?.nullable ?? true })
}

const SEARCH = { name: 'search', kind: 'value' } as const
const LINE = { name: 'array', kind: 'array' } as const
const SORTED = { name: 'sorted', kind: 'bool', optional: true, fallback: true } as const

/** Functions that find a value in an array. */
export const LOOKUPS: readonly FunctionDefinition[] = [
  lookupFunction(
    'MATCH',
    'The place of a value in a row or column: 1 in one that is sorted up (the last not above), 0 anywhere, -1 in one that is sorted down.',
    [SEARCH, LINE, { name: 'match_type', kind: 'integer', optional: true, fallback: 1 }],
    always('int'),
    makeMatch,
    [
      { formula: '=MATCH("B", {"a","b","c"}, 0)', result: '2' },
      { formula: '=MATCH(25, {10,20,30})', result: '2' },
      { formula: '=MATCH(5, {10,20,30})', result: '#N/A' },
      { formula: '=MATCH([@blank], {0,1}, 0)', result: '#N/A' },
    ],
  ),
  lookupFunction(
    'XMATCH',
    'The place of a value in a row or column: exact (0), or the next smaller (-1) or larger (1), or with wildcards (2).',
    [
      SEARCH,
      LINE,
      { name: 'match_mode', kind: 'integer', optional: true, fallback: 0 },
      { name: 'search_mode', kind: 'integer', optional: true, fallback: 1 },
    ],
    always('int'),
    makeXMatch,
    [
      { formula: '=XMATCH(25, {30,10,20}, -1)', result: '3' },
      { formula: '=XMATCH("c*", {"abc","cab"}, 2)', result: '2' },
      { formula: '=XMATCH(1, {1,2,1}, 0, -1)', result: '3' },
      { formula: '=XMATCH("1", {1,2})', result: '#N/A' },
      { formula: '=XMATCH([@blank], {0,1})', result: '#N/A' },
    ],
  ),
  lookupFunction(
    'VLOOKUP',
    'The value in a column of the row whose first cell is the search value; unless FALSE stands behind, in rows that are sorted up.',
    [SEARCH, { name: 'table', kind: 'array' }, { name: 'column', kind: 'integer' }, SORTED],
    cellOf(1),
    tableLookup(false),
    [
      { formula: '=VLOOKUP(2, {1,"a";2,"b"}, 2, FALSE)', result: '"b"' },
      { formula: '=VLOOKUP(2.5, {1,"a";2,"b"}, 2)', result: '"b"' },
      { formula: '=VLOOKUP(3, {1,"a";2,"b"}, 2, FALSE)', result: '#N/A' },
      { formula: '=VLOOKUP([@blank], {1,"a"}, 2, FALSE)', result: '#N/A' },
    ],
  ),
  lookupFunction(
    'HLOOKUP',
    'The value in a row of the column whose first cell is the search value; unless FALSE stands behind, in columns that are sorted up.',
    [SEARCH, { name: 'table', kind: 'array' }, { name: 'row', kind: 'integer' }, SORTED],
    cellOf(1),
    tableLookup(true),
    [
      { formula: '=HLOOKUP("b", {"a","b";1,2}, 2, FALSE)', result: '2' },
      { formula: '=HLOOKUP("b", {"a","b";1,2}, 3)', result: '#REF!' },
      { formula: '=HLOOKUP([@blank], {0;1}, 2)', result: '#N/A' },
    ],
  ),
  lookupFunction(
    'LOOKUP',
    'The value beside the last cell that is not above the search value, in a row or column that is sorted up.',
    [SEARCH, LINE, { name: 'results', kind: 'array', optional: true }],
    (types) => cellOf(types.args.length > 2 ? 2 : 1)(types),
    makeLookup,
    [
      { formula: '=LOOKUP(25, {10,20,30}, {"a","b","c"})', result: '"b"' },
      { formula: '=LOOKUP(2, 1/{1,0,1}, {"a","b","c"})', result: '"c"' },
      { formula: '=LOOKUP(5, {10,20})', result: '#N/A' },
      { formula: '=LOOKUP([@blank], {0,1})', result: '#N/A' },
    ],
  ),
]
