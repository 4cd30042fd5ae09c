import { Decimal } from './decimal.ts'
import { isJsonOf } from './json-codec.ts'
import { normalDecimalText } from './number-text.ts'
import { canonical } from './predicate-canonical.ts'
import { NEVER } from './predicate.ts'
import type { Operand, Predicate, PredicateTemplate } from './predicate.ts'
import { cleanText } from './text.ts'
import type { ColumnType } from './type.ts'
import type { JsonValue } from './value.ts'

/** A column by name and type, as `ColumnSchema` has it. */
export type NamedColumn = ColumnType & { readonly name: string }

/**
 * A rule with the reader's claims put in as constants of their columns' types, canonical. A claim that is missing, Blank or does not fit its
 * column makes the whole rule NEVER: what is not known admits nothing, above a `not` or in one arm of an `or` as well.
 */
export function bindClaims(
  template: PredicateTemplate,
  claims: Readonly<Record<string, unknown>>,
  columns: readonly NamedColumn[],
): Predicate {
  const types = new Map<string, ColumnType>(columns.map((column) => [column.name, column]))
  const bound = bind(template, (column, operand) => {
    const type = types.get(column)
    if (!isClaim(operand)) return operand
    const value = Object.hasOwn(claims, operand.claim) ? claims[operand.claim] : undefined
    return type === undefined ? undefined : constantOf(type, value)
  })
  return bound === null ? NEVER : canonical(bound)
}

/**
 * A value that came as JSON of another kind (claims of a token, GraphQL literals) as the JSON form of a column's type: 7 and "7" are the bigint
 * "7"; undefined if it has none without loss. Blank is no constant: undefined.
 */
export function constantOf(type: ColumnType, value: unknown): JsonValue | undefined {
  switch (typeof value) {
    case 'boolean':
      return type.type === 'bool' ? value : undefined
    case 'number':
      return Number.isFinite(value) ? numberConstant(type, String(value)) : undefined
    case 'string':
      return textConstant(type, value)
    default:
      return undefined
  }
}

function isClaim(operand: Operand): operand is { readonly claim: string } {
  return typeof operand === 'object' && operand !== null && 'claim' in operand
}

type Resolve = (column: string, operand: Operand) => JsonValue | undefined

/** Null as soon as one operand cannot be resolved. */
function bind(p: PredicateTemplate, resolve: Resolve): Predicate | null {
  switch (p.op) {
    case 'and':
    case 'or': {
      const of = p.of.map((operand) => bind(operand, resolve))
      return of.includes(null) ? null : { op: p.op, of: of as Predicate[] }
    }
    case 'not': {
      const of = bind(p.of, resolve)
      return of === null ? null : { op: 'not', of }
    }
    case 'in': {
      const values = p.values.map((operand) => resolve(p.column, operand))
      return values.includes(undefined) ? null : { op: 'in', column: p.column, values: values as JsonValue[] }
    }
    case 'between': {
      const low = resolve(p.column, p.low)
      const high = resolve(p.column, p.high)
      return low === undefined || high === undefined ? null : { op: 'between', column: p.column, low, high }
    }
    case 'prefix':
    case 'blank':
      return p
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge': {
      const value = resolve(p.column, p.value)
      return value === undefined ? null : { op: p.op, column: p.column, value }
    }
  }
}

function numberConstant(type: ColumnType, text: string): JsonValue | undefined {
  switch (type.type) {
    case 'int':
    case 'double':
      return isJsonOf(type, Number(text)) ? Number(text) + 0 : undefined
    case 'bigint':
    case 'decimal': {
      const exact = Decimal.tryParse(text)
      if (exact === null) return undefined
      const json = normalDecimalText(exact.toString())
      return isJsonOf(type, json) ? json : undefined
    }
    default:
      return undefined
  }
}

const NUMERIC = /^-?\d+(\.\d+)?$/

function textConstant(type: ColumnType, text: string): JsonValue | undefined {
  switch (type.type) {
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'double':
      return NUMERIC.test(text) ? numberConstant(type, text) : undefined
    case 'uuid':
      return isJsonOf(type, text.toLowerCase()) ? text.toLowerCase() : undefined
    case 'bool':
    case 'list':
      return undefined
    case 'text':
      // As every text that enters: else a router would look for what no store can hold, and each store for something else.
      return cleanText(text).text
    default:
      return isJsonOf(type, text) ? text : undefined
  }
}
