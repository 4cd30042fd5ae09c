import type { ColumnType } from '@sheetflow/core/type'
import type { ExprType, FormulaType } from '../bound.ts'
import { laneOf, widerLane } from './lane.ts'

/** Is it a number by type (not merely readable as one)? */
export function isNumberType(type: FormulaType | null): boolean {
  return type !== null && (type.type === 'int' || type.type === 'bigint' || type.type === 'decimal' || type.type === 'double')
}

/** Is it text in formulas? uuid and json are text there. */
export function isTextType(type: FormulaType | null): boolean {
  return type !== null && (type.type === 'text' || type.type === 'uuid' || type.type === 'json')
}

/** A calendar type: it has a serial number. */
export function isDateType(type: FormulaType | null): boolean {
  return type !== null && (type.type === 'date' || type.type === 'time' || type.type === 'timestamp' || type.type === 'timestamptz')
}

/** Is its serial number a fraction? */
export function hasTimeOfDay(type: FormulaType | null): boolean {
  return isDateType(type) && type?.type !== 'date'
}

/** Same type; the scale of decimals does not count. */
function sameType(a: FormulaType, b: FormulaType): boolean {
  if (a.type === 'list' && b.type === 'list') return sameType(a.of, b.of)
  return a.type === b.type
}

/** The type that holds the values of both, or null if there is none (`number ∪ text`: wrap in TEXT). */
function widen(a: FormulaType, b: FormulaType): FormulaType | null {
  if (a.type === 'any' || b.type === 'any') return ANY
  if (sameType(a, b))
    return a.type === 'decimal' && b.type === 'decimal' && a.s === b.s ? a : a.type === 'decimal' ? { type: 'decimal' } : a
  const lanes = [isNumberType(a) ? laneOf(a) : null, isNumberType(b) ? laneOf(b) : null] as const
  if (lanes[0] !== null && lanes[1] !== null) return { type: widerLane(lanes[0], lanes[1]) }
  if (isTextType(a) && isTextType(b)) return { type: 'text' }
  const moments = [a.type, b.type]
  if (moments.includes('date') && moments.includes('timestamp')) return { type: 'timestamp' }
  return null
}

/** The type of "one of these values": widened, Blank if one may be. `null`: two of them have no common type. */
export function widenAll(types: readonly ExprType[]): ExprType | null {
  let type: FormulaType | null = null
  for (const one of types) {
    if (one.type === null) continue
    const joined: FormulaType | null = type === null ? one.type : widen(type, one.type)
    if (joined === null) return null
    type = joined
  }
  return { type, nullable: types.some((one) => one.nullable) }
}

/** What is known only when it is there. */
export const ANY: FormulaType = { type: 'any' }

/** The type of a computed column: a computed decimal has a scale of its own. */
export function computedType(type: FormulaType | null): ColumnType {
  if (type === null || type.type === 'any') return { type: 'text' }
  return type.type === 'decimal' ? { type: 'decimal' } : type
}

/** How a type is called in messages. */
export function typeLabel(type: FormulaType | null): string {
  if (type === null) return 'Blank'
  if (type.type === 'any') return 'a value of any kind'
  return type.type === 'list' ? `list of ${typeLabel(type.of)}` : type.type === 'bool' ? 'boolean' : type.type
}
