import type { JsonValue } from '@sheetflow/core/value'
import { cellName } from '../conditions.ts'
import type { Dialect, Floor, Scope } from '../dialect.ts'
import type { SqlValue } from '../params.ts'
import { textConstant } from '../sql-text.ts'
import { cellOf, floorOf } from './cell.ts'
import { JOIN_FUNCTION } from './functions.ts'
import { isNumericLane } from './number-cell.ts'
import type { ViewTable } from './view-table.ts'

type Place = Scope<ViewTable>

/** Cells from here on are errors: the tag of `lane.ts`, which nothing else of any lane reaches. */
const ERRORS = "x'02'"

/** The words of SQLite for `query-sql.ts`: cells as `lane.ts` has them. */
export const SQLITE: Dialect<ViewTable> = {
  placeholder: (n) => `?${n}`,
  cell,
  floor,
  errors: () => ERRORS,
  textsEnd: "x''",
  join,
  stored,
  handle,
  value,
  object,
  tuple,
  array,
}

function cell(table: ViewTable, column: number, json: JsonValue): SqlValue {
  return cellOf(table.lane(column), json)
}

function floor(table: ViewTable, column: number, constant: JsonValue): Floor {
  return floorOf(table.lane(column), constant)
}

function join(child: Place, column: number, parent: Place, parentColumn: number): string {
  const own = child.table.lane(column)
  const other = parent.table.lane(parentColumn)
  const cellOfChild = cellName(child, column)
  const given = cellName(parent, parentColumn)
  if (own.name === other.name) return `${cellOfChild} = ${given} AND ${given} < ${ERRORS}`
  if (!isNumericLane(own) || !isNumericLane(other)) return `${cellOfChild} = ${own.blankSql} AND ${given} = ${other.blankSql}`
  // The exact text of the parent's number, as a cell of the child's lane: NULL, equal to none, where there is no such cell.
  return `${cellOfChild} = ${JOIN_FUNCTION}(${textConstant(own.name)}, json_quote(${value(parent, parentColumn)}))`
}

function stored(table: ViewTable, columns: readonly number[]): readonly string[] {
  const names = new Set<string>()
  for (const column of columns) {
    names.add(`c${column}`)
    if (table.mayStandApart(column)) names.add('x')
    if (table.lane(column).kept !== null) names.add(`p${column}`)
  }
  return [...names]
}

/** SQLite keeps what it sorts in a tree, each row whole: the less of a row, the faster, and a row that was read a moment ago is found again soon. */
function handle(table: ViewTable): readonly string[] {
  return table.handle
}

/** What `x` holds goes first, where there can be something. NULL is written as `null`, so Blank needs no case of its own. */
function value(scope: Place, column: number): string {
  const lane = scope.table.lane(column)
  const stands = cellName(scope, column)
  // A rowid is a whole number and nothing else.
  if (scope.table.layout === 'rowid' && scope.table.key[0] === column) return stands
  const keptText = `${scope.alias}.p${column}`
  const kept = lane.kept === 'json' ? `json(${keptText})` : keptText
  const plain = lane.kept === null ? lane.value(stands, scope.table.mayBeBlank(column)) : kept
  if (!scope.table.mayStandApart(column)) return plain
  const special = `${scope.alias}.x->'c${column}'`
  return lane.kept === null ? `coalesce(${special}, ${plain})` : `coalesce(${plain}, ${special})`
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
