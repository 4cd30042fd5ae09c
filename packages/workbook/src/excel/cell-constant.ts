import { Decimal } from '@sheetflow/core/decimal'
import type { ColumnType } from '@sheetflow/core/type'
import type { Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'

/** A cell's value as a constant of its type: a number is an exact decimal where 15 digits, all that Excel ever shows, say what it is; else a double. */
export function constantOf(value: Value): Expr {
  if (typeof value !== 'number') return { kind: 'const', value, type: typeOf(value), nullable: value === null }
  if (Number.isSafeInteger(value)) return { kind: 'const', value, type: { type: 'int' }, nullable: false }
  const exact = Decimal.fromNumber(value).significant(15)
  if (exact.digits() > 38 || exact.toNumber() !== value) return { kind: 'const', value, type: { type: 'double' }, nullable: false }
  return { kind: 'const', value: exact, type: { type: 'decimal' }, nullable: false }
}

function typeOf(value: Value): ColumnType | null {
  return typeof value === 'string' ? { type: 'text' } : typeof value === 'boolean' ? { type: 'bool' } : null
}
