import { must } from '@sheetflow/core/assert'
import type { NestedPlan, QueryPlan } from '@sheetflow/core/query-plan'
import type { JsonValue } from '@sheetflow/core/value'
import { cellName, Conditions } from './conditions.ts'
import type { PlaceTerm } from './conditions.ts'
import type { Dialect, QueryTable, Scope } from './dialect.ts'
import { Params } from './params.ts'
import type { SqlValue } from './params.ts'
import { isAlways, predicateSql } from './predicate-sql.ts'

/** One statement with its bound values. It gives one row with one column: the JSON text of an array of row objects. */
export interface Statement {
  readonly text: string
  readonly values: readonly SqlValue[]
}

/** Finds the table of a view's generation. Throws `query/not-ready` if that is not the current one. */
export type FindTable<T extends QueryTable> = (view: string, generation: number) => T

/** A list that is sorted and needs at least so many stored columns is found by key first, where the database gains by it. */
const WIDE_COLUMNS = 8

/**
 * A plan as one statement. Shape, for each level:
 *
 *     SELECT <array of objects> FROM (SELECT <needed columns> FROM table WHERE … ORDER BY … LIMIT n) AS row
 *
 * Rows are chosen, ordered and cut before any JSON is made; nested lists are subqueries of the object, run for the chosen rows alone. Where wide rows
 * are sorted, the inner `SELECT` may give handles alone (`Dialect.handle`), by which the rows are then read one by one, in its order.
 *
 * @param first number of the first bound value, where the statement becomes a part of a greater one
 */
export function queryStatement<T extends QueryTable>(
  dialect: Dialect<T>,
  find: FindTable<T>,
  plan: QueryPlan,
  first: number = 1,
): Statement {
  const params = new Params(dialect.placeholder, first)
  const planner = new Planner(dialect, find, params)
  return { text: planner.list(plan, null), values: params.values }
}

/** The parent's scope and the columns by which a nested list hangs on it. */
interface Parent<T extends QueryTable> {
  readonly scope: Scope<T>
  readonly on: NestedPlan['on']
}

class Planner<T extends QueryTable> {
  readonly #dialect: Dialect<T>
  readonly #find: FindTable<T>
  readonly #params: Params
  readonly #conditions: Conditions<T>
  #aliases = 0

  constructor(dialect: Dialect<T>, find: FindTable<T>, params: Params) {
    this.#dialect = dialect
    this.#find = find
    this.#params = params
    this.#conditions = new Conditions(dialect, params)
  }

  list(plan: QueryPlan, parent: Parent<T> | null): string {
    const table = this.#find(plan.view, plan.generation)
    const inner = { table, alias: this.#alias('t') }
    const outer = { table, alias: this.#alias('r') }
    return this.#dialect.array(this.#object(plan, outer), this.#from(plan, { inner, outer }, parent))
  }

  /** The chosen rows in order, under the alias of `outer`, with the columns that their objects need. */
  #from(plan: QueryPlan, { inner, outer }: { readonly inner: Scope<T>; readonly outer: Scope<T> }, parent: Parent<T> | null): string {
    const { table } = inner
    const columns = this.#dialect.stored(table, neededColumns(table, plan))
    const handle = plan.order.length > 0 && columns.length >= WIDE_COLUMNS ? this.#dialect.handle(table) : null
    if (handle === null) return `(${this.#rows(plan, inner, parent, columns)}) AS ${outer.alias}`
    const chosen = this.#alias('h')
    const same = handle.map((name) => `${outer.alias}.${name} = ${chosen}.${name}`).join(' AND ')
    // Not a mere JOIN, whose sides SQLite may swap: the order is that of the handles.
    return `(${this.#rows(plan, inner, parent, handle)}) AS ${chosen} CROSS JOIN ${table.name} AS ${outer.alias} ON ${same}`
  }

  /** These columns of the chosen rows, in order. */
  #rows(plan: QueryPlan, scope: Scope<T>, parent: Parent<T> | null, names: readonly string[]): string {
    const { table } = scope
    const conditions = [predicateSql(this.#conditions, scope, plan.where)]
    for (const [child, of] of parent?.on ?? []) {
      const above = must(parent).scope
      conditions.push(this.#dialect.join(scope, table.position(child), above, above.table.position(of)))
    }
    if (plan.after !== undefined) conditions.push(this.#conditions.after(scope, placeOf(table, plan)))
    const where = conditions.filter((condition) => !isAlways(condition))
    const columns = names.map((name) => `${scope.alias}.${name}`)
    const order = orderColumns(table, plan).map(
      ({ column, direction }) => `${cellName(scope, column)} ${direction === 'asc' ? 'ASC' : 'DESC'}`,
    )
    const filter = where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`
    // Only a view without a key, which has one row, may have no order.
    const sorted = order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`
    return `SELECT ${columns.join(', ')} FROM ${table.name} AS ${scope.alias}${filter}${sorted} LIMIT ${this.#params.add(plan.limit)}`
  }

  #object(plan: QueryPlan, scope: Scope<T>): string {
    const dialect = this.#dialect
    const fields = plan.columns.map((column) => [column, dialect.value(scope, scope.table.position(column))] as const)
    const nested = plan.nested.map((list) => [list.as, `(${this.list(list.plan, { scope, on: list.on })})`] as const)
    const key = plan.key ? [['_key', dialect.tuple(scope.table.key.map((column) => dialect.value(scope, column)))] as const] : []
    return dialect.object([...fields, ...nested, ...key])
  }

  #alias(letter: string): string {
    return `${letter}${this.#aliases++}`
  }
}

/** The order of the plan, closed by the key, so that every order is total. */
function orderColumns(table: QueryTable, plan: QueryPlan): Omit<PlaceTerm, 'value'>[] {
  const terms = plan.order.map((term) => ({ column: table.position(term.column), direction: term.direction }))
  return [...terms, ...table.key.map((column) => ({ column, direction: 'asc' as const }))]
}

function placeOf(table: QueryTable, plan: QueryPlan): PlaceTerm[] {
  const values = [...must(plan.after).order, ...must(plan.after).key]
  return orderColumns(table, plan).map((term, i) => ({ ...term, value: (values[i] ?? null) as JsonValue }))
}

function neededColumns(table: QueryTable, plan: QueryPlan): number[] {
  const joined = plan.nested.flatMap((list) => list.on.map(([, parent]) => parent))
  const positions = [...plan.columns, ...joined].map((column) => table.position(column))
  // Rows that show nothing are still counted.
  const needed = plan.key || positions.length === 0 ? [...positions, ...table.key] : positions
  return needed.length === 0 ? [0] : [...new Set(needed)]
}
