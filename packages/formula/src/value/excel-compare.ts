import { isCellError } from '@sheetflow/core/cell-error'
import { compareValues } from '@sheetflow/core/compare'
import { equalFolded, fold } from '@sheetflow/core/fold'
import { compareNumbers, type AnyNumber } from '@sheetflow/core/number'
import { compareText } from '@sheetflow/core/text'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { FormulaType } from '../bound.ts'
import { laneReader, momentReader } from './readers.ts'
import { isDateType, isNumberType, isTextType } from './type-rules.ts'

/** −1, 0 or 1. Neither value is an error. */
export type Compare = (a: Value, b: Value) => number

/** The kinds that Excel's comparison knows: numbers (dates are numbers) before text before booleans. */
type Kind = 'blank' | 'number' | 'date' | 'text' | 'bool' | 'other'

const KIND_RANK: Readonly<Record<Kind, number>> = { blank: 0, number: 0, date: 0, text: 1, bool: 2, other: 3 }

/** Excel's `=` for values of two static types: as `excelCompare`, without asking which one is greater. Neither value is an error. */
export function excelEqual(a: FormulaType | null, b: FormulaType | null): (a: Value, b: Value) => boolean {
  if (isTextType(a) && isTextType(b)) return (x, y) => x === y || equalFolded((x ?? '') as string, (y ?? '') as string)
  const compare = excelCompare(a, b)
  return (x, y) => compare(x, y) === 0
}

/** What Excel's comparison takes a static type for. */
function kindOf(type: FormulaType | null): Kind {
  if (type === null) return 'blank'
  if (isNumberType(type)) return 'number'
  if (isDateType(type)) return 'date'
  if (isTextType(type)) return 'text'
  return type.type === 'bool' ? 'bool' : 'other'
}

/** Can values of these types be compared with `=`? Bytes, lists and intervals only with their own kind. */
export function areComparable(a: FormulaType | null, b: FormulaType | null): boolean {
  if (a === null || b === null || a.type === 'any' || b.type === 'any') return true
  return (kindOf(a) !== 'other' && kindOf(b) !== 'other') || a.type === b.type
}

/** Do these types always differ, because Excel never takes one for the other (`1="1"` is FALSE)? Blank is both. */
export function areOfDifferentKinds(a: FormulaType | null, b: FormulaType | null): boolean {
  if (a?.type === 'any' || b?.type === 'any') return false
  const [x, y] = [kindOf(a), kindOf(b)]
  return x !== 'blank' && y !== 'blank' && KIND_RANK[x] !== KIND_RANK[y]
}

/**
 * Excel's comparison inside formulas for values of two static types: text folds case, numbers go by value whatever their kind, Blank is the
 * zero of the other side (0, '', FALSE), and numbers < text < booleans.
 */
export function excelCompare(a: FormulaType | null, b: FormulaType | null): Compare {
  if (a?.type === 'any' || b?.type === 'any') return comparedByForm(a, b)
  const [x, y] = [kindOf(a), kindOf(b)]
  if (x === 'blank' && y === 'blank') return () => 0
  if (x === 'blank') return ofKind(y, b, b)
  if (y === 'blank') return ofKind(x, a, a)
  if (KIND_RANK[x] !== KIND_RANK[y]) return acrossKinds(x, a, y, b)
  return ofKind(x === y ? x : 'number', a, b)
}

/** The form of the values says what they are; a typed side keeps its type. */
function comparedByForm(a: FormulaType | null, b: FormulaType | null): Compare {
  return (x, y) => excelCompare(typeByForm(a, x), typeByForm(b, y))(x, y)
}

const NUMBER: FormulaType = { type: 'decimal' }
const TEXT: FormulaType = { type: 'text' }
const BOOL: FormulaType = { type: 'bool' }

function typeByForm(type: FormulaType | null, value: Value): FormulaType | null {
  if (type?.type !== 'any') return type
  if (value === null) return null
  return typeof value === 'string' ? TEXT : typeof value === 'boolean' ? BOOL : NUMBER
}

function ofKind(kind: Kind, a: FormulaType | null, b: FormulaType | null): Compare {
  switch (kind) {
    case 'number':
      return comparedAsNumbers(a, b)
    case 'date':
      return comparedAsMoments(a, b)
    case 'text':
      return (x, y) => (x === y ? 0 : compareText(x === null ? '' : fold(x as string), y === null ? '' : fold(y as string)))
    case 'bool':
      return (x, y) => Number(x === true) - Number(y === true)
    case 'blank':
    case 'other':
      return (x, y) => compareValues(x, y)
  }
}

function comparedAsNumbers(a: FormulaType | null, b: FormulaType | null): Compare {
  if (!isNumberType(a) || !isNumberType(b)) return comparedAsSerials(a, b)
  const plain = [a?.type, b?.type].every((type) => type === 'int' || type === 'double')
  if (plain) return (x, y) => ((x ?? 0) as number) - ((y ?? 0) as number)
  return (x, y) => compareNumbers((x ?? 0) as AnyNumber, (y ?? 0) as AnyNumber)
}

function comparedAsSerials(a: FormulaType | null, b: FormulaType | null): Compare {
  const [left, right] = [laneReader(a, 'decimal'), laneReader(b, 'decimal')]
  return (x, y) => {
    const [m, n] = [left(x), right(y)]
    return isCellError(m) || isCellError(n) ? 0 : compareNumbers(m, n)
  }
}

function comparedAsMoments(a: FormulaType | null, b: FormulaType | null): Compare {
  if (a?.type === b?.type && (a?.type === 'date' || a?.type === 'time')) {
    const zero = a.type === 'date' ? BEFORE_ALL_DAYS : 0
    return (x, y) => ((x ?? zero) as number) - ((y ?? zero) as number)
  }
  if (a?.type === 'time' || b?.type === 'time') return comparedAsSerials(a, b)
  const [left, right] = [momentReader(a), momentReader(b)]
  return (x, y) => compareMoments(x === null ? null : left(x), y === null ? null : right(y))
}

/** Blank is before every day, as 0 is. */
const BEFORE_ALL_DAYS = -Number.MAX_SAFE_INTEGER

function compareMoments(x: ReturnType<ReturnType<typeof momentReader>> | null, y: typeof x): number {
  if (x === null || y === null) return Number(x !== null) - Number(y !== null)
  if (isCellError(x) || isCellError(y)) return 0
  return compareDaysAndMicros(x, y)
}

function compareDaysAndMicros(x: Timestamp, y: Timestamp): number {
  return x.days - y.days || x.micros - y.micros
}

/** Of different kinds: the kind decides, but Blank is the zero of the other. */
function acrossKinds(x: Kind, a: FormulaType | null, y: Kind, b: FormulaType | null): Compare {
  const rank = KIND_RANK[x] - KIND_RANK[y]
  const [asA, asB] = [ofKind(x, a, a), ofKind(y, b, b)]
  return (left, right) => {
    if (left === null && right === null) return 0
    if (left === null) return asB(null, right)
    if (right === null) return asA(left, null)
    return rank
  }
}
