import type { DatePart, FormatToken, Section, SectionCondition } from './section.ts'

/** Longer formats are refused, as Excel does. */
const MAX_FORMAT = 255

const known = new Map<string, readonly Section[] | null>()
const MAX_KNOWN = 1_000

/** The sections of a number format, or null if it is none. Formats are few and asked again and again: they are kept. */
export function parseFormat(format: string): readonly Section[] | null {
  let sections = known.get(format)
  if (sections === undefined) {
    sections = format.length > MAX_FORMAT ? null : readSections(format)
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(format, sections)
  }
  return sections
}

function readSections(format: string): readonly Section[] | null {
  const sections: Section[] = []
  let at = 0
  for (;;) {
    const read = new SectionReader(format, at).read()
    if (read === null) return null
    sections.push(read.section)
    if (read.end >= format.length) break
    at = read.end + 1
  }
  return sections.length > 4 ? null : sections
}

/** What may stand in a format without quotes and means itself: these, and all that is not ASCII. */
const LITERALS = new Set(" $-+/():!^&'~{}<>=cfijklopqrtuxzCFIJKLOPQRTUXZ")

const CONDITION = /^\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]/
const ELAPSED = /^\[(h+|m+|s+)\]/i
const DECORATION = /^\[(?:[a-z]+ ?\d*|\$[^\]]*)\]/i

class SectionReader {
  readonly #format: string
  #at: number
  readonly #tokens: FormatToken[] = []
  #condition: SectionCondition | null = null

  constructor(format: string, at: number) {
    this.#format = format
    this.#at = at
  }

  read(): { section: Section; end: number } | null {
    while (this.#at < this.#format.length && this.#format.charAt(this.#at) !== ';') {
      if (!this.#readToken()) return null
    }
    const tokens = withMinutes(this.#tokens)
    const kind = kindOfTokens(tokens)
    if (kind === null) return null
    return { section: { tokens: kind === 'date' ? withFractions(tokens) : tokens, kind, condition: this.#condition }, end: this.#at }
  }

  #readToken(): boolean {
    const rest = this.#format.slice(this.#at)
    const char = rest.charAt(0)
    if (char === '"') return this.#readQuoted()
    if (char === '\\') return this.#push({ kind: 'literal', text: rest.charAt(1) }, 2)
    if (char === '_') return this.#push({ kind: 'literal', text: ' ' }, 2)
    if (char === '*') return this.#skip(2)
    if (char === '[') return this.#readBracket(rest)
    if (char === '0' || char === '#' || char === '?') return this.#push({ kind: 'digit', mark: char }, 1)
    if (char === '.') return this.#push({ kind: 'point' }, 1)
    if (char === ',') return this.#push({ kind: 'comma' }, 1)
    if (char === '%') return this.#push({ kind: 'percent' }, 1)
    if (char === '@') return this.#push({ kind: 'text' }, 1)
    const slash = this.#tokens.at(-1)?.kind === 'digit' ? /^\/(?:(?=[0#?])|([1-9]\d{0,4}))/.exec(rest) : null
    if (slash !== null) return this.#push({ kind: 'slash', denominator: slash[1] === undefined ? null : Number(slash[1]) }, slash[0].length)
    return this.#readWord(rest) || ((LITERALS.has(char) || char > '\u007f') && this.#push({ kind: 'literal', text: char }, 1))
  }

  #readWord(rest: string): boolean {
    // Beside digits it is a power of ten, elsewhere a year (`e-mm`).
    const exponent = (this.#tokens.some((token) => token.kind === 'digit') ? /^e([+-])/i : /^e([+-])(?=[0#?])/i).exec(rest)
    if (exponent !== null) return this.#push({ kind: 'exponent', plus: exponent[1] === '+' }, 2)
    if (/^general/i.test(rest)) return this.#push({ kind: 'general' }, 7)
    const half = /^(am\/pm|a\/p)/i.exec(rest)?.[0]
    if (half !== undefined) return this.#push({ kind: 'half', short: half.length === 3, lower: half.startsWith('a') }, half.length)
    const year = /^e+/i.exec(rest)?.[0]
    if (year !== undefined) return this.#push({ kind: 'date', part: 'y', count: 4, elapsed: false }, year.length)
    const part = /^(y+|m+|d+|h+|s+)/i.exec(rest)?.[0]
    if (part === undefined) return false
    return this.#push({ kind: 'date', part: part.charAt(0).toLowerCase() as DatePart, count: part.length, elapsed: false }, part.length)
  }

  #readQuoted(): boolean {
    const end = this.#format.indexOf('"', this.#at + 1)
    if (end < 0) return false
    return this.#push({ kind: 'literal', text: this.#format.slice(this.#at + 1, end) }, end + 1 - this.#at)
  }

  #readBracket(rest: string): boolean {
    const condition = CONDITION.exec(rest)
    if (condition !== null) {
      this.#condition = { op: condition[1] as SectionCondition['op'], than: Number(condition[2]) }
      return this.#skip(condition[0].length)
    }
    const elapsed = ELAPSED.exec(rest)
    if (elapsed !== null) {
      const letters = (elapsed[1] ?? '').toLowerCase()
      const part: DatePart = letters.startsWith('m') ? 'n' : (letters.charAt(0) as DatePart)
      return this.#push({ kind: 'date', part, count: letters.length, elapsed: true }, elapsed[0].length)
    }
    const decoration = DECORATION.exec(rest)
    if (decoration === null) return false
    const currency = /^\[\$([^-\]]+)/.exec(decoration[0])?.[1]
    return currency === undefined ? this.#skip(decoration[0].length) : this.#push({ kind: 'literal', text: currency }, decoration[0].length)
  }

  #push(token: FormatToken, length: number): boolean {
    this.#tokens.push(token)
    return this.#skip(length)
  }

