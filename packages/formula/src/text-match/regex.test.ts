import { fc } from '@sheetflow/testkit/fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '@sheetflow/testkit/runs'
import { regexOf, type Regex } from './regex.ts'
import { must } from '@sheetflow/core/assert'

function compiled(pattern: string, ignoreCase = false): Regex {
  return must(regexOf(pattern, ignoreCase), pattern)
}

function found(pattern: string, text: string): readonly string[] | string {
  const matches = compiled(pattern).matches(text)
  return typeof matches === 'string' ? matches : matches.map((one) => one.groups[0] ?? '')
}

describe('matches, as PCRE2 finds them', () => {
  it.each([
    ['[A-Z][a-z]+', 'JamesBond', ['James', 'Bond']],
    ['a|ab', 'ab', ['a']],
    ['a*?b', 'aab', ['aab']],
    ['(a+?)(a*)', 'aaa', ['aaa']],
    ['a{2}', 'aaaaa', ['aa', 'aa']],
    ['a{2,}', 'a aa aaa', ['aa', 'aaa']],
    ['a{1,2}?', 'aa', ['a', 'a']],
    ['a{x', 'a{x', ['a{x']],
    ['^b', 'a\nb', []],
    ['(?m)^b$', 'a\nb\nc', ['b']],
    ['a$', 'a\n', ['a']],
    ['a\\z', 'a\n', []],
    ['a.b', 'a\nb', []],
    ['(?s)a.b', 'a\nb', ['a\nb']],
    ['(?i)straße', 'STRAßE', ['STRAßE']],
    ['(?i)[^a]', 'aAb', ['b']],
    ['a(?i)b|c', 'aB C', ['aB', 'C']],
    ['(?i:a)b', 'Ab AB', ['Ab']],
    ['(?x) a  b # comment', 'ab', ['ab']],
    ['\\bfoo\\b', 'food foo', ['foo']],
    ['\\d+', '12 a 3', ['12', '3']],
    ['\\h+', 'a\t b', ['\t ']],
    ['\\R', '\r\n\n', ['\r\n', '\n']],
    ['[^\\W\\d]+', 'ab1_', ['ab', '_']],
    ['[]a]+', 'a]b', ['a]']],
    ['[a\\-c]+', 'a-b', ['a-']],
    ['[[:alpha:]]+', 'ab1', ['ab']],
    ['\\p{Lu}+', 'aÉÀb', ['ÉÀ']],
    ['\\p{Greek}+', 'aαβ', ['αβ']],
    ['\\PL', 'a1', ['1']],
    ['.', '😀', ['😀']],
    ['\\x{1F600}', '😀', ['😀']],
    ['\\Qa.b\\E', 'a.b axb', ['a.b']],
    ['\\.', 'a.b', ['.']],
    ['(?#note)a', 'a', ['a']],
    ['', 'ab', ['', '', '']],
    ['(|a)*', 'aa', ['', '', '']],
    ['(a*)*', 'aa', ['aa', '']],
  ] as const)('%s in %j', (pattern, text, wanted) => {
    expect(found(pattern, text)).toEqual(wanted)
  })

  it('remembers groups, the last time each was passed', () => {
    const [match] = compiled('(?<year>\\d{4})-(\\d\\d)|(x)').matches('in 2026-11') as readonly { groups: readonly unknown[] }[]
    expect(match?.groups).toEqual(['2026-11', '2026', '11', null])
    expect([...compiled("(?P<a>x)(?'b'y)").names]).toEqual([
      ['a', 1],
      ['b', 2],
    ])
  })
})

describe('what is refused', () => {
  it.each([
    ['a back reference', '(a)\\1'],
    ['lookahead', 'a(?=b)'],
    ['negative lookahead', 'a(?!b)'],
    ['lookbehind', '(?<=a)b'],
    ['negative lookbehind', '(?<!a)b'],
    ['an atomic group', '(?>a)'],
    ['a possessive quantifier', 'a++'],
    ['recursion', '(a(?1)?)'],
    ['a condition', '(a)(?(1)b)'],
    ['\\K', 'a\\Kb'],
    ['a verb', '(*FAIL)'],
    ['an open group', '(a'],
    ['a group that is not open', 'a)'],
    ['an open class', '[a'],
    ['a range backwards', '[z-a]'],
    ['a quantifier of nothing', '*a'],
    ['a quantifier of a quantifier', 'a**'],
    ['an unknown letter', '\\y'],
    ['an unknown property', '\\p{Nothing}'],
    ['a group named twice', '(?<a>x)(?<a>y)'],
    ['a backslash at the end', 'a\\'],
    ['counts that grow too large', '((a{100}){100}){100}'],
    ['a pattern that is too long', 'a'.repeat(5000)],
    ['groups too deep', `${'('.repeat(500)}a${')'.repeat(500)}`],
  ])('%s', (_, pattern) => {
    expect(regexOf(pattern, false)).toBeNull()
  })
})

describe('no pattern runs away', () => {
  it.each([
    ['(a*)*b', 'a'.repeat(30_000)],
    ['(a|aa)+$', `${'a'.repeat(30_000)}b`],
    ['(x+x+)+y', 'x'.repeat(30_000)],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(30_000)],
  ])('%s takes linear time', (pattern, text) => {
    expect(found(pattern, text)).toEqual([])
  })

  it('a search that starts again and again to look to the end is cut off', () => {
    expect(found('a.*x|a', 'a'.repeat(30_000))).toBe('too-long')
  })
})

/** Patterns that mean the same to JavaScript: no empty repeats, nothing remembered in a repeat. */
const ATOM = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w', '(?:ab|a)', '(?:a|bc|b)', '(?:ba?c)', '\\b')
const REPEATED = fc
  .tuple(ATOM, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}'), fc.constantFrom('', '', '?'))
  .map(([atom, times, lazy]) => (atom === '\\b' || times === '' ? atom : atom + times + lazy))
const PATTERN = fc
  .array(fc.array(REPEATED, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
  .map((options) => options.map((parts) => `(${parts.join('')})`).join('|'))

it('finds what a backtracking matcher finds', () => {
  fc.assert(
    fc.property(
      PATTERN,
      fc.boolean(),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', 'B', 'C', ' ', '-'), maxLength: 12 }),
      (pattern, ignoreCase, text) => {
        const matches = compiled(pattern, ignoreCase).matches(text)
        const wanted = [...text.matchAll(new RegExp(pattern, ignoreCase ? 'gui' : 'gu'))]
        expect(typeof matches === 'string' ? matches : matches.map((one) => [one.start, ...one.groups])).toEqual(
          wanted.map((one) => [one.index, ...Array.from(one, (group) => group ?? null)]),
        )
      },
    ),
    { numRuns: runs(2_000, 50_000) },
  )
})
