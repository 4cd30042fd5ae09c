import { CELL_ERROR_KINDS, isCellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import type { FormulaType } from '@sheetflow/formula/bound'
import { momentFromText, numberFromText } from '@sheetflow/formula/value/number-text'
import { compare, kindOf } from './plain.ts'
import type { Plain } from './plain.ts'
import { askedBeside, isCalendar } from './serials.ts'

type Operator = '=' | '<>' | '<' | '<=' | '>' | '>='

/**
 * A criterion: `op` where the formula's text shows it (`">="&[@from]`, `[@id]` is `=`), else null, and a text may begin with one and hold
 * wildcards.
 */
export interface PlainCriterion {
  readonly op: Operator | null
  readonly value: Plain
}

const OPERATOR = /^(<>|<=|>=|=|<|>)?(.*)$/s

/** The operator that a text begins with, and the rest. */
export function splitOperator(text: string): readonly [op: Operator | null, rest: string] {
  const found = OPERATOR.exec(text)
  return [(found?.[1] as Operator | undefined) ?? null, found?.[2] ?? '']
}

/** May the text be more than itself? */
export function isPattern(text: string): boolean {
  return /[*?~]/.test(text) || splitOperator(text)[0] !== null
}

/** Does a cell of a column of that type meet it? Cell and value are as `serials.ts` puts them beside each other. */
export function meets({ op, value }: PlainCriterion, cell: Plain, type: FormulaType | null, zone: string): boolean {
  if (op !== null) return isMet(op, value, cell, type, zone)
  if (typeof value !== 'string') return isMet('=', value, cell, type, zone)
  const [written, rest] = splitOperator(value)
  if (rest === '') {
    if (written === null) return cell === null || cell === ''
    if (written === '=') return cell === null
    return written === '<>' && cell !== null
  }
  const asked = written ?? '='
  if (asked === '=' || asked === '<>') {
    const error = CELL_ERROR_KINDS.find((kind) => kind === rest.toUpperCase())
    if (error !== undefined) return (isCellError(cell) && cell.kind === error) === (asked === '=')
    if (/[*?~]/.test(rest)) return (typeof cell === 'string' && fits(fold(cell), fold(rest))) === (asked === '=')
  }
  return isMet(asked, operandOf(rest, type, zone), cell, type, zone)
}

/** What a text stands for beside cells of that type. */
function operandOf(text: string, type: FormulaType | null, zone: string): Plain {
  const hasSerials = isCalendar(type) || ['int', 'bigint', 'decimal', 'double'].includes(type?.type ?? '')
  const moment = hasSerials ? momentFromText(text) : null
  if (moment !== null) return askedBeside(moment, null, type, zone)
  const number = numberFromText(text)
  if (number !== null) return askedBeside(number, null, type, zone)
  const word = text.toUpperCase()
  return word === 'TRUE' || word === 'FALSE' ? word === 'TRUE' : text
}

function isMet(op: Operator, value: Plain, cell: Plain, type: FormulaType | null, zone: string): boolean {
  // A criterion that is Blank is 0; with an order or `<>` before it nothing is asked.
  if (value === null) return op === '=' ? isEqual(askedBeside(0, null, type, zone), cell) : op === '<>' && cell !== null
  if (isCellError(value)) return (isCellError(cell) && cell.kind === value.kind) === (op === '=') && (op === '=' || op === '<>')
  // A text that came as one is equal to texts; the word behind an order (`"<"&"TRUE"`) is the truth.
  const isItself = typeof value !== 'string' || ((op === '=' || op === '<>') && /^(true|false)$/i.test(value))
  const operand = isItself ? value : operandOf(value, type, zone)
  if (op === '=') return isEqual(operand, cell)
  if (op === '<>') return compare(operand, cell) !== 0
  // A text that is the name of an error is that error, which has no place in an order.
  if (typeof operand === 'string' && CELL_ERROR_KINDS.some((kind) => kind === operand.toUpperCase())) return false
  if (kindOf(operand) !== kindOf(cell)) return false
  const order = compare(cell, operand)
  return op === '<' ? order < 0 : op === '<=' ? order <= 0 : op === '>' ? order > 0 : order >= 0
}

/** `"1"` is 1. */
function isEqual(operand: Plain, cell: Plain): boolean {
  if (kindOf(operand) === 'number' && typeof cell === 'string') {
    const number = numberFromText(cell)
    return number !== null && compare(operand, number) === 0
  }
  if (operand === '') return cell === null || cell === ''
  return compare(operand, cell) === 0
}

/** `*` any text, `?` one character (as LEN counts them: a code point), `~` takes what follows as it is. */
function fits(text: string, pattern: string): boolean {
  return fitsFrom(Array.from(text), Array.from(pattern))
}

function fitsFrom(text: readonly string[], pattern: readonly string[]): boolean {
  const [char, ...tail] = pattern
  if (char === undefined) return text.length === 0
  const rest = text.slice(1)
  if (char === '*') return fitsFrom(text, tail) || (text.length > 0 && fitsFrom(rest, pattern))
  if (text.length === 0) return false
  if (char === '~' && tail.length > 0) return text[0] === tail[0] && fitsFrom(rest, tail.slice(1))
  return (char === '?' || text[0] === char) && fitsFrom(rest, tail)
}
