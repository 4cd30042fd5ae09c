import type { JsonValue } from '@sheetflow/core/value'

/** Cents of a decimal in its JSON form; NaN if it is none. */
export function cents(value: JsonValue | undefined): number {
  return typeof value === 'string' ? Math.round(Number(value) * 100) : Number.NaN
}
