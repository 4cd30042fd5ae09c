import { isCellError } from '@sheetflow/core/cell-error'
import type { Decimal } from '@sheetflow/core/decimal'
import { toJson } from '@sheetflow/core/json-codec'
import { isNumber, toDecimal } from '@sheetflow/core/number'
import type { ColumnType } from '@sheetflow/core/type'
import type { JsonValue, Timestamp, Value } from '@sheetflow/core/value'
import type { Expr } from '@sheetflow/formula/bound'
import { isDateType } from '@sheetflow/formula/value/type-rules'
import { readTyped } from '../compile/literal.ts'

/** A constant in the JSON form of a column's type, as predicates carry it. Undefined: no value of the column equals it. */
export function constantJson(type: ColumnType, { value, type: given }: Expr & { kind: 'const' }): JsonValue | undefined {
  if (value === null) return null
  if (isCellError(value) || (typeof value !== 'string' && isDateType(type) !== isDateType(given))) return undefined
  const fitting = inForm(type, value)
  return fitting === undefined ? undefined : toJson(type, fitting)
}

function inForm(type: ColumnType, value: Value): Value | undefined {
  if (isNumber(value)) return numberInForm(type, toDecimal(value))
  if (typeof value === 'string') return readTyped(type, value)
  if (typeof value === 'boolean') return type.type === 'bool' ? value : undefined
  if (isMoment(value)) return type.type === 'timestamp' || type.type === 'timestamptz' ? value : undefined
  return undefined
}

function numberInForm(type: ColumnType, value: Decimal): Value | undefined {
  const whole = value.normalize()
  switch (type.type) {
    case 'int':
      return whole.scale === 0 && typeof whole.units === 'number' ? whole.units : undefined
    case 'bigint':
      return whole.scale === 0 ? BigInt(whole.units) : undefined
    case 'decimal':
      if (type.s === undefined) return whole
      return whole.scale <= type.s ? whole.rescale(type.s, 'half-away') : undefined
    case 'double':
      return value.toNumber()
    case 'date':
    case 'time':
      return whole.scale === 0 && typeof whole.units === 'number' ? whole.units : undefined
    case 'timestamp':
    case 'timestamptz':
      return whole.scale === 0 && typeof whole.units === 'number' ? { days: whole.units, micros: 0 } : undefined
    default:
      return undefined
  }
}

function isMoment(value: Value): value is Timestamp {
  return typeof value === 'object' && value !== null && 'days' in value && 'micros' in value && !('months' in value)
}
