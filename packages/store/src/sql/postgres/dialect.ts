import type { JsonValue } from '@sheetflow/core/value'
import { cellName } from '../conditions.ts'
import type { Dialect, Scope } from '../dialect.ts'
import { textConstant } from '../sql-text.ts'
import { cellOf, wellFormed } from './cell.ts'
import { blankSql, errorsSql, TEXTS_END } from './lane.ts'
import type { ViewTable } from './view-table.ts'

type Place = Scope<ViewTable>

/** Arguments of one function of Postgres at most. */
const MAX_ARGUMENTS = 90

/**
 * The words of Postgres for `query-sql.ts`: cells as `lane.ts` has them. JSON is put together as text, because `json_build_object` takes 50 fields
 * at most and a row may have hundreds.
 */
export const POSTGRES: Dialect<ViewTable> = {
  placeholder: (n) => `$${n}`,
  cell: constantCell,
  // There is a cell for every number and every text.
  floor: (table, column, constant) => ({ cell: constantCell(table, column, constant), exact: true }),
  errors: (table, column) => errorsSql(table.lane(column)),
  textsEnd: TEXTS_END,
  join,
  stored,
  // It sorts pointers to rows.
  handle: () => null,
  value,
  object,
  tuple,
  array,
}

/** A cell that is bound as it is. */
function constantCell(table: ViewTable, column: number, json: JsonValue): string {
  return wellFormed(cellOf(table.lane(column), json))
}

function join(child: Place, column: number, parent: Place, parentColumn: number): string {
  const own = child.table.lane(column)
  const other = parent.table.lane(parentColumn)
  const cell = cellName(child, column)
  const given = cellName(parent, parentColumn)
  if (own.name === other.name) return `${cell} = ${given} AND ${given} < ${errorsSql(other)}`
  return `${cell} = ${blankSql(own)} AND ${given} = ${blankSql(other)}`
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

/** JSON text, never NULL. What `x` holds goes first, where there can be something. */
function value(scope: Place, column: number): string {
  const plain = scope.table.lane(column).print(cellName(scope, column), `${scope.alias}.p${column}`)
  const special = scope.table.mayStandApart(column) ? `(${scope.alias}.x->'c${column}')::text, ` : ''
  return `coalesce(${special}${plain}, 'null')`
}

function object(fields: readonly (readonly [name: string, value: string])[]): string {
  return braced(
    '{',
    fields.flatMap(([name, given], i) => [textConstant(`${i === 0 ? '' : ','}${JSON.stringify(name)}:`), given]),
    '}',
  )
}

function tuple(values: readonly string[]): string {
  return braced(
    '[',
    values.flatMap((given, i) => (i === 0 ? [given] : [`','`, given])),
    ']',
  )
}

function array(row: string, from: string): string {
  return `SELECT coalesce('[' || string_agg(${row}, ',') || ']', '[]') AS "rows" FROM ${from}`
}

function braced(open: string, parts: readonly string[], close: string): string {
  return concatenated([`'${open}'`, ...parts, `'${close}'`])
}

function concatenated(parts: readonly string[]): string {
  if (parts.length <= MAX_ARGUMENTS) return `concat(${parts.join(', ')})`
  const groups: string[] = []
  for (let i = 0; i < parts.length; i += MAX_ARGUMENTS) groups.push(concatenated(parts.slice(i, i + MAX_ARGUMENTS)))
  return concatenated(groups)
}
