import { isCellError } from '@sheetflow/core/cell-error'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { Value } from '@sheetflow/core/value'

/** Is it what Excel had? Numbers within a relative 1e-9, everything else exactly. A formula that gives Blank shows 0 in Excel. */
export function isSame(expected: Value, got: Value): boolean {
  if (isNumber(expected)) {
    const [a, b] = [toDecimal(expected).toNumber(), got === null ? 0 : isNumber(got) ? toDecimal(got).toNumber() : Number.NaN]
    return a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b))
  }
  if (isCellError(expected)) return isCellError(got) && got.kind === expected.kind
  if (expected === null) return got === null || got === '' || got === 0
  return expected === got
}

/** A cell's value as a message shows it. */
export function shownValue(value: Value): string {
  if (value === null) return ''
  if (isCellError(value)) return value.kind
  if (isNumber(value)) return toDecimal(value).toString()
  return typeof value === 'boolean' ? (value ? 'TRUE' : 'FALSE') : JSON.stringify(value)
}
