import type { BoundOperator, KeyBound } from '@sheetflow/formula/criteria'
import { boundKey, compareToKey, nearKey, prefixBounds } from '@sheetflow/formula/criteria'
import type { Criterion } from '@sheetflow/formula/bound'
import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { orderNumber } from '../structures/order-number.ts'
import type { OrderedColumn } from '../operators/ordered-column.ts'
import { NOTHING } from '../operators/range-callers.ts'
import type { Span } from '../operators/range-callers.ts'
import type { Column } from '../state/column.ts'
import { exprKey } from './expr-tools.ts'
import type { Cell } from './planner.ts'

/** A criterion with its value as a cell. */
export interface Asked {
  readonly criterion: Criterion
  readonly column: Column
  readonly value: Cell
}

/** A criterion that sets a bound. */
export interface Bound extends Asked {
  readonly op: BoundOperator
}

/** The rows of a group that lie within a caller's bounds: positions in the ordered column, and whether a cell does. */
export interface Range {
  readonly from: number
  readonly to: number
  holds(cell: Value): boolean
}

const NO_ROWS: Range = { from: 0, to: 0, holds: () => false }

/** The criterion as a bound; null: it asks for something else. */
export function asBound(asked: Asked): Bound | null {
  const { op } = asked.criterion
  return op === '<' || op === '<=' || op === '>' || op === '>=' ? { ...asked, op } : null
}

/** What rows ask of an ordered column. */
export interface RangeAsked {
  readonly column: Column
  /** The bounds of a row; null: it asks for no row. */
  readonly at: (slot: number) => readonly KeyBound[] | null
  readonly reads: readonly Cell[]
  /** Equal for questions that are. */
  readonly name: string
}

/** By bounds that are all on one column; null: there are none. */
export function askedByBounds(bounds: readonly Bound[]): RangeAsked | null {
  const [first] = bounds
  if (first === undefined) return null
  const text = bounds.map(({ criterion }) => `${criterion.op}${exprKey(criterion.value)}`)
  const at = (slot: number): readonly KeyBound[] | null => {
    const keys: KeyBound[] = []
    for (const { op, column, value } of bounds) {
      const key = boundKey(value.run(slot), column.type)
      if (key === null) return null
      keys.push({ op, key })
    }
    return keys
  }
  return { column: first.column, at, reads: bounds.map((one) => one.value), name: `${first.criterion.column}${text.join('&')}` }
}

/** By what texts begin with, where a row's criterion is such a pattern (`"ap*"`). */
export function askedByPrefix({ criterion, column, value }: Asked): RangeAsked {
  return {
    column,
    at: (slot) => prefixBounds(value.run(slot)),
    reads: [value],
    name: `${criterion.column} begins ${exprKey(criterion.value)}`,
  }
}

/** What the bounds of a caller let in. */
export function rangeOf(ordered: OrderedColumn, entry: number, asked: RangeAsked, slot: number): Range {
  const bounds = asked.at(slot)
  if (bounds === null || entry < 0) return NO_ROWS
  let from = 0
  let to = ordered.size(entry)
  for (const { op, key } of bounds) {
    if (!ordered.accepts(key)) return NO_ROWS
    if (op === '>' || op === '>=') from = Math.max(from, ordered.position(entry, key, op === '>'))
    else to = Math.min(to, ordered.position(entry, key, op === '<='))
  }
  return { from, to: Math.max(from, to), holds: (cell) => bounds.every(({ op, key }) => isWithin(op, compareToKey(cell, key))) }
}

function isWithin(op: BoundOperator, order: number): boolean {
  switch (op) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}

/** The numbers within the bounds of a caller. */
export function spanOf(asked: RangeAsked, slot: number): Span {
  const bounds = asked.at(slot)
  if (bounds === null) return NOTHING
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  for (const { op, key } of bounds) {
    if (op === '>' || op === '>=') low = Math.max(low, orderNumber(key))
    else high = Math.min(high, orderNumber(key))
  }
  return { low, high }
}

/** The numbers that the rank of a value depends on: those it is counted from, itself among them. `order` 0 counts from the greatest. */
export function rankSpan(type: Column['type'], value: Value, order: Value): Span {
  if (isCellError(value)) return NOTHING
  const key = nearKey(value ?? 0, type, -1)
  if (key === null) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const number = orderNumber(key)
  if (order === null || order === 0) return { low: number, high: Number.POSITIVE_INFINITY }
  return order === 1 ? { low: Number.NEGATIVE_INFINITY, high: number } : { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
}
