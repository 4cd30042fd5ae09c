import type { SearchPlan } from '@sheetflow/core/query-plan'
import { Conditions } from '../conditions.ts'
import { Params } from '../params.ts'
import { isAlways, predicateSql } from '../predicate-sql.ts'
import type { FindTable, Statement } from '../query-sql.ts'
import { SQLITE } from './dialect.ts'
import { matchOf, rowId } from './search-index.ts'
import type { ViewTable } from './view-table.ts'

/** A search as one statement: best matches first, ties by key. Without a word in the text, and in a view without `search` columns: no rows. */
export function searchStatement(find: FindTable<ViewTable>, plan: SearchPlan): Statement {
  const params = new Params(SQLITE.placeholder)
  const table = find(plan.view, plan.generation)
  const match = matchOf(plan.text)
  if (match === null || table.schema.search.length === 0) return { text: `SELECT '[]' AS "rows"`, values: [] }
  const inner = { table, alias: 't' }
  const outer = { table, alias: 'r' }
  const positions = plan.columns.map((column) => table.position(column))
  const where = predicateSql(new Conditions(SQLITE, params), inner, plan.where)
  const found = `${table.searchName} MATCH ${params.add(match)}`
  const columns = SQLITE.stored(table, positions).map((name) => `t.${name}`)
  const rows = `SELECT ${columns.length === 0 ? '1' : columns.join(', ')} FROM ${table.searchName} AS s JOIN ${table.name} AS t ON t.${rowId(table)} = s.rowid
    WHERE ${found}${isAlways(where) ? '' : ` AND ${where}`}
    ORDER BY s.rank, ${table.key.map((i) => `t.c${i}`).join(', ')} LIMIT ${params.add(plan.limit)}`
  const object = SQLITE.object(plan.columns.map((column, i) => [column, SQLITE.value(outer, positions[i] ?? 0)]))
  return { text: SQLITE.array(object, `(${rows}) AS r`), values: params.values }
}
