import { noneOf, SHORTHANDS, unicodeProperty, type CharTest } from './char-test.ts'

/** A pattern that is read from the left. */
export class PatternText {
  readonly #pattern: string
  #at = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  get atEnd(): boolean {
    return this.#at >= this.#pattern.length
  }

  starts(text: string): boolean {
    return this.#pattern.startsWith(text, this.#at)
  }

  /** Goes past the text if it stands here. */
  take(text: string): boolean {
    const found = this.starts(text)
    if (found) this.#at += text.length
    return found
  }

  /** Goes past what a sticky expression matches here. */
  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#pattern)
    if (found !== null) this.#at += found[0].length
    return found
  }

  /** Goes past one character and gives it; '' at the end. */
  next(): string {
    const code = this.#pattern.codePointAt(this.#at)
    const char = code === undefined ? '' : String.fromCodePoint(code)
    this.#at += char.length
    return char
  }
}

const CONTROLS: Readonly<Record<string, number>> = { a: 0x07, e: 0x1b, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 }

/** `\…` for one character (its code point) or a set of them, the same inside and outside of `[]`; null if it is none. */
export function readEscapedChar(text: PatternText): number | CharTest | null {
  const property = text.match(/\\([pP])(?:\{(\^?)(\w+)\}|(\w))/y)
  if (property !== null) {
    const test = unicodeProperty(property[3] ?? property[4] ?? '')
    if (test === null) return null
    return (property[1] === 'P') === (property[2] === '^') ? test : noneOf(test)
  }
  const code = text.match(/\\(?:x\{([\da-f]{1,6})\}|x([\da-f]{0,2}))/iy)
  if (code !== null) return checkedCode(Number.parseInt(code[1] ?? (code[2] === '' ? '0' : (code[2] ?? '0')), 16))
  const octal = text.match(/\\(?:o\{([0-7]{1,7})\}|(0[0-7]{0,2}))/y)
  if (octal !== null) return checkedCode(Number.parseInt(octal[1] ?? octal[2] ?? '0', 8))
  const control = text.match(/\\c([ -~])/y)
  if (control !== null) return (control[1] ?? '').toUpperCase().charCodeAt(0) ^ 0x40
  text.take('\\')
  return namedEscape(text.next())
}

function namedEscape(char: string): number | CharTest | null {
  const lower = char.toLowerCase()
  if (Object.hasOwn(SHORTHANDS, lower)) {
    const test = SHORTHANDS[lower]
    return test === undefined ? null : char === lower ? test : noneOf(test)
  }
  if (Object.hasOwn(CONTROLS, char)) return CONTROLS[char] ?? null
  // Letters and digits that mean nothing here are back references or unknown.
  return char === '' || /[a-z0-9]/i.test(char) ? null : (char.codePointAt(0) ?? null)
}

function checkedCode(code: number): number | null {
  return code <= 0x10_ff_ff ? code : null
}
