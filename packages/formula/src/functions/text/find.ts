import type { CellError } from '@sheetflow/core/cell-error'
import { fold } from '@sheetflow/core/fold'
import { VALUE } from '../../value/cell-errors.ts'
import { characterCount, offsetOf, placeOf } from '../../value/code-points.ts'
import { wildcardSearch } from '../../wildcard.ts'
import { isNothing, type FunctionDefinition, type Parameter } from '../definition.ts'
import { always } from '../results.ts'
import { cellText, inBytes, MAX_LENGTH, position, text, TEXT_PARAM } from './define.ts'

const FIND_PARAMS: readonly Parameter[] = [
  { name: 'find_text', kind: 'text' },
  { name: 'within_text', kind: 'text' },
  { name: 'start', kind: 'integer', optional: true, fallback: 1 },
]

/** Excel's limit for a pattern with wildcards. */
const MAX_PATTERN = 255

/** Place of what `search` finds from `start` on, both counted from 1; `#VALUE!` if nothing. */
function place(within: string, start: number, search: (within: string, from: number) => number): number | CellError {
  if (start < 1 || start > characterCount(within) + 1) return VALUE
  const found = search(within, offsetOf(within, start - 1))
  return found < 0 ? VALUE : placeOf(within, found) + 1
}

const FIND = position(
  'FIND',
  'The place of a text in another, counted from 1, letter case included; #VALUE! if it is not there.',
  FIND_PARAMS,
  (wanted: string, within: string, start: number) => place(within, start, (whole, from) => whole.indexOf(wanted, from)),
  [
    { formula: '=FIND("b", "😀ab", 2)', result: '3' },
    { formula: '=FIND("n", [@name])', result: '2' },
    { formula: '=FIND("n", [@name], 3)', result: '3' },
    { formula: '=FIND("N", [@name])', result: '#VALUE!' },
    { formula: '=FIND([@blank], [@name])', result: '1' },
  ],
)

const SEARCH = position(
  'SEARCH',
  'The place of a text in another, counted from 1, whatever the letter case; ? stands for one character, * for any, ~ before them for themselves.',
  FIND_PARAMS,
  (wanted: string, within: string, start: number) =>
    wanted.length > MAX_PATTERN ? VALUE : place(fold(within), start, wildcardSearch(fold(wanted))),
  [
    { formula: '=SEARCH("N", [@name])', result: '2' },
    { formula: '=SEARCH("n?a", [@name])', result: '2' },
    { formula: '=SEARCH("~?", "why?")', result: '4' },
    { formula: '=SEARCH("?b", "aa😀b")', result: '3' },
    { formula: '=SEARCH("x", [@name])', result: '#VALUE!' },
    { formula: '=SEARCH([@blank], [@name])', result: '1' },
  ],
)

const REPLACE = text(
  'REPLACE',
  'A text with so many characters from a place on replaced by another text.',
  [TEXT_PARAM, { name: 'start', kind: 'integer' }, { name: 'count', kind: 'integer' }, { name: 'new_text', kind: 'text' }],
  (old: string, start: number, count: number, replacement: string) =>
    start < 1 || count < 0
      ? VALUE
      : cellText(old.slice(0, offsetOf(old, start - 1)) + replacement + old.slice(offsetOf(old, start - 1 + count))),
  [
    { formula: '=REPLACE("a😀c", 2, 1, "b")', result: '"abc"' },
    { formula: '=REPLACE([@name], 2, 2, "m")', result: '"Ama"' },
    { formula: '=REPLACE("2026", 3, 2, [@blank])', result: '"20"' },
    { formula: '=REPLACE("abc", 9, 1, "d")', result: '"abcd"' },
    { formula: '=REPLACE("abc", 0, 1, "d")', result: '#VALUE!' },
  ],
)

/** All of them, or the one that is `nth` from the left. */
function substituted(value: string, old: string, replacement: string, nth: number | null): string | CellError {
  if (old === '') return value
  if (nth === null) {
    const pieces = value.split(old)
    const length = value.length + (pieces.length - 1) * (replacement.length - old.length)
    return length > MAX_LENGTH ? VALUE : pieces.join(replacement)
  }
  let at = -old.length
  for (let count = 0; count < nth; count++) {
    at = value.indexOf(old, at + old.length)
    if (at < 0) return value
  }
  return cellText(value.slice(0, at) + replacement + value.slice(at + old.length))
}

const SUBSTITUTE: FunctionDefinition = {
  name: 'SUBSTITUTE',
  category: 'text',
  help: 'A text with another text in the place of an old one, letter case included: everywhere, or the so many-th time alone.',
  params: [
    TEXT_PARAM,
    { name: 'old_text', kind: 'text' },
    { name: 'new_text', kind: 'text' },
    { name: 'instance', kind: 'integer', optional: true },
  ],
  result: always('text'),
  evaluation: {
    mode: 'strict',
    make: (types) => {
      const everywhere = isNothing(types, 3)
      return (value: string, old: string, replacement: string, instance: number) =>
        !everywhere && instance < 1 ? VALUE : substituted(value, old, replacement, everywhere ? null : instance)
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=SUBSTITUTE([@name], "n", "m")', result: '"Amma"' },
    { formula: '=SUBSTITUTE([@name], "n", "m", 2)', result: '"Anma"' },
    { formula: '=SUBSTITUTE([@name], "n", [@blank])', result: '"Aa"' },
    { formula: '=SUBSTITUTE("abc", "b", "x", 0)', result: '#VALUE!' },
  ],
}

/** What finds and replaces. */
export const FINDING: readonly FunctionDefinition[] = [FIND, inBytes(FIND), SEARCH, inBytes(SEARCH), REPLACE, inBytes(REPLACE), SUBSTITUTE]
