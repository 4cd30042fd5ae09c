import { CellError, isCellError, isCellErrorKind } from '@sheetflow/core/cell-error'
import type { Decimal } from '@sheetflow/core/decimal'
import { fold } from '@sheetflow/core/fold'
import { valueKey } from '@sheetflow/core/key'
import { compareNumbers, isNumber, normalNumber, type AnyNumber } from '@sheetflow/core/number'
import { compareText } from '@sheetflow/core/text'
import type { ColumnType } from '@sheetflow/core/type'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { Criterion, FormulaType } from './bound.ts'
import { microsOfMoment, microsOfSerial, momentBeside } from './value/calendar-form.ts'
import { momentFromText, numberFromText, serialOfMoment } from './value/number-text.ts'
import { isDateType, isNumberType } from './value/type-rules.ts'
import { zonedTime } from './value/zone.ts'
import { hasWildcard, headOfPattern, prefixOfPattern, wildcardTest } from './wildcard.ts'

/**
 * Excel's criteria (SUMIFS and its family) and Excel's lookup equality: what the engine's indexes and the binder both go by.
 *
 * Lookups are strict about kinds (`"1"` is not 1), criteria are not (`"1"` = 1); both fold letter case. In lookups Blank meets nothing; as a
 * criterion `""` meets Blank and '', `"="` Blank alone (so does `"="&` Blank or ''), `"<>"` all but Blank, and a Blank criterion is 0.
 *
 * Dates and times have serial numbers, and meet numbers by them. A value that is no text must come in the form of the cells (`value/calendar-form.ts`; the binder sees to it);
 * a text is read here.
 */

/** Normal form of what is matched, as a map key: safe integers are themselves, texts their folded form, all else begins with U+0000. */
export type MatchKey = number | string

/** What a criterion with a known value asks of a cell: a key, to be looked up, or a test. */
export type Matcher =
  | { readonly kind: 'equals'; readonly key: MatchKey }
  | { readonly kind: 'test'; readonly test: (cell: Value) => boolean }

/** The comparison that a criterion's text begins with. */
export type CriterionOperator = Exclude<Criterion['op'], 'criterion' | 'group' | 'is'>

/** `">=5"` → `>=` and `5`; no operator: null and the whole text. */
export function splitCriterion(text: string): { readonly op: CriterionOperator | null; readonly rest: string } {
  const op = /^(?:<>|<=|>=|<|>|=)/.exec(text)?.[0] ?? null
  return { op: op as CriterionOperator | null, rest: op === null ? text : text.slice(op.length) }
}

/** Key of a value for lookups: text is never a number. Null for Blank and errors, which meet nothing. */
export function lookupKey(value: Value): MatchKey | null {
  if (typeof value === 'string') return fold(value)
  if (value === null || isCellError(value)) return null
  return otherKey(value)
}

/** Key of a cell for criteria that ask for equality: text that reads as a number is one, Blank is ''. */
export function criterionKey(cell: Value): MatchKey {
  if (cell === null) return ''
  if (typeof cell !== 'string') return isCellError(cell) ? `\0${cell.kind}` : otherKey(cell)
  const number = mayBeNumber(cell) ? numberFromText(cell) : null
  return number === null ? fold(cell) : numberKey(number)
}

/**
 * Key of a cell for UNIQUE and GROUPBY (FORMATS 7, rule 4): text case-folded and never a number, Blank a group of its own (not that of ''). Null
 * for errors, which are in no group.
 */
export function groupKey(value: Value): MatchKey | null {
  return value === null ? BLANK_GROUP : lookupKey(value)
}

/** No other value has this key. */
const BLANK_GROUP: MatchKey = '\0-'
/** What an error asks for: no cell has this key. */
const NO_GROUP: MatchKey = '\0!'

/** `"=" & x` tells Blank from ''. */
function writtenKey(cell: Value): MatchKey {
  return cell === null ? BLANK_GROUP : criterionKey(cell)
}

function otherKey(value: Value): MatchKey {
  return isNumber(value) ? numberKey(value) : `\0${valueKey(value)}`
}

