/** Does a code point belong to a set of characters? */
export type CharTest = (code: number) => boolean

/** First and last code point, both inside. */
export type CharRange = readonly [first: number, last: number]

/** Characters of these ranges. */
export function inRanges(ranges: readonly CharRange[]): CharTest {
  const [only] = ranges
  if (ranges.length === 1 && only !== undefined) {
    const [first, last] = only
    return first === last ? (code) => code === first : (code) => code >= first && code <= last
  }
  return (code) => ranges.some(([first, last]) => code >= first && code <= last)
}

/** Characters that one of the tests takes. */
export function anyOf(tests: readonly CharTest[]): CharTest {
  const [only] = tests
  return tests.length === 1 && only !== undefined ? only : (code) => tests.some((test) => test(code))
}

/** All other characters. */
export function noneOf(test: CharTest): CharTest {
  return (code) => !test(code)
}

/** Also the other case of the characters. */
export function inEitherCase(test: CharTest): CharTest {
  return (code) => {
    if (test(code)) return true
    const char = String.fromCodePoint(code)
    return test(only(char.toLowerCase())) || test(only(char.toUpperCase()))
  }
}

/** The one code point of a text, or −1 where there are several. */
function only(text: string): number {
  const code = text.codePointAt(0) ?? -1
  return text.length === (code > 0xffff ? 2 : 1) ? code : -1
}

/** As `test`, looked up for ASCII, which nearly all text is. */
export function withTable(test: CharTest): CharTest {
  const table = Uint8Array.from({ length: 128 }, (_, code) => (test(code) ? 1 : 0))
  return (code) => (code < 128 ? table[code] === 1 : test(code))
}

/** A Unicode property by its name, such as `L`, `Lu` or `Greek`; null if there is none. */
export function unicodeProperty(name: string): CharTest | null {
  if (!/^\w+$/.test(name)) return null
  const [general, script] = [propertyTest(name), propertyTest(`Script=${name}`)]
  return general ?? script
}

function propertyTest(property: string): CharTest | null {
  try {
    // One character against one class: nothing to go back over.
    const expression = new RegExp(`^\\p{${property}}$`, 'u')
    return (code) => expression.test(String.fromCodePoint(code))
  } catch {
    return null
  }
}

const DIGITS: readonly CharRange[] = [[0x30, 0x39]]
const UPPER: readonly CharRange[] = [[0x41, 0x5a]]
const LOWER: readonly CharRange[] = [[0x61, 0x7a]]
const HORIZONTAL: readonly CharRange[] = [
  [0x09, 0x09],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x180e, 0x180e],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
]
const VERTICAL: readonly CharRange[] = [
  [0x0a, 0x0d],
  [0x85, 0x85],
  [0x2028, 0x2029],
]

/** `\d`, `\w`, `\s`, `\h`, `\v` by their letter: of ASCII, as PCRE2 has them by itself. */
export const SHORTHANDS: Readonly<Record<string, CharTest>> = {
  d: inRanges(DIGITS),
  w: inRanges([...DIGITS, ...UPPER, ...LOWER, [0x5f, 0x5f]]),
  s: inRanges([
    [0x09, 0x0d],
    [0x20, 0x20],
  ]),
  h: inRanges(HORIZONTAL),
  v: inRanges(VERTICAL),
}

/** `[:alpha:]` and its siblings. */
export const NAMED_CLASSES: Readonly<Record<string, CharTest>> = {
  alnum: inRanges([...DIGITS, ...UPPER, ...LOWER]),
  alpha: inRanges([...UPPER, ...LOWER]),
  ascii: inRanges([[0, 0x7f]]),
  blank: inRanges([
    [0x09, 0x09],
    [0x20, 0x20],
  ]),
  cntrl: inRanges([
    [0, 0x1f],
    [0x7f, 0x7f],
  ]),
  digit: inRanges(DIGITS),
  graph: inRanges([[0x21, 0x7e]]),
  lower: inRanges(LOWER),
  print: inRanges([[0x20, 0x7e]]),
  punct: inRanges([
    [0x21, 0x2f],
    [0x3a, 0x40],
    [0x5b, 0x60],
    [0x7b, 0x7e],
  ]),
  space: inRanges([
    [0x09, 0x0d],
    [0x20, 0x20],
  ]),
  upper: inRanges(UPPER),
  word: inRanges([...DIGITS, ...UPPER, ...LOWER, [0x5f, 0x5f]]),
  xdigit: inRanges([...DIGITS, [0x41, 0x46], [0x61, 0x66]]),
}
