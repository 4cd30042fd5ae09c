import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import { ALWAYS } from '@sheetflow/core/predicate'
import type { Predicate } from '@sheetflow/core/predicate'
import { constantOf } from '@sheetflow/core/predicate-claims'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import type { ServeLimits } from '../limits.ts'
import { canonicalTime } from './time-input.ts'
import type { ViewType } from './view-type.ts'

type Input = Readonly<Record<string, unknown>>

/**
 * What the filters of one request may hold, counted before anything is made of them: making a predicate canonical compares each condition with its
 * neighbours at every level, and statements hold so many values.
 */
export class FilterBudget {
  readonly #limits: ServeLimits
  #requestValues = 0
  #values = 0
  #conditions = 0

  constructor(limits: ServeLimits) {
    this.#limits = limits
  }

  /** The next filter begins. */
  begin(): void {
    this.#values = 0
    this.#conditions = 0
  }

  /** One more condition that compares with so many values; `query/limit` if that is too much. */
  spend(values: number): void {
    this.#conditions += 1
    this.#values += values
    this.#requestValues += Math.max(1, values)
    const { filterConditions, filterConstants, requestConstants } = this.#limits
    if (this.#conditions > filterConditions) throw tooMuch(`a filter has more than ${filterConditions} conditions`)
    if (this.#values > filterConstants) throw tooMuch(`a filter compares with more than ${filterConstants} values`)
    if (this.#requestValues > requestConstants) throw tooMuch(`the filters of a request compare with more than ${requestConstants} values`)
  }

  /** Conditions may stand so many levels below the filter; `query/limit` further down. */
  checkDepth(level: number): void {
    const { filterDepth } = this.#limits
    if (level > filterDepth) throw tooMuch(`conditions stand in each other deeper than ${filterDepth}`)
  }
}

/**
 * The predicate of a `where` argument, which GraphQL has checked against the view's filter type; `query/invalid` for a value that the column
 * cannot have, or where a value belongs and there is none, null or a variable without one (what was forgotten must not mean "all").
 */
export function wherePredicate(type: ViewType, where: unknown, budget: FilterBudget): Predicate {
  if (where === undefined || where === null) return ALWAYS
  budget.begin()
  return conjunction(type, where as Input, budget, 0)
}

/** A value of a column as a constant of predicates; `query/invalid` if it is none. */
export function constant(field: string, column: ColumnSchema, value: unknown): JsonValue {
  const json = constantOf(column, typeof value === 'string' ? canonicalTime(column, value) : value)
  if (json !== undefined) return json
  const shown = value === null || value === undefined ? 'null' : JSON.stringify(value)
  throw new SheetflowError('query/invalid', `${shown} is no ${column.type}, which '${field}' is`, {
    fix: value === null || value === undefined ? 'Ask for Blank with _is_null.' : `Write the value as ${column.type}.`,
  })
}

function conjunction(type: ViewType, where: Input, budget: FilterBudget, level: number): Predicate {
  budget.checkDepth(level)
  const of: Predicate[] = []
  const conditions = Object.entries(where)
  if (conditions.length === 0) budget.spend(0)
  for (const [name, value] of conditions) {
    if (name === '_and' || name === '_or') of.push(junction(type, name, value, budget, level + 1))
    else if (name === '_not') of.push({ op: 'not', of: conjunction(type, given(name, value), budget, level + 1) })
    else of.push(...comparisons(name, must(type.filterable.get(name)), given(name, value), budget))
  }
  return { op: 'and', of }
}

function junction(type: ViewType, name: '_and' | '_or', value: unknown, budget: FilterBudget, level: number): Predicate {
  if (!Array.isArray(value)) throw nullInput(name)
  if (value.length === 0) budget.spend(0)
  return { op: name === '_and' ? 'and' : 'or', of: value.map((operand) => conjunction(type, operand as Input, budget, level)) }
}

function comparisons(field: string, column: ColumnSchema, comparison: Input, budget: FilterBudget): Predicate[] {
  const operators = Object.entries(comparison)
  if (operators.length === 0) {
    throw new SheetflowError('query/invalid', `'${field}' is compared with nothing`, {
      fix: 'Give the variable that stands there a value, or leave the condition out.',
    })
  }
  return operators.map(([operator, value]) => {
    budget.spend(Array.isArray(value) ? value.length : 1)
    return leaf(field, column, operator, value)
  })
}

// over: one line per operator of Hasura's filters
function leaf(field: string, column: ColumnSchema, operator: string, value: unknown): Predicate {
  const name = column.name
  const one = (): JsonValue => constant(field, column, value)
  const many = (): JsonValue[] => {
    if (!Array.isArray(value)) throw nullInput(operator)
    return value.map((item) => constant(field, column, item))
  }
  switch (operator) {
    case '_eq':
      return { op: 'eq', column: name, value: one() }
    case '_neq':
      return { op: 'ne', column: name, value: one() }
    case '_lt':
      return { op: 'lt', column: name, value: one() }
    case '_lte':
      return { op: 'le', column: name, value: one() }
    case '_gt':
      return { op: 'gt', column: name, value: one() }
    case '_gte':
      return { op: 'ge', column: name, value: one() }
    case '_in':
      return { op: 'in', column: name, values: many() }
    case '_nin':
      return { op: 'not', of: { op: 'in', column: name, values: many() } }
    case '_prefix':
      return { op: 'prefix', column: name, value: textOf(operator, one()) }
    case '_is_null':
      if (typeof value !== 'boolean') throw nullInput(operator)
      return value ? { op: 'blank', column: name } : { op: 'not', of: { op: 'blank', column: name } }
    default:
      throw new SheetflowError('query/invalid', `'${operator}' is no comparison`)
  }
}

function textOf(name: string, value: JsonValue): string {
  if (typeof value === 'string') return value
  throw nullInput(name)
}

function given(name: string, value: unknown): Input {
  if (typeof value !== 'object' || value === null) throw nullInput(name)
  return value as Input
}

function nullInput(name: string): SheetflowError {
  return new SheetflowError('query/invalid', `null is no value for '${name}'`, {
    fix: 'Leave the condition out, or ask for Blank with _is_null.',
  })
}

function tooMuch(message: string): SheetflowError {
  return new SheetflowError('query/limit', message, {
    fix: 'Ask for less at once, or let a sheet compute what it takes to choose the rows.',
  })
}
