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

/** For rows that are read by column index: `(read) => boolean`, where `read(i)` gives column i of `columns`. */
export function compilePredicate(predicate: Predicate, columns: readonly NamedColumn[]): (read: (index: number) => JsonValue) => boolean {
  return compile(
    predicate,
    false,
    columnFinder(columns, (read: (index: number) => JsonValue, index) => read(index)),
  )
}

/** For rows as arrays in the order of the schema's columns. */
export function compileRowPredicate(predicate: Predicate, schema: { readonly columns: readonly NamedColumn[] }): (row: RowJson) => boolean {
  return compile(
    predicate,
    false,
    columnFinder(schema.columns, (row: RowJson, index) => row[index] ?? null),
  )
}

/** For rows as objects by column name; a column that is absent is Blank. */
export function compileRecordPredicate(
  predicate: Predicate,
  columns: readonly NamedColumn[],
): (row: Readonly<Record<string, JsonValue>>) => boolean {
  const names = columns.map((column) => column.name)
  return compile(
    predicate,
    false,
    columnFinder(columns, (row: Readonly<Record<string, JsonValue>>, index) => row[names[index] ?? ''] ?? null),
  )
}

type Test<Row> = (row: Row) => boolean

/** A column of the rows at hand. */
interface Column<Row> {
  readonly type: ColumnType
  readonly read: (row: Row) => JsonValue
}

type FindColumn<Row> = (name: string) => Column<Row>

function columnFinder<Row>(columns: readonly NamedColumn[], read: (row: Row, index: number) => JsonValue): FindColumn<Row> {
  const indexes = new Map(columns.map((column, index) => [column.name, index]))
  return (name) => {
    const index = must(indexes.get(name), `predicates name columns of their view, '${name}' is none`)
    return { type: must(columns[index]), read: (row) => read(row, index) }
  }
}

function compile<Row>(p: Predicate, negated: boolean, find: FindColumn<Row>): Test<Row> {
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

function allOf<Row>(tests: readonly Test<Row>[]): Test<Row> {
  const [first, second] = tests
  if (first !== undefined && second === undefined) return first
  return (row) => {
    for (const test of tests) if (!test(row)) return false
    return true
  }
}

function anyOf<Row>(tests: readonly Test<Row>[]): Test<Row> {
  const [first, second] = tests
  if (first !== undefined && second === undefined) return first
  return (row) => {
    for (const test of tests) if (test(row)) return true
    return false
  }
}

/** A leaf over one value: never true for an error, whether negated or not. */
function leaf<Row>(read: (row: Row) => JsonValue, negated: boolean, holds: (json: JsonValue) => boolean): Test<Row> {
  return (row) => {
    const json = read(row)
    return isComparable(json) && holds(json) !== negated
  }
}

function isComparable(json: JsonValue): boolean {
  return typeof json !== 'object' || json === null || !(isJsonError(json) || isUnchanged(json))
}

function equality<Row>({ type, read }: Column<Row>, value: JsonValue, wanted: boolean): Test<Row> {
  if (hasOneForm(type)) return leaf(read, !wanted, (json) => json === value)
  const compare = comparatorFor(type)
  return leaf(read, !wanted, (json) => compare(json, value) === 0)
}

function inequality<Row>({ type, read }: Column<Row>, op: 'lt' | 'le' | 'gt' | 'ge', value: JsonValue, negated: boolean): Test<Row> {
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
