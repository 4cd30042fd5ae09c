import type { BoundOperator, OrderKey } from '@sheetflow/formula/criteria'
import { boundKey, compareToKey, nearKey } from '@sheetflow/formula/criteria'
import type { Criterion } from '@sheetflow/formula/bound'
import { isCellError } from '@sheetflow/core/cell-error'
import type { Value } from '@sheetflow/core/value'
import { orderNumber } from '../operators/order-number.ts'
import type { OrderedColumn } from '../operators/ordered-column.ts'
import { NOTHING } from '../operators/range-callers.ts'
import type { Span } from '../operators/range-callers.ts'
import type { Column } from '../state/column.ts'
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

/** What the bounds of a caller, all on the ordered column, let in. */
export function rangeOf(ordered: OrderedColumn, entry: number, bounds: readonly Bound[], slot: number): Range {
  let from = 0
  let to = ordered.size(entry)
  const keys: OrderKey[] = []
  for (const { op, column, value } of bounds) {
    const key = boundKey(value.run(slot), column.type)
    if (key === null || !ordered.accepts(key)) return NO_ROWS
    keys.push(key)
    if (op === '>' || op === '>=') from = Math.max(from, ordered.position(entry, key, op === '>'))
    else to = Math.min(to, ordered.position(entry, key, op === '<='))
  }
  const holds = (cell: Value): boolean => bounds.every(({ op }, i) => isWithin(op, compareToKey(cell, keys[i] as OrderKey)))
  return { from, to: Math.max(from, to), holds }
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
export function spanOf(bounds: readonly Bound[], slot: number): Span {
  let low = Number.NEGATIVE_INFINITY
  let high = Number.POSITIVE_INFINITY
  for (const { op, column, value } of bounds) {
    const key = boundKey(value.run(slot), column.type)
    if (key === null) return NOTHING
    const number = orderNumber(key)
    if (op === '>' || op === '>=') low = Math.max(low, number)
    else high = Math.min(high, number)
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
