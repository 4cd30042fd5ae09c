import type { SearchPlan } from '@sheetflow/core/query-plan'
import { Conditions } from '../conditions.ts'
import { Params } from '../params.ts'
import { isAlways, predicateSql } from '../predicate-sql.ts'
import type { FindTable, Statement } from '../query-sql.ts'
import { POSTGRES } from './dialect.ts'
import { searchQuery } from './row-arrays.ts'
import type { ViewTable } from './view-table.ts'

/** A search as one statement: best matches first, ties by key. Without a word in the text, and in a view without `search` columns: no rows. */
export function searchStatement(find: FindTable<ViewTable>, plan: SearchPlan, first: number): Statement {
  const params = new Params(POSTGRES.placeholder, first)
  const table = find(plan.view, plan.generation)
  const query = searchQuery(plan.text)
  if (query === null || table.searched.length === 0) return { text: `SELECT '[]' AS "rows"`, values: [] }
  const inner = { table, alias: 't' }
  const outer = { table, alias: 'r' }
  const positions = plan.columns.map((column) => table.position(column))
  const where = predicateSql(new Conditions(POSTGRES, params), inner, plan.where)
  const words = `(${table.wordsSql(inner.alias)})`
  const asked = `${params.add(query)}::tsquery`
  const columns = POSTGRES.stored(table, positions).map((name) => `t.${name}`)
  const order = [`ts_rank(${words}, ${asked}) DESC`, ...table.key.map((i) => `t.c${i}`)].join(', ')
  const rows = `SELECT ${columns.length === 0 ? '1' : columns.join(', ')} FROM ${table.name} AS t WHERE ${words} @@ ${asked}${isAlways(where) ? '' : ` AND ${where}`}
    ORDER BY ${order} LIMIT ${params.add(plan.limit)}`
  const object = POSTGRES.object(plan.columns.map((column, i) => [column, POSTGRES.value(outer, positions[i] ?? 0)]))
  return { text: POSTGRES.array(object, `(${rows}) AS r`), values: params.values }
}