function numberKey(value: AnyNumber): MatchKey {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value + 0
  const normal = normalNumber(value)
  return typeof normal === 'number' ? normal : `\0${valueKey(normal)}`
}

/** Most texts are no numbers: their first character says so. */
function mayBeNumber(text: string): boolean {
  const code = text.charCodeAt(0)
  return (code >= 0x24 && code <= 0x39) || code <= 0x20
}

/**
 * What a criterion asks. `value` is its value (a text may hold operator and wildcards if `op` is `criterion`); `cellType` the type of the
 * column it is asked of: texts are read as dates and serial numbers where that holds dates or times, as serial numbers where it holds numbers.
 */
export function matcherOf(op: Criterion['op'], value: Value, cellType: ColumnType | null = null): Matcher {
  if (op === 'group') return { kind: 'equals', key: groupKey(value) ?? NO_GROUP }
  if (op === 'is') return value === null || value === '' ? { kind: 'equals', key: BLANK_GROUP } : matcherOf('=', value, cellType)
  if (op !== 'criterion' || typeof value !== 'string')
    return valueMatcher(op === 'criterion' ? '=' : op, inCellForm(value, cellType), cellType)
  const { op: written, rest } = splitCriterion(value)
  if (rest === '') return emptyMatcher(written)
  const sign = written ?? '='
  const operand = operandOf(rest, cellType)
  if (typeof operand === 'string' && hasWildcard(operand) && (sign === '=' || sign === '<>')) return patternMatcher(sign, operand)
  return valueMatcher(sign, operand, cellType)
}

/** One test for a whole criterion, whatever it asks. */
export function criteriaMatch(op: Criterion['op'], value: Value, cellType: ColumnType | null = null): (cell: Value) => boolean {
  const matcher = matcherOf(op, value, cellType)
  if (matcher.kind === 'test') return matcher.test
  const { key } = matcher
  const keyOf = cellKeyOf(op)
  return (cell) => keyOf(cell) === key
}

/** What a cell is grouped by to answer criteria of that kind by an index; null: it is in no group. */
export function cellKeyOf(op: Criterion['op']): (cell: Value) => MatchKey | null {
  switch (groupingOf(op)) {
    case 'group':
      return groupKey
    case 'is':
      return writtenKey
    case 'criterion':
      return criterionKey
  }
}

/** Criteria of one grouping of a column are answered by one index (`cellKeyOf`). */
export function groupingOf(op: Criterion['op']): 'group' | 'is' | 'criterion' {
  return op === 'group' || op === 'is' ? op : 'criterion'
}

/** Does it ask for equality, so that an index may answer it? A `criterion` does until its text says otherwise. */
export function asksEquality(op: Criterion['op']): boolean {
  return op === '=' || op === 'is' || op === 'criterion' || op === 'group'
}

/** `""`, `"="`, `"<>"`; an order with nothing behind it meets nothing. */
function emptyMatcher(op: CriterionOperator | null): Matcher {
  if (op === null) return { kind: 'equals', key: '' }
  if (op === '=') return { kind: 'test', test: (cell) => cell === null }
  return { kind: 'test', test: op === '<>' ? (cell) => cell !== null : () => false }
}

function patternMatcher(op: '=' | '<>', pattern: string): Matcher {
  const matches = wildcardTest(fold(pattern))
  const meets = (cell: Value): boolean => typeof cell === 'string' && matches(fold(cell))
  return { kind: 'test', test: op === '=' ? meets : (cell) => !meets(cell) }
}

/** Excel's `<>` is not what `=` leaves: a text that reads as a number is equal to it, but differs from it all the same. */
function differs(value: Value, key: MatchKey): (cell: Value) => boolean {
  const ofNumber = isNumber(value) || (typeof value === 'string' && numberFromText(value) !== null)
  return ofNumber ? (cell) => typeof cell === 'string' || criterionKey(cell) !== key : (cell) => criterionKey(cell) !== key
}

