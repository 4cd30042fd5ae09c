import type { ColumnType } from '@sheetflow/core/type'
import type { ExprType } from '../bound.ts'
import { laneOf, widerLane } from './lane.ts'

/** Is it a number by type (not merely readable as one)? */
export function isNumberType(type: ColumnType | null): boolean {
  return type !== null && (type.type === 'int' || type.type === 'bigint' || type.type === 'decimal' || type.type === 'double')
}

/** Is it text in formulas? uuid and json are text there. */
export function isTextType(type: ColumnType | null): boolean {
  return type !== null && (type.type === 'text' || type.type === 'uuid' || type.type === 'json')
}

/** A calendar type: it has a serial number. */
export function isDateType(type: ColumnType | null): boolean {
  return type !== null && (type.type === 'date' || type.type === 'time' || type.type === 'timestamp' || type.type === 'timestamptz')
}

/** Same type; the scale of decimals does not count. */
function sameType(a: ColumnType, b: ColumnType): boolean {
  if (a.type === 'list' && b.type === 'list') return sameType(a.of, b.of)
  return a.type === b.type
}

/** The type that holds the values of both, or null if there is none (`number ∪ text`: wrap in TEXT). */
function widen(a: ColumnType, b: ColumnType): ColumnType | null {
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
  let type: ColumnType | null = null
  for (const one of types) {
    if (one.type === null) continue
    const joined: ColumnType | null = type === null ? one.type : widen(type, one.type)
    if (joined === null) return null
    type = joined
  }
  return { type, nullable: types.some((one) => one.nullable) }
}

/** The type of a computed column: a computed decimal has a scale of its own. */
export function computedType(type: ColumnType | null): ColumnType {
  if (type === null) return { type: 'text' }
  return type.type === 'decimal' ? { type: 'decimal' } : type
}

/** How a type is called in messages. */
export function typeLabel(type: ColumnType | null): string {
  if (type === null) return 'Blank'
  return type.type === 'list' ? `list of ${typeLabel(type.of)}` : type.type === 'bool' ? 'boolean' : type.type
}
