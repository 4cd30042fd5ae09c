import type { ExprType, FormulaType } from '../bound.ts'

/**
 * The kinds of numbers that arithmetic knows, from narrow to wide (FORMATS 1, result types). In memory: `int` number, `bigint` bigint,
 * `decimal` Decimal, `double` number.
 */
export type Lane = 'int' | 'bigint' | 'decimal' | 'double'

const RANK: Readonly<Record<Lane, number>> = { int: 0, bigint: 1, decimal: 2, double: 3 }

/**
 * The lane in which a value of that type is computed with, or null for what is no number: text is read as a number (decimal), booleans are
 * 0 and 1, dates their serial number (with a fraction where they have a time of day).
 */
export function laneOf(type: FormulaType | null): Lane | null {
  if (type === null) return 'int'
  switch (type.type) {
    case 'int':
    case 'bool':
    case 'date':
      return 'int'
    case 'bigint':
      return 'bigint'
    case 'decimal':
    case 'any':
    case 'text':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return 'decimal'
    case 'double':
      return 'double'
    case 'bytes':
    case 'interval':
    case 'uuid':
    case 'json':
    case 'list':
      return null
  }
}

/** As `laneOf` for an argument that may be an array: of an array only cells that are numbers are read. */
export function laneOfArgument({ type, array }: ExprType): Lane | null {
  const skipped = array === true && (type?.type === 'text' || type?.type === 'bool' || laneOf(type) === null)
  return skipped ? 'int' : laneOf(type)
}

/** The lane that holds the values of both. */
export function widerLane(a: Lane, b: Lane): Lane {
  return RANK[a] >= RANK[b] ? a : b
}

/** The column type of a lane's results. */
export function typeOfLane(lane: Lane): FormulaType {
  return { type: lane }
}