  #skip(length: number): boolean {
    this.#at += length
    return true
  }
}

/** `m` behind hours or before seconds means minutes. */
function withMinutes(tokens: readonly FormatToken[]): FormatToken[] {
  const parts = tokens.filter((token) => token.kind === 'date')
  return tokens.map((token) => {
    if (token.kind !== 'date' || token.part !== 'm' || token.count > 2) return token
    const index = parts.indexOf(token)
    const isMinute = parts[index - 1]?.part === 'h' || parts[index + 1]?.part === 's'
    return isMinute ? { ...token, part: 'n' } : token
  })
}

/** In a date a point and the zeros behind it are decimals of the second. */
function withFractions(tokens: readonly FormatToken[]): FormatToken[] {
  const result: FormatToken[] = []
  for (const token of tokens) {
    const last = result.at(-1)
    if (token.kind === 'point') result.push({ kind: 'fraction', count: 0 })
    else if (token.kind === 'digit' && last?.kind === 'fraction') result[result.length - 1] = { kind: 'fraction', count: last.count + 1 }
    else if (token.kind === 'comma') result.push({ kind: 'literal', text: ',' })
    else result.push(token)
  }
  return result.map((token) => (token.kind === 'fraction' && token.count === 0 ? { kind: 'literal', text: '.' } : token))
}

function kindOfTokens(tokens: readonly FormatToken[]): Section['kind'] | null {
  const has = (kind: FormatToken['kind']): boolean => tokens.some((token) => token.kind === kind)
  if (has('slash') && (has('point') || has('exponent') || tokens.filter((token) => token.kind === 'slash').length > 1)) return null
  if (has('date') || has('half')) return has('percent') || has('exponent') || has('text') || has('slash') || isMixed(tokens) ? null : 'date'
  if (has('general')) return has('digit') ? null : 'general'
  if (has('text')) return has('digit') ? null : 'text'
  return 'number'
}

/** Digits stand behind parts of a date, as decimals of seconds, never before all of them. */
function isMixed(tokens: readonly FormatToken[]): boolean {
  const digit = tokens.findIndex((token) => token.kind === 'digit')
  return digit >= 0 && digit < tokens.findIndex((token) => token.kind === 'date' || token.kind === 'half')
}
