import { Decimal } from '@sheetflow/core/decimal'
import { formatFraction } from './format-fraction.ts'
import type { FormatToken, Section } from './section.ts'
import { writeDigits } from './write-digits.ts'

/** Digit places and marks of a section, read once. */
interface Layout {
  /** Tokens before and behind the point, without marks that only scale. */
  readonly whole: readonly FormatToken[]
  readonly fraction: readonly FormatToken[]
  readonly hasPoint: boolean
  readonly grouped: boolean
  /** The number is shown times 10^shift: two for each `%`, minus three for each comma behind the last digit, of all or of those before the point. */
  readonly shift: number
  readonly exponent: { readonly plus: boolean; readonly tokens: readonly FormatToken[] } | null
}

/** `value` ≥ 0 in one section: the sign is the caller's. */
export function formatNumber(value: Decimal, section: Section): string {
  const layout = layoutOf(section.tokens)
  const scaled = shifted(value, layout.shift)
  if (layout.exponent !== null) return formatExponent(scaled, layout, layout.exponent)
  return formatFraction(scaled, section) ?? formatFixed(scaled, layout)
}

function formatFixed(value: Decimal, layout: Layout): string {
  const places = layout.fraction.filter((token) => token.kind === 'digit').length
  const [whole = '0', fraction = ''] = value.rescale(places, 'half-away').toString().split('.')
  const digits = whole === '0' ? '' : whole
  const text = writeDigits(digits, layout.whole, layout.grouped)
  return layout.hasPoint ? `${text}.${writeFraction(fraction, layout.fraction)}` : text + writeFraction('', layout.fraction)
}

function formatExponent(value: Decimal, layout: Layout, exponent: NonNullable<Layout['exponent']>): string {
  const step = Math.max(1, layout.whole.filter((token) => token.kind === 'digit').length)
  const places = layout.fraction.filter((token) => token.kind === 'digit').length
  let power = value.isZero() ? 0 : Math.floor(magnitude(value) / step) * step
  let mantissa = shifted(value, -power).rescale(places, 'half-away')
  // Rounding may have carried over into one more digit.
  if (!mantissa.isZero() && magnitude(mantissa) >= step) {
    power += step
    mantissa = shifted(value, -power).rescale(places, 'half-away')
  }
  const sign = power < 0 ? '-' : exponent.plus ? '+' : ''
  return `${formatFixed(mantissa, { ...layout, grouped: false })}E${sign}${writeDigits(String(Math.abs(power)), exponent.tokens, false)}`
}

/** The power of ten of the first digit. */
function magnitude(value: Decimal): number {
  return String(value.units).replace('-', '').length - 1 - value.scale
}

function shifted(value: Decimal, by: number): Decimal {
  if (by === 0) return value
  const scale = value.scale - by
  return scale >= 0 ? Decimal.of(value.units, scale) : Decimal.of(BigInt(value.units) * 10n ** BigInt(-scale), 0)
}

/** Digits from the left; zeros at the end only where a `0` asks for them. */
function writeFraction(digits: string, tokens: readonly FormatToken[]): string {
  const marks = tokens.filter((token) => token.kind === 'digit').map((token) => token.mark)
  const needed = Math.max(digits.replace(/0+$/, '').length, marks.lastIndexOf('0') + 1)
  let text = ''
  let index = 0
  for (const token of tokens) {
    if (token.kind === 'literal') text += token.text
    else if (token.kind === 'percent') text += '%'
    else if (token.kind === 'digit') {
      text += index < needed ? (digits.charAt(index) === '' ? '0' : digits.charAt(index)) : token.mark === '?' ? ' ' : ''
      index++
    }
  }
  return text
}

function layoutOf(tokens: readonly FormatToken[]): Layout {
  const exponentAt = tokens.findIndex((token) => token.kind === 'exponent')
  const exponent = tokens[exponentAt]
  const mantissa = exponentAt < 0 ? tokens : tokens.slice(0, exponentAt)
  const point = mantissa.findIndex((token) => token.kind === 'point')
  const before = point < 0 ? mantissa : mantissa.slice(0, point)
  const lastDigit = mantissa.findLastIndex((token) => token.kind === 'digit')
  const lastWhole = before.findLastIndex((token) => token.kind === 'digit')
  const isComma = (token: FormatToken): boolean => token.kind === 'comma'
  const behind = lastDigit > lastWhole ? before.slice(lastWhole + 1).filter(isComma).length : 0
  const thousands = behind + mantissa.slice(lastDigit + 1).filter(isComma).length
  const percents = tokens.filter((token) => token.kind === 'percent').length
  return {
    whole: before.filter((token) => token.kind !== 'comma'),
    fraction:
      point < 0
        ? []
        : mantissa
            .slice(point + 1)
            .filter((token) => token.kind !== 'comma')
            .map(laterPoint),
    hasPoint: point >= 0,
    grouped: isGrouped(before),
    shift: percents * 2 - thousands * 3,
    exponent: exponent?.kind === 'exponent' ? { plus: exponent.plus, tokens: tokens.slice(exponentAt + 1) } : null,
  }
}

/** Points behind the first are signs like others. */
function laterPoint(token: FormatToken): FormatToken {
  return token.kind === 'point' ? { kind: 'literal', text: '.' } : token
}

/** A comma between digit places groups by thousands. */
function isGrouped(tokens: readonly FormatToken[]): boolean {
  const first = tokens.findIndex((token) => token.kind === 'digit')
  const last = tokens.findLastIndex((token) => token.kind === 'digit')
  return tokens.some((token, index) => token.kind === 'comma' && index > first && index < last)
}
