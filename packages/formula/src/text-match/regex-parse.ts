import { inEitherCase, inRanges, noneOf, SHORTHANDS, withTable, type CharTest } from './char-test.ts'
import { readClass } from './regex-class.ts'
import { PatternText, readEscapedChar } from './regex-escape.ts'
import { either, repeat, sequence, type Place, type RegexNode } from './regex-node.ts'

/** A pattern read: its tree, how many groups it has, and which of them have names. */
export interface ParsedRegex {
  readonly node: RegexNode
  readonly groups: number
  readonly names: ReadonlyMap<string, number>
}

interface Flags {
  readonly ignoreCase: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly extended: boolean
}

/** Groups inside of groups. */
const MAX_NESTING = 200
/** PCRE2's greatest count. */
const MAX_COUNT = 65_535

const NEWLINE = inRanges([[0x0a, 0x0a]])
const ANY: CharTest = () => true

const PLACES: Readonly<Record<string, Place>> = { A: 'start', z: 'end', Z: 'last-line', b: 'word-edge', B: 'no-word-edge', G: 'start' }

/** A line break: CR LF, or one vertical space. */
const LINE_BREAK: RegexNode = either([
  sequence([
    { kind: 'char', test: inRanges([[0x0d, 0x0d]]) },
    { kind: 'char', test: NEWLINE },
  ]),
  { kind: 'char', test: SHORTHANDS['v'] ?? ANY },
])

/**
 * Reads a pattern in the syntax of PCRE2, which Excel's REGEX functions use. Null where it is none, or asks for what cannot be matched in linear time: back
 * references, lookaround, atomic groups, possessive quantifiers, recursion, conditions, `\K` (and `\G` stands for the beginning alone).
 */
export function parseRegex(pattern: string, ignoreCase: boolean): ParsedRegex | null {
  return new RegexParser(pattern).parse(ignoreCase)
}

class RegexParser {
  readonly #text: PatternText
  readonly #names = new Map<string, number>()
  #groups = 0
  #nesting = 0

  constructor(pattern: string) {
    this.#text = new PatternText(pattern)
  }

  parse(ignoreCase: boolean): ParsedRegex | null {
    const node = this.#options({ ignoreCase, multiline: false, dotAll: false, extended: false })
    return node === null || !this.#text.atEnd ? null : { node, groups: this.#groups, names: this.#names }
  }

  /** `a|b|c` up to `)` or the end. Flags set inside hold to there, also behind a `|`. */
  #options(outer: Flags): RegexNode | null {
    let flags = outer
    const options: RegexNode[] = []
    let parts: RegexNode[] = []
    for (;;) {
      if (this.#text.atEnd || this.#text.starts(')')) break
      if (this.#text.take('|')) {
        options.push(sequence(parts))
        parts = []
        continue
      }
      const changed = this.#flagsAlone(flags)
      if (changed !== null) {
        flags = changed
        continue
      }
      const part = this.#quantified(flags)
      if (part === null) return null
      parts.push(part)
    }
    return either([...options, sequence(parts)])
  }

