import { must } from './assert.ts'
import { comparatorFor } from './compare.ts'
import { isJsonError, isUnchanged } from './json-special.ts'
import { jsonKey } from './key.ts'
import type { RowJson } from './message.ts'
import type { NamedColumn } from './predicate-claims.ts'
import type { Predicate } from './predicate.ts'
import type { ColumnType } from './type.ts'
import type { JsonValue } from './value.ts'

/**
 * Evaluation of predicates over rows in JSON form. Two-valued: Blank is a value, smaller than all others; a cell error (or a column
 * that was not sent) satisfies no leaf and no negated leaf. `not` above a junction means its De Morgan form. Any predicate can be compiled,
 * canonical or not; the names in it must be among the columns (a bug otherwise).
 */

/** The test of rows as arrays in the order of the schema's columns. */
export function compileRowPredicate(predicate: Predicate, schema: { readonly columns: readonly NamedColumn[] }): (row: RowJson) => boolean {
  return compile(predicate, false, columnFinder(schema.columns))
}

type Test = (row: RowJson) => boolean

/** A column of the rows at hand. */
interface Column {
  readonly type: ColumnType
  readonly read: (row: RowJson) => JsonValue
}

type FindColumn = (name: string) => Column

function columnFinder(columns: readonly NamedColumn[]): FindColumn {
  const indexes = new Map(columns.map((column, index) => [column.name, index]))
  return (name) => {
    const index = must(indexes.get(name), `predicates name columns of their view, '${name}' is none`)
    return { type: must(columns[index]), read: (row) => row[index] ?? null }
  }
}

function compile(p: Predicate, negated: boolean, find: FindColumn): Test {
  switch (p.op) {
    case 'and':
    case 'or': {
      const tests = p.of.map((operand) => compile(operand, negated, find))
      return (p.op === 'and') === negated ? anyOf(tests) : allOf(tests)
    }
    case 'not':
      return compile(p.of, !negated, find)
    case 'eq':
    case 'ne':
      return equality(find(p.column), p.value, (p.op === 'eq') !== negated)
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return inequality(find(p.column), p.op, p.value, negated)
    case 'between': {
      const { type, read } = find(p.column)
      const compare = comparatorFor(type)
      return leaf(read, negated, (json) => compare(json, p.low) >= 0 && compare(json, p.high) <= 0)
    }
    case 'in': {
      const { type, read } = find(p.column)
      const wanted = new Set(p.values.map((value) => jsonKey(type, value)))
      return leaf(read, negated, (json) => wanted.has(jsonKey(type, json)))
    }
    case 'prefix':
      return leaf(find(p.column).read, negated, (json) => typeof json === 'string' && json.startsWith(p.value))
    case 'blank':
      return leaf(find(p.column).read, negated, (json) => json === null)
  }
}

function allOf(tests: readonly Test[]): Test {
  const [first, second] = tests
  if (first !== undefined && second === undefined) return first
  return (row) => {
    for (const test of tests) if (!test(row)) return false
    return true
  }
}

function anyOf(tests: readonly Test[]): Test {
  const [first, second] = tests
  if (first !== undefined && second === undefined) return first
  return (row) => {
    for (const test of tests) if (test(row)) return true
    return false
  }
}

/** A leaf over one value: never true for an error, whether negated or not. */
function leaf(read: (row: RowJson) => JsonValue, negated: boolean, holds: (json: JsonValue) => boolean): Test {
  return (row) => {
    const json = read(row)
    return isComparable(json) && holds(json) !== negated
  }
}

function isComparable(json: JsonValue): boolean {
  return typeof json !== 'object' || json === null || !(isJsonError(json) || isUnchanged(json))
}

function equality({ type, read }: Column, value: JsonValue, wanted: boolean): Test {
  if (hasOneForm(type)) return leaf(read, !wanted, (json) => json === value)
  const compare = comparatorFor(type)
  return leaf(read, !wanted, (json) => compare(json, value) === 0)
}

function inequality({ type, read }: Column, op: 'lt' | 'le' | 'gt' | 'ge', value: JsonValue, negated: boolean): Test {
  const compare = comparatorFor(type)
  switch (op) {
    case 'lt':
      return leaf(read, negated, (json) => compare(json, value) < 0)
    case 'le':
      return leaf(read, negated, (json) => compare(json, value) <= 0)
    case 'gt':
      return leaf(read, negated, (json) => compare(json, value) > 0)
    case 'ge':
      return leaf(read, negated, (json) => compare(json, value) >= 0)
  }
}

/** Types in which equal values have equal JSON scalars. */
function hasOneForm(type: ColumnType): boolean {
  return type.type !== 'decimal' && type.type !== 'interval' && type.type !== 'list'
}
