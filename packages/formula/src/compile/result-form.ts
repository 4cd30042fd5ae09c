import { Decimal } from '@sheetflow/core/decimal'
import type { Value } from '@sheetflow/core/value'
import type { ExprType } from '../bound.ts'

/** What makes of a formula's value the form that a computed column keeps; null where it is that already. */
export function resultForm({ type }: ExprType): ((value: Value) => Value) | null {
  if (type?.type !== 'decimal') return null
  return (value) => (value instanceof Decimal ? value.normalize() : value)
}
