import { expect, it } from 'vitest'
import { fc } from '@sheetflow/testkit/fast-check'
import { wildcardSearch, wildcardTest } from './wildcard.ts'

it.each([
  ['?', '😀', true],
  ['??', '😀', false],
  ['*??', '😀', false],
  ['*?b', '😀b', true],
  ['*??bc', '😀bc', false],
  ['a?c*', 'a😀c😀', true],
  ['?*?', '😀', false],
  ['~?😀', '?😀', true],
])('%s fits %s: %s', (pattern, text, wanted) => {
  expect(wildcardTest(pattern)(text)).toBe(wanted)
})

it('"?" is one code point: patterns do with pairs of surrogates what they do with letters', () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '?', '*'), { maxLength: 6 }).map((parts) => parts.join(''))
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 }).map((parts) => parts.join(''))
  const paired = (plain: string): string => plain.replaceAll('a', '😀').replaceAll('c', '🎈')
  fc.assert(
    fc.property(pattern, text, (p, t) => {
      expect(wildcardTest(paired(p))(paired(t))).toBe(wildcardTest(p)(t))
      const found = wildcardSearch(p)(t, 0)
      const wanted = found < 0 ? -1 : paired(t.slice(0, found)).length
      expect(wildcardSearch(paired(p))(paired(t), 0)).toBe(wanted)
    }),
  )
})
