import { must } from '@sheetflow/core/assert'
import { SheetflowError } from '@sheetflow/core/errors'
import { ALWAYS } from '@sheetflow/core/predicate'
import type { Predicate } from '@sheetflow/core/predicate'
import { constantOf } from '@sheetflow/core/predicate-claims'
import type { ColumnSchema } from '@sheetflow/core/schema'
import type { JsonValue } from '@sheetflow/core/value'
import { canonicalTime } from './time-input.ts'
import type { ViewType } from './view-type.ts'

type Input = Readonly<Record<string, unknown>>

/** The values that one filter may compare with, all lists together. */
const MAX_CONSTANTS = 2_000

/**
 * The predicate of a `where` argument, which GraphQL has checked against the view's filter type; `query/invalid` for a value that the column
 * cannot have or a null where a value belongs (a variable that was forgotten must not mean "all").
 */
export function wherePredicate(type: ViewType, where: unknown): Predicate {
  if (where === undefined || where === null) return ALWAYS
  const count = { constants: 0 }
  return conjunction(type, where as Input, count)
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

interface Count {
  constants: number
}

function conjunction(type: ViewType, where: Input, count: Count): Predicate {
  const of: Predicate[] = []
  for (const [name, value] of Object.entries(where)) {
    if (name === '_and' || name === '_or') of.push(junction(type, name, value, count))
    else if (name === '_not') of.push({ op: 'not', of: conjunction(type, given(name, value), count) })
    else of.push(...comparisons(name, must(type.filterable.get(name)), given(name, value), count))
  }
  return { op: 'and', of }
}

function junction(type: ViewType, name: '_and' | '_or', value: unknown, count: Count): Predicate {
  if (!Array.isArray(value)) throw nullInput(name)
  return { op: name === '_and' ? 'and' : 'or', of: value.map((operand) => conjunction(type, operand as Input, count)) }
}

function comparisons(field: string, column: ColumnSchema, comparison: Input, count: Count): Predicate[] {
  return Object.entries(comparison).map(([operator, value]) => {
    count.constants += Array.isArray(value) ? value.length : 1
    if (count.constants > MAX_CONSTANTS) throw new SheetflowError('query/limit', `a filter compares with more than ${MAX_CONSTANTS} values`)
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