  /** `(?i)`, `(?s-m)`; null: it is none. */
  #flagsAlone(flags: Flags): Flags | null {
    const found = this.#text.match(/\(\?([imsx]*)(?:-([imsx]*))?\)/y)
    return found === null ? null : changedFlags(flags, found[1] ?? '', found[2] ?? '')
  }

  #quantified(flags: Flags): RegexNode | null {
    if (this.#skipped(flags)) return { kind: 'empty' }
    const quoted = this.#text.match(/\\Q([\s\S]*?)(?:\\E|$)/y)
    if (quoted !== null) return sequence(Array.from(quoted[1] ?? '', (char) => charNode(literal(char), flags)))
    const atom = this.#atom(flags)
    if (atom === null) return null
    while (this.#skipped(flags)) continue
    const counts = this.#counts()
    if (counts === null) return atom
    const [least, most] = counts
    if (least > most || most > MAX_COUNT + 1 || (atom.kind === 'place' && most > 1)) return null
    const lazy = this.#text.take('?')
    // A quantifier of a quantifier, or one that never gives back.
    if (!lazy && this.#text.take('+')) return null
    return this.#counts() === null ? repeat(atom, least, most > MAX_COUNT ? Infinity : most, lazy) : null
  }

  /** Comments, `\E` alone, and with `x` white space. */
  #skipped(flags: Flags): boolean {
    if (this.#text.match(/\(\?#[^)]*\)|\\E/y) !== null) return true
    return flags.extended && this.#text.match(/\s+|#[^\n]*(?:\n|$)/y) !== null
  }

  #counts(): readonly [least: number, most: number] | null {
    if (this.#text.take('*')) return [0, MAX_COUNT + 1]
    if (this.#text.take('+')) return [1, MAX_COUNT + 1]
    if (this.#text.take('?')) return [0, 1]
    const braces = this.#text.match(/\{(\d{1,6})(,?)(\d{0,6})\}/y)
    if (braces === null) return null
    const least = Number(braces[1])
    if (least > MAX_COUNT || Number(braces[3]) > MAX_COUNT) return [1, 0]
    if (braces[2] === '') return [least, braces[3] === '' ? least : 0]
    return [least, braces[3] === '' ? MAX_COUNT + 1 : Number(braces[3])]
  }

  #atom(flags: Flags): RegexNode | null {
    if (this.#text.starts('(')) return this.#group(flags)
    if (this.#text.starts('[')) {
      const test = readClass(this.#text, flags.ignoreCase)
      return test === null ? null : { kind: 'char', test: withTable(test) }
    }
    if (this.#text.starts('\\')) return this.#escape(flags)
    const char = this.#text.next()
    switch (char) {
      case '.':
        return { kind: 'char', test: flags.dotAll ? ANY : noneOf(NEWLINE) }
      case '^':
        return { kind: 'place', place: flags.multiline ? 'line-start' : 'start' }
      case '$':
        return { kind: 'place', place: flags.multiline ? 'line-end' : 'last-line' }
      case '*':
      case '+':
      case '?':
        return null
      default:
        return charNode(literal(char), flags)
    }
  }

  #group(flags: Flags): RegexNode | null {
    if (++this.#nesting > MAX_NESTING) return null
    const group = this.#openGroup(flags)
    if (group === null) return null
    const node = this.#options(group.flags)
    if (node === null || !this.#text.take(')')) return null
    this.#nesting--
    return group.index === null ? node : { kind: 'group', index: group.index, of: node }
  }

  #openGroup(flags: Flags): { readonly flags: Flags; readonly index: number | null } | null {
    const plain = this.#text.match(/\(\?([imsx]*)(?:-([imsx]*))?:/y)
    if (plain !== null) return { flags: changedFlags(flags, plain[1] ?? '', plain[2] ?? ''), index: null }
    const named = this.#text.match(/\(\?P?<([A-Za-z_]\w{0,31})>|\(\?'([A-Za-z_]\w{0,31})'/y)
    if (named !== null) {
      const name = named[1] ?? named[2] ?? ''
      if (this.#names.has(name)) return null
      this.#names.set(name, this.#groups + 1)
    } else {
      this.#text.take('(')
      // Lookaround, atomic groups, recursion, verbs.
      if (this.#text.starts('?') || this.#text.starts('*')) return null
    }
    return { flags, index: ++this.#groups }
  }

  #escape(flags: Flags): RegexNode | null {
    const place = this.#text.match(/\\([AzZbBG])/y)
    if (place !== null) return { kind: 'place', place: PLACES[place[1] ?? ''] ?? 'start' }
    if (this.#text.take('\\R')) return LINE_BREAK
    if (this.#text.take('\\N')) return { kind: 'char', test: noneOf(NEWLINE) }
    if (this.#text.take('\\X')) return null
    const test = readEscapedChar(this.#text)
    return test === null ? null : charNode(typeof test === 'number' ? inRanges([[test, test]]) : test, flags)
  }
}

function literal(char: string): CharTest {
  const code = char.codePointAt(0) ?? 0
  return inRanges([[code, code]])
}

function charNode(test: CharTest, flags: Flags): RegexNode {
  return { kind: 'char', test: withTable(flags.ignoreCase ? inEitherCase(test) : test) }
}

function changedFlags(flags: Flags, on: string, off: string): Flags {
  const set = (letter: string, before: boolean): boolean => (on.includes(letter) || before) && !off.includes(letter)
  return {
    ignoreCase: set('i', flags.ignoreCase),
    multiline: set('m', flags.multiline),
    dotAll: set('s', flags.dotAll),
    extended: set('x', flags.extended),
  }
}