function valueMatcher(op: CriterionOperator, value: Value, cellType: ColumnType | null): Matcher {
  const key = criterionKey(value === null ? numberAmong(0, cellType) : value)
  switch (op) {
    case '=':
      return { kind: 'equals', key }
    case '<>':
      return { kind: 'test', test: value === null || value === '' ? (cell) => cell !== null : differs(value, key) }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { kind: 'test', test: orderTest(op, value) }
  }
}

/** Operators that ask for an order. */
export type BoundOperator = '<' | '<=' | '>' | '>='

/** A value with a place among cells of its kind; texts are folded. */
export type OrderKey = AnyNumber | string | boolean | Timestamp

const HOLDS: Readonly<Record<BoundOperator, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/** Orders hold within a kind only: numbers among numbers, texts among texts. Nothing is before or behind Blank and ''. */
function orderTest(op: BoundOperator, value: Value): (cell: Value) => boolean {
  const holds = HOLDS[op]
  const key = boundKey(value, null)
  return key === null ? () => false : (cell) => holds(compareToKey(cell, key))
}

/** A bound on cells that are in the order of `compareToKey`. */
export interface KeyBound {
  readonly op: BoundOperator
  readonly key: OrderKey
}

/** The texts that a criterion like `"ap*"` asks for, as bounds. Null: it asks for something else. */
export function prefixBounds(value: Value): readonly KeyBound[] | null {
  if (typeof value !== 'string') return null
  const { op, rest } = splitCriterion(value)
  const prefix = (op ?? '=') === '=' ? prefixOfPattern(fold(rest)) : null
  if (prefix === null) return null
  const behind = behindPrefix(prefix)
  return [{ op: '>=', key: prefix }, ...(behind === null ? [] : [{ op: '<', key: behind } as const])]
}

/** What a lookup with wildcards looks for. */
export interface LookupPattern {
  /** Texts that fit lie within. */
  readonly bounds: readonly KeyBound[]
  fits(cell: Value): boolean
}

/** The pattern of a search in mode 2; null: it has no wildcards, and is found where a cell is equal. */
export function lookupPattern(search: Value): LookupPattern | null {
  if (typeof search !== 'string' || !hasWildcard(search)) return null
  const pattern = fold(search)
  const matches = wildcardTest(pattern)
  const head = headOfPattern(pattern)
  const behind = behindPrefix(head)
  const from: KeyBound[] = head === '' ? [] : [{ op: '>=', key: head }]
  return {
    bounds: behind === null ? from : [...from, { op: '<', key: behind }],
    fits: (cell) => typeof cell === 'string' && matches(fold(cell)),
  }
}

/** The first text behind all that begin so, by code point; null: there is none. */
function behindPrefix(prefix: string): string | null {
  const letters = Array.from(prefix)
  for (let last = letters.pop(); last !== undefined; last = letters.pop()) {
    const code = last.codePointAt(0) ?? 0
    if (code < 0x10ffff) return letters.join('') + String.fromCodePoint(code === 0xd7ff ? 0xe000 : code + 1)
  }
  return null
}

/** The bound that `op value` sets to cells of that type, for an index that is ordered as `compareToKey` orders. Null: no cell meets it. */
export function boundKey(value: Value, cellType: ColumnType | null): OrderKey | null {
  if (value === '') return null
  const bound = inCellForm(value, cellType)
  return orderKey(typeof bound === 'string' ? (operandOf(bound, null) ?? bound) : bound)
}

/** What a lookup for the next smaller (−1) or larger (1) key goes by: kinds are strict, but a day is a moment and a moment a day. */
export function nearKey(value: Value, cellType: FormulaType | null, mode: -1 | 1): OrderKey | null {
  if (cellType?.type === 'date' && isMoment(value)) return mode === -1 || value.micros === 0 ? value.days : value.days + 1
  if (typeof value === 'number' && (cellType?.type === 'timestamp' || cellType?.type === 'timestamptz')) return { days: value, micros: 0 }
  return orderKey(value)
}

