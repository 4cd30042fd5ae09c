import { Decimal } from '@sheetflow/core/decimal'
import { writeDigits } from './write-digits.ts'
import type { FormatToken, Section } from './section.ts'

/** Denominators of more digits are not looked for. */
const MAX_DIGITS = 5

/** The parts of a fraction's section: `# ?/?`, `?/8`. */
interface Layout {
  /** Before the numerator. Without digit places the fraction is improper. */
  readonly whole: readonly FormatToken[]
  readonly isMixed: boolean
  readonly numerator: readonly FormatToken[]
  /** A given denominator, or its digit places. */
  readonly denominator: number | readonly FormatToken[]
  readonly rest: readonly FormatToken[]
}

interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** `value` ≥ 0 as a fraction; null where the section has none. The denominator has as many digits as it has places, or is given. */
export function formatFraction(value: Decimal, section: Section): string | null {
  const layout = layoutOf(section.tokens)
  if (layout === null) return null
  const whole = value.rescale(0, 'truncate')
  const part = (layout.isMixed ? value.sub(whole) : value) ?? Decimal.ZERO
  const { numerator, denominator } =
    typeof layout.denominator === 'number' ? over(part, layout.denominator) : closest(part, layout.denominator.length)
  const carries = layout.isMixed && numerator === denominator
  const shown = carries ? (whole.add(Decimal.of(1, 0)) ?? whole) : whole
  const isWhole =
    layout.isMixed && (carries || numerator === 0n) && layout.numerator.every((token) => token.kind === 'digit' && token.mark !== '0')
  const digits = shown.isZero() && !isWhole ? '' : shown.toString()
  const text = writeDigits(layout.isMixed ? digits : '', layout.whole, false)
  const top = carries ? 0n : numerator
  return text + (isWhole ? blanks(layout) : written(top, denominator, layout)) + writeDigits('', layout.rest, false)
}

/** The numerator from the right into its places, the denominator from the left. */
function written(numerator: bigint, denominator: bigint, layout: Layout): string {
  const top = writeDigits(String(numerator), layout.numerator, false)
  if (typeof layout.denominator === 'number') return `${top}/${denominator}`
  const zeros = layout.denominator.filter((token) => token.kind === 'digit' && token.mark === '0').length
  const width = layout.denominator.filter((token) => token.kind === 'digit' && token.mark === '?').length + zeros
  return `${top}/${String(denominator).padStart(zeros, '0').padEnd(width, ' ')}`
}

/** As much room as the fraction would take. */
function blanks({ numerator, denominator }: Layout): string {
  const below = typeof denominator === 'number' ? String(denominator).length : denominator.length
  return ' '.repeat(numerator.length + 1 + below)
}

/** The fraction with that denominator that is nearest. */
function over(part: Decimal, denominator: number): Fraction {
  const top = part.mul(Decimal.of(denominator, 0)) ?? Decimal.ZERO
  return { numerator: BigInt(top.rescale(0, 'half-away').units), denominator: BigInt(denominator) }
}

/**
 * As Excel looks for one: the last convergent of the continued fraction whose denominator has so few digits. It is not always the nearest of them: 0.3 with one
 * digit is 1/3.
 */
function closest(part: Decimal, digits: number): Fraction {
  const most = 10n ** BigInt(Math.min(digits, MAX_DIGITS)) - 1n
  let [top, bottom] = [BigInt(part.units), 10n ** BigInt(part.scale)]
  let [beforeTop, beforeBottom] = [0n, 1n]
  let [lastTop, lastBottom] = [1n, 0n]
  while (bottom !== 0n) {
    const times = top / bottom
    const nextBottom = times * lastBottom + beforeBottom
    if (nextBottom > most) break
    ;[beforeTop, beforeBottom, lastTop, lastBottom] = [lastTop, lastBottom, times * lastTop + beforeTop, nextBottom]
    ;[top, bottom] = [bottom, top % bottom]
  }
  return { numerator: lastTop, denominator: lastBottom }
}

function layoutOf(tokens: readonly FormatToken[]): Layout | null {
  const slash = tokens.findIndex((token) => token.kind === 'slash')
  const sign = tokens[slash]
  if (sign?.kind !== 'slash') return null
  const start = tokens.slice(0, slash).findLastIndex((token) => token.kind !== 'digit') + 1
  const behind = tokens.slice(slash + 1)
  const after = behind.findIndex((token) => token.kind !== 'digit')
  const places = after < 0 ? behind : behind.slice(0, after)
  const whole = tokens.slice(0, start)
  return {
    whole,
    isMixed: whole.some((token) => token.kind === 'digit'),
    numerator: tokens.slice(start, slash),
    denominator: sign.denominator ?? places,
    rest: sign.denominator === null ? behind.slice(places.length) : behind,
  }
}
