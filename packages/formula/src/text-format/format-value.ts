import { isCellError, type CellError } from '@sheetflow/core/cell-error'
import { Decimal } from '@sheetflow/core/decimal'
import { toDecimal } from '@sheetflow/core/number'
import type { Timestamp, Value } from '@sheetflow/core/value'
import type { FormulaType } from '../bound.ts'
import { VALUE } from '../value/cell-errors.ts'
import { generalNumber, textReader } from '../value/general-text.ts'
import { laneOf } from '../value/lane.ts'
import { momentFromText, serialFromText, serialOfMoment } from '../value/number-text.ts'
import { laneReader, momentOfSerial, momentReader } from '../value/readers.ts'
import { isDateType, isTextType } from '../value/type-rules.ts'
import { formatMoment } from './format-date.ts'
import { formatGeneral } from './format-general.ts'
import { formatNumber } from './format-number.ts'
import { parseFormat } from './parse-format.ts'
import type { Section } from './section.ts'

/**
 * TEXT: a value of that static type in a number format of Excel's (en-US). Text that is no number comes back as it is (or in the format's `@`
 * section), booleans as TRUE and FALSE; a format that is none is `#VALUE!`.
 */
export function formatter(type: FormulaType | null): (value: Value, format: string) => string | CellError {
  const asText = textReader(type)
  if (type?.type === 'bool') return (value) => asText(value)
  if (isTextType(type)) return formatText
  if (type?.type === 'any') return formatAny
  if (laneOf(type) === null) return (value, format) => (parseFormat(format) === null ? VALUE : asText(value))
  if (isDateType(type) && type?.type !== 'time') return dateFormatter(type)
  const read = laneReader(type, 'decimal')
  return (value, format) => {
    const number = laneOf(type) === 'double' ? laneReader(type, 'double')(value) : read(value)
    return isCellError(number) ? number : formatDecimal(toDecimal(number), format, null)
  }
}

/** A value whose form says what it is. */
function formatAny(value: Value, format: string): string | CellError {
  if (typeof value === 'string') return formatText(value, format)
  return typeof value === 'boolean' ? READ_BOOL(value) : FORMAT_NUMBER(value, format)
}

function dateFormatter(type: FormulaType | null): (value: Value, format: string) => string | CellError {
  const read = momentReader(type)
  return (value, format) => {
    const moment = read(value)
    if (isCellError(moment)) return moment
    return formatDecimal(value === null ? Decimal.ZERO : serialOfMoment(moment), format, value === null ? null : moment)
  }
}

function formatText(value: Value, format: string): string | CellError {
  if (value === null) return formatDecimal(Decimal.ZERO, format, null)
  if (typeof value !== 'string') return VALUE
  const number = serialFromText(value)
  if (number !== null) return formatDecimal(number, format, momentFromText(value))
  const sections = parseFormat(format)
  if (sections === null) return VALUE
  const section = sections[3] ?? sections.find((one) => one.kind === 'text')
  return section === undefined
    ? value
    : section.tokens.map((token) => (token.kind === 'text' ? value : token.kind === 'literal' ? token.text : '')).join('')
}

const READ_BOOL = textReader({ type: 'bool' })
const FORMAT_NUMBER = formatter({ type: 'decimal' })

/** `moment` where the value is one (its serial number would have lost microseconds). */
function formatDecimal(value: Decimal, format: string, moment: Timestamp | null): string | CellError {
  if (format === '') return ''
  const sections = parseFormat(format)
  if (sections === null) return VALUE
  const { section, magnitude, sign } = choose(sections, value)
  if (section === null) return VALUE
  if (section.kind === 'general') {
    return (
      sign +
      section.tokens
        .map((token) => (token.kind === 'general' ? formatGeneral(magnitude) : token.kind === 'literal' ? token.text : ''))
        .join('')
    )
  }
  if (section.kind === 'text')
    return (
      sign +
      section.tokens
        .map((token) => (token.kind === 'text' ? generalNumber(magnitude) : token.kind === 'literal' ? token.text : ''))
        .join('')
    )
  if (section.kind === 'number') return sign + formatNumber(magnitude, section)
  const shown = moment ?? momentOfSerial(value)
  return isCellError(shown) ? VALUE : formatMoment(shown, section)
}

/** The section for that value, and whether the sign is still to be written: a section for negatives shows none by itself. */
function choose(sections: readonly Section[], value: Decimal): { section: Section | null; magnitude: Decimal; sign: string } {
  const magnitude = value.abs()
  const sign = value.sign() < 0 ? '-' : ''
  const [first = null, second = null, third = null] = sections.filter(
    (one, index) => index < 3 && !(one.kind === 'text' && sections.length > 1),
  )
  if (first?.condition !== null || (second?.condition !== undefined && second?.condition !== null)) {
    for (const section of [first, second]) {
      if (section !== null && section.condition !== null && holds(section.condition, value)) return { section, magnitude, sign }
    }
    return { section: [first, second, third].find((one) => one !== null && one.condition === null) ?? null, magnitude, sign }
  }
  if (value.sign() < 0 && second !== null) return { section: second, magnitude, sign: '' }
  if (value.isZero() && third !== null) return { section: third, magnitude, sign: '' }
  return { section: first, magnitude, sign }
}

function holds(condition: NonNullable<Section['condition']>, value: Decimal): boolean {
  const order = value.cmp(Decimal.fromNumber(condition.than))
  switch (condition.op) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '=':
      return order === 0
    case '<>':
      return order !== 0
  }
}
