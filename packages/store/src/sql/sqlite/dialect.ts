import { must } from '@sheetflow/core/assert'
import type { JsonValue } from '@sheetflow/core/value'
import type { Comparison, Dialect, PlaceTerm, Scope } from '../dialect.ts'
import type { Params } from '../params.ts'
import { cellOf, floorOf } from './cell.ts'
import { JOIN_FUNCTION } from './functions.ts'
import { isNumericLane } from './number-cell.ts'
import type { ViewTable } from './view-table.ts'

type Place = Scope & { table: ViewTable }

/** Cells from here on are errors: the tag of `lane.ts`, which nothing else of any lane reaches. */
const ERRORS = "x'02'"

/** The words of SQLite for `query-sql.ts`. Cells compare as values do (`lane.ts`), so conditions are plain comparisons; only errors are kept out. */
export const SQLITE: Dialect<ViewTable> = { compare, oneOf, prefix, join, orderTerm, after, stored, value, object, tuple, array }

function compare(scope: Place, column: number, op: Comparison, constant: JsonValue, params: Params): string {
  const cell = cellName(scope, column)
  const { cell: value, exact } = floorOf(scope.table.lane(column), constant)
  switch (op) {
    case 'eq':
      return exact ? `${cell} = ${params.add(value)}` : '1=0'
    case 'ne':
      return exact ? `(${cell} <> ${params.add(value)} AND ${cell} < ${ERRORS})` : `${cell} < ${ERRORS}`
    // Between the floor and the constant there is no cell: below the constant is up to the floor.
    case 'lt':
      return `${cell} ${exact ? '<' : '<='} ${params.add(value)}`
    case 'le':
      return `${cell} <= ${params.add(value)}`
    case 'gt':
      return `(${cell} > ${params.add(value)} AND ${cell} < ${ERRORS})`
    case 'ge':
      return `(${cell} ${exact ? '>=' : '>'} ${params.add(value)} AND ${cell} < ${ERRORS})`
  }
}

function oneOf(scope: Place, column: number, constants: readonly JsonValue[], negated: boolean, params: Params): string {
  const cell = cellName(scope, column)
  const lane = scope.table.lane(column)
  const values = constants.map((constant) => floorOf(lane, constant)).filter((floor) => floor.exact)
  if (values.length === 0) return negated ? `${cell} < ${ERRORS}` : '1=0'
  const list = values.map((floor) => params.add(floor.cell)).join(', ')
  return negated ? `(${cell} NOT IN (${list}) AND ${cell} < ${ERRORS})` : `${cell} IN (${list})`
}

/** Texts only; a range, so that an index serves it. */
function prefix(scope: Place, column: number, start: string, negated: boolean, params: Params): string {
  const cell = cellName(scope, column)
  const from = params.add(start)
  const end = behindAll(start)
  const to = end === null ? "x''" : params.add(end)
  return negated ? `((${cell} < ${from} OR ${cell} >= ${to}) AND ${cell} < ${ERRORS})` : `(${cell} >= ${from} AND ${cell} < ${to})`
}

/** The least text above all that begin so; null if there is none. */
function behindAll(start: string): string | null {
  const points = Array.from(start)
  while (points.length > 0) {
    const last = must(must(points.pop()).codePointAt(0))
    if (last === 0x10ffff) continue
    // Behind U+D7FF come the surrogates, which are no characters.
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
  }
  return null
}

function join(child: Place, column: number, parent: Place, parentColumn: number): string {
  const cell = cellName(child, column)
  const own = child.table.lane(column)
  const other = parent.table.lane(parentColumn)
  const given = cellName(parent, parentColumn)
  if (own.name === other.name) return `${cell} = ${given} AND ${given} < ${ERRORS}`
  if (!isNumericLane(own) || !isNumericLane(other)) return `${cell} = ${own.blankSql} AND ${given} = ${other.blankSql}`
  // The exact text of the parent's number, as a cell of the child's lane: NULL, equal to none, where there is no such cell.
  return `${cell} = ${JOIN_FUNCTION}(${textConstant(own.name)}, json_quote(${value(parent, parentColumn)}))`
}

function orderTerm(scope: Place, column: number, direction: 'asc' | 'desc'): string {
  return `${cellName(scope, column)} ${direction === 'asc' ? 'ASC' : 'DESC'}`
}

/** Lexicographic, with the first column's range in front so that an index gives where to begin. */
function after(scope: Place, terms: readonly PlaceTerm[], params: Params): string {
  const bound = terms.map((term) => ({
    cell: cellName(scope, term.column),
    beyond: term.direction === 'asc' ? '>' : '<',
    value: params.add(cellOf(scope.table.lane(term.column), term.value)),
  }))
  const [first] = bound
  if (first === undefined) return '1=1'
  const condition = bound.reduceRight((rest, { cell, beyond, value }) => {
    const strictly = `${cell} ${beyond} ${value}`
    return rest === '' ? strictly : `(${strictly} OR (${cell} = ${value} AND ${rest}))`
  }, '')
  return bound.length === 1 ? condition : `${first.cell} ${first.beyond}= ${first.value} AND ${condition}`
}

function stored(table: ViewTable, columns: readonly number[]): readonly string[] {
  const names = new Set<string>()
  for (const column of columns) {
    names.add(`c${column}`).add('x')
    if (table.lane(column).kept !== null) names.add(`p${column}`)
  }
  return [...names]
}

/** What `x` holds goes first. NULL is written as `null`, so Blank needs no case of its own. */
function value(scope: Place, column: number): string {
  const lane = scope.table.lane(column)
  const cell = cellName(scope, column)
  // A rowid is a whole number and nothing else.
  if (scope.table.layout === 'rowid' && scope.table.key[0] === column) return cell
  const special = `${scope.alias}.x->'c${column}'`
  const kept = `${scope.alias}.p${column}`
  if (lane.kept === null) return `coalesce(${special}, ${lane.value(cell)})`
  return `coalesce(${lane.kept === 'json' ? `json(${kept})` : kept}, ${special})`
}

function object(fields: readonly (readonly [name: string, value: string])[]): string {
  return `json_object(${fields.map(([name, given]) => `${textConstant(name)}, ${given}`).join(', ')})`
}

function tuple(values: readonly string[]): string {
  return `json_array(${values.join(', ')})`
}

function array(row: string, from: string): string {
  return `SELECT json_group_array(${row}) AS "rows" FROM ${from}`
}

function textConstant(constant: string): string {
  return `'${constant.replaceAll("'", "''")}'`
}

function cellName(scope: Scope, column: number): string {
  return `${scope.alias}.c${column}`
}
