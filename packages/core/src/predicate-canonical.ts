import { stableJson } from './json-text.ts'
import { ALWAYS, NEVER } from './predicate.ts'
import type { Predicate } from './predicate.ts'
import { compareText } from './text.ts'
import type { JsonValue } from './value.ts'

/**
 * The canonical form of predicates (FORMATS 2): equal rights and filters become one text (`stableJson`), one channel.
 *
 * - `not` stands at the leaves, and only where no opposite leaf exists: above `in`, `prefix` and `blank`.
 * - `and` and `or` are flattened, have two operands at least, sorted by their JSON text, no one twice; ALWAYS and NEVER are absorbed.
 * - `in` has two values at least, sorted by their JSON text, no one twice.
 * - No constant is Blank: `eq null` is `blank`, `lt null` holds for nothing, and so on.
 *
 * Exactly equivalent, for Blank and cell errors too: an error satisfies no leaf and no negated leaf, so `not (a < 1)` is `a >= 1`, and
 * "any value" is `blank or not blank`, which an error does not satisfy. Idempotent.
 */
export function canonical(predicate: Predicate): Predicate {
  return lower(predicate, false)
}

/** All of them, canonical. */
export function and(...predicates: readonly Predicate[]): Predicate {
  return canonical({ op: 'and', of: predicates })
}

/** Holds for every row in which the column is no cell error. */
function anyValue(column: string): Predicate {
  return junction('or', [
    { op: 'blank', column },
    { op: 'not', of: { op: 'blank', column } },
  ])
}

function isBlank(column: string, negated: boolean): Predicate {
  return negated ? { op: 'not', of: { op: 'blank', column } } : { op: 'blank', column }
}

/** @param negated is there a `not` above? It sinks to the leaves (De Morgan). */
function lower(p: Predicate, negated: boolean): Predicate {
  switch (p.op) {
    case 'and':
    case 'or':
      return junction(
        (p.op === 'and') === negated ? 'or' : 'and',
        p.of.map((operand) => lower(operand, negated)),
      )
    case 'not':
      return lower(p.of, !negated)
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return comparison(negated ? OPPOSITE[p.op] : p.op, p.column, p.value)
    case 'between':
      return negated
        ? junction('or', [comparison('lt', p.column, p.low), comparison('gt', p.column, p.high)])
        : between(p.column, p.low, p.high)
    case 'in':
      return among(p.column, p.values, negated)
    case 'prefix':
      return negated ? { op: 'not', of: prefix(p.column, p.value) } : prefix(p.column, p.value)
    case 'blank':
      return isBlank(p.column, negated)
  }
}

type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

const OPPOSITE: Readonly<Record<Comparison, Comparison>> = { eq: 'ne', ne: 'eq', lt: 'ge', ge: 'lt', gt: 'le', le: 'gt' }

function comparison(op: Comparison, column: string, value: JsonValue): Predicate {
  if (value !== null) return { op, column, value }
  switch (op) {
    case 'eq':
    case 'le':
      return isBlank(column, false)
    case 'ne':
    case 'gt':
      return isBlank(column, true)
    case 'ge':
      return anyValue(column)
    case 'lt':
      return NEVER
  }
}

function between(column: string, low: JsonValue, high: JsonValue): Predicate {
  if (low !== null && high !== null) return { op: 'between', column, low, high }
  return junction('and', [comparison('ge', column, low), comparison('le', column, high)])
}

function prefix(column: string, value: string): Predicate {
  return { op: 'prefix', column, value }
}

function among(column: string, values: readonly JsonValue[], negated: boolean): Predicate {
  const constants = unique(values.filter((value) => value !== null))
  const [first] = constants
  const listed =
    first === undefined
      ? []
      : constants.length === 1
        ? [comparison(negated ? 'ne' : 'eq', column, first)]
        : [inList(column, constants, negated)]
  const blank = values.length > constants.length && values.includes(null) ? [isBlank(column, negated)] : []
  const parts = [...listed, ...blank]
  // Nothing is in an empty list; what is not in it is every value, but no error.
  if (parts.length === 0) return negated ? anyValue(column) : NEVER
  return junction(negated ? 'and' : 'or', parts)
}

function inList(column: string, values: readonly JsonValue[], negated: boolean): Predicate {
  const leaf: Predicate = { op: 'in', column, values }
  return negated ? { op: 'not', of: leaf } : leaf
}

/** @param operands are canonical. */
function junction(op: 'and' | 'or', operands: readonly Predicate[]): Predicate {
  const [neutral, absorbing] = op === 'and' ? [ALWAYS, NEVER] : [NEVER, ALWAYS]
  const flat = operands.flatMap((operand) => (operand.op === op ? operand.of : [operand]))
  // ALWAYS is an empty `and`, NEVER an empty `or`: the neutral one has just vanished, the absorbing one decides.
  if (flat.some((operand) => operand.op === absorbing.op && isEmpty(operand))) return absorbing
  const distinct = unique(flat)
  if (distinct.length === 0) return neutral
  const [only] = distinct
  return distinct.length === 1 && only !== undefined ? only : { op, of: distinct }
}

function isEmpty(predicate: Predicate): boolean {
  return (predicate.op === 'and' || predicate.op === 'or') && predicate.of.length === 0
}

/** Sorted by JSON text, each once. */
function unique<T>(items: readonly T[]): readonly T[] {
  const byText = new Map(items.map((item) => [stableJson(item), item]))
  return [...byText].sort(([a], [b]) => compareText(a, b)).map(([, item]) => item)
}