/** Null: the value has no place in an order (Blank, errors, lists). */
function orderKey(value: Value): OrderKey | null {
  if (isNumber(value) || typeof value === 'boolean') return value
  if (typeof value === 'string') return fold(value)
  return isMoment(value) ? value : null
}

/** Below 0: the cell stands before the key, above 0 behind it; NaN: it is of another kind, and neither. */
export function compareToKey(cell: Value, key: OrderKey): number {
  if (isNumber(key)) return isNumber(cell) ? compareNumbers(cell, key) : Number.NaN
  if (typeof key === 'string') return typeof cell === 'string' ? compareText(fold(cell), key) : Number.NaN
  if (typeof key === 'boolean') return typeof cell === 'boolean' ? Number(cell) - Number(key) : Number.NaN
  return isMoment(cell) ? cell.days - key.days || cell.micros - key.micros : Number.NaN
}

/** A criterion's text as the value it stands for, in the form of the column's cells. */
function operandOf(text: string, cellType: ColumnType | null): Value {
  const calendar = isDateType(cellType) ? momentFromText(text) : null
  if (calendar !== null) return momentAmong(calendar, cellType)
  const number = serialAmong(text, cellType)
  if (number !== null) return numberAmong(number, cellType)
  const word = text.toUpperCase()
  if (word === 'TRUE' || word === 'FALSE') return word === 'TRUE'
  return isCellErrorKind(word) ? new CellError(word) : text
}

/** A value that came as text where cells are dates, times or numbers is read as one; a day meets moments at its beginning. */
function inCellForm(value: Value, cellType: ColumnType | null): Value {
  if (isDateType(cellType)) {
    if (typeof value === 'string') return operandOf(value, cellType)
    return isMoment(value) ? momentAmong(value, cellType) : value
  }
  return typeof value === 'string' && isNumberType(cellType) ? (serialAmong(value, cellType) ?? value) : value
}

/** A text that is a number; among numbers a date or time stands for its own. */
function serialAmong(text: string, cellType: ColumnType | null): Decimal | null {
  const number = numberFromText(text)
  if (number !== null || !isNumberType(cellType)) return number
  const moment = momentFromText(text)
  return moment === null ? null : serialOfMoment(moment)
}

/** Where cells hold no dates but serial numbers among values of any kind, a criterion that is a date or time stands for its own. */
export function withSerial(criterion: Value): Value {
  if (typeof criterion !== 'string') return criterion
  const { op, rest } = splitCriterion(criterion)
  const moment = numberFromText(rest) === null ? momentFromText(rest) : null
  return moment === null ? criterion : `${op ?? '='}${serialOfMoment(moment).toString()}`
}

/** A criterion for moments in UTC, written as a zone shows them: with the one in UTC instead. A text that is no day, time or number stays. */
export function zonedCriterion(criterion: string, timeZone: string): string {
  const { op, rest } = splitCriterion(criterion)
  const moment = operandOf(rest, { type: 'timestamp' })
  if (rest === '' || !isMoment(moment)) return criterion
  const zoned = zonedTime(moment, timeZone)
  return `${op ?? ''}${serialOfMoment(zoned).toString()}`
}

/** A number among cells of that type: where they are dates or times what has it as its serial number. */
function numberAmong(number: AnyNumber, cellType: ColumnType | null): Value {
  if (cellType?.type === 'time') return microsOfSerial(number)
  return isDateType(cellType) ? momentAmong(momentBeside(number), cellType) : number
}

/** A moment among dates or times. */
function momentAmong(moment: Timestamp, cellType: ColumnType | null): Value {
  if (cellType?.type === 'time') return microsOfMoment(moment)
  return cellType?.type === 'date' ? dayOf(moment) : moment
}

/** A moment among days: at midnight the day, later between it and the next. */
function dayOf({ days, micros }: Timestamp): number {
  return micros === 0 ? days : days + 0.5
}

function isMoment(value: Value): value is Timestamp {
  return typeof value === 'object' && value !== null && 'days' in value && 'micros' in value && !('months' in value)
}
