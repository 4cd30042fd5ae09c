import { anyOf, inEitherCase, inRanges, NAMED_CLASSES, noneOf, type CharRange, type CharTest } from './char-test.ts'
import { readEscapedChar, type PatternText } from './regex-escape.ts'

/** `[a-z\d_]`, `[^…]`, `[[:alpha:]…]` in PCRE2's syntax; null if it is none. In either case `[^a]` takes no `A`. */
export function readClass(text: PatternText, ignoreCase: boolean): CharTest | null {
  text.take('[')
  const negated = text.take('^')
  const ranges: CharRange[] = []
  const tests: CharTest[] = []
  // A `]` that comes first means itself.
  for (let first = true; first || !text.starts(']'); first = false) {
    if (text.atEnd) return null
    const item = readItem(text)
    if (item === null) return null
    if (typeof item !== 'number') {
      tests.push(item)
      continue
    }
    const last = readRangeEnd(text, item)
    if (last === null || last < item) return null
    ranges.push([item, last])
  }
  text.take(']')
  if (ranges.length > 0) tests.push(inRanges(ranges))
  const test = ignoreCase ? inEitherCase(anyOf(tests)) : anyOf(tests)
  return negated ? noneOf(test) : test
}

function readItem(text: PatternText): number | CharTest | null {
  const named = text.match(/\[:(\^?)([a-z]+):\]/y)
  if (named !== null) {
    const name = named[2] ?? ''
    const test = Object.hasOwn(NAMED_CLASSES, name) ? NAMED_CLASSES[name] : undefined
    return test === undefined ? null : named[1] === '^' ? noneOf(test) : test
  }
  if (text.take('\\b')) return 0x08
  if (text.starts('\\')) return readEscapedChar(text)
  return text.next().codePointAt(0) ?? null
}

/** The last character of a range that begins with `first`; `first` itself where it is no range. */
function readRangeEnd(text: PatternText, first: number): number | null {
  if (!text.starts('-') || text.starts('-]')) return first
  text.take('-')
  const last = readItem(text)
  return typeof last === 'number' ? last : null
}
