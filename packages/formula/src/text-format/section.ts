/** A piece of a section of a number format. */
export type FormatToken =
  | { readonly kind: 'literal'; readonly text: string }
  /** A place for a digit: `0` always, `#` if needed, `?` a space if not needed. */
  | { readonly kind: 'digit'; readonly mark: '0' | '#' | '?' }
  | { readonly kind: 'point' }
  | { readonly kind: 'comma' }
  | { readonly kind: 'percent' }
  /** Between numerator and denominator; a denominator that is given, or null where its places follow. */
  | { readonly kind: 'slash'; readonly denominator: number | null }
  | { readonly kind: 'exponent'; readonly plus: boolean }
  /** `@`: the text itself. */
  | { readonly kind: 'text' }
  | { readonly kind: 'general' }
  /** A part of a date: the letter, how often it stands there; `elapsed` for `[h]`. `n` are minutes. */
  | { readonly kind: 'date'; readonly part: DatePart; readonly count: number; readonly elapsed: boolean }
  /** `AM/PM` or `A/P`. */
  | { readonly kind: 'half'; readonly short: boolean; readonly lower: boolean }
  /** Decimals of seconds: `.000`. */
  | { readonly kind: 'fraction'; readonly count: number }

/** Year, month, day, hour, minute, second. */
export type DatePart = 'y' | 'm' | 'd' | 'h' | 'n' | 's'

/** `[>100]` before a section. */
export interface SectionCondition {
  readonly op: '<' | '<=' | '>' | '>=' | '=' | '<>'
  readonly than: number
}

/** One of up to four parts of a format. */
export interface Section {
  readonly tokens: readonly FormatToken[]
  readonly kind: 'number' | 'date' | 'text' | 'general'
  readonly condition: SectionCondition | null
}
