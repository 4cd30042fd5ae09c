import type { Value } from '@sheetflow/core/value'
import { formatter } from '../../text-format/format-value.ts'
import { VALUE } from '../../value/cell-errors.ts'
import { characterCount, offsetOf } from '../../value/code-points.ts'
import type { FunctionDefinition } from '../definition.ts'
import { always } from '../results.ts'
import { CHARACTERS } from './characters.ts'
import { inBytes, position, repeatedText, text, TEXT_PARAM } from './define.ts'
import { FINDING } from './find.ts'
import { JOINING } from './join.ts'
import { NUMBER_TEXTS } from './numbers.ts'
import { REGULAR_EXPRESSIONS } from './regular-expressions.ts'
import { SPLITTING } from './split.ts'

const COUNT_PARAM = { name: 'count', kind: 'integer', optional: true, fallback: 1 } as const

const LEN = position('LEN', 'How many characters a text has.', [TEXT_PARAM], characterCount, [
  { formula: '=LEN([@name])', result: '4' },
  { formula: '=LEN("a😀")', result: '2' },
  { formula: '=LEN([@blank])', result: '0' },
  { formula: '=LEN(#N/A)', result: '#N/A' },
])

const EXACT: FunctionDefinition = {
  name: 'EXACT',
  category: 'text',
  help: 'TRUE if two texts are the same, letter case included.',
  params: [
    { name: 'a', kind: 'text' },
    { name: 'b', kind: 'text' },
  ],
  result: always('bool'),
  evaluation: { mode: 'strict', make: () => (a: string, b: string) => a === b },
  volatility: 'pure',
  examples: [
    { formula: '=EXACT([@name], "Anna")', result: 'TRUE' },
    { formula: '=EXACT([@name], "anna")', result: 'FALSE' },
    { formula: '=EXACT([@blank], "")', result: 'TRUE' },
    { formula: '=EXACT(#N/A, "a")', result: '#N/A' },
  ],
}

const TEXT: FunctionDefinition = {
  name: 'TEXT',
  category: 'text',
  help: "A number or date as text in a format of Excel's (en-US).",
  params: [
    { name: 'value', kind: 'value' },
    { name: 'format', kind: 'text' },
  ],
  result: always('text'),
  evaluation: {
    mode: 'strict',
    make: ({ args }) => {
      const format = formatter(args[0]?.type ?? null)
      return (value: Value, pattern: string) => format(value, pattern)
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=TEXT(1234.5, "#,##0.00")', result: '"1,234.50"' },
    { formula: '=TEXT([@date], "yyyy-mm-dd")', result: '"2026-11-23"' },
    { formula: '=TEXT([@at], "d mmm yyyy h:mm AM/PM")', result: '"23 Nov 2026 10:30 AM"' },
    { formula: '=TEXT(0.256, "0.0%")', result: '"25.6%"' },
    { formula: '=TEXT([@blank], "0.00")', result: '"0.00"' },
    { formula: '=TEXT(-1, "yyyy")', result: '#VALUE!' },
  ],
}

const LEFT = text(
  'LEFT',
  'The first characters of a text.',
  [TEXT_PARAM, COUNT_PARAM],
  (value: string, count: number) => (count < 0 ? VALUE : value.slice(0, offsetOf(value, count))),
  [
    { formula: '=LEFT("😀a")', result: '"😀"' },
    { formula: '=LEFT([@name], 2)', result: '"An"' },
    { formula: '=LEFT([@blank], 2)', result: '""' },
    { formula: '=LEFT("abc", -1)', result: '#VALUE!' },
  ],
)

const RIGHT = text(
  'RIGHT',
  'The last characters of a text.',
  [TEXT_PARAM, COUNT_PARAM],
  (value: string, count: number) => (count < 0 ? VALUE : value.slice(offsetOf(value, characterCount(value) - count))),
  [
    { formula: '=RIGHT("a😀")', result: '"😀"' },
    { formula: '=RIGHT([@name], 2)', result: '"na"' },
    { formula: '=RIGHT([@blank], 2)', result: '""' },
    { formula: '=RIGHT("abc", -1)', result: '#VALUE!' },
  ],
)

const MID = text(
  'MID',
  'Characters from a place in a text on; the first is 1.',
  [TEXT_PARAM, { name: 'start', kind: 'integer' }, { name: 'count', kind: 'integer' }],
  (value: string, start: number, count: number) =>
    start < 1 || count < 0 ? VALUE : value.slice(offsetOf(value, start - 1), offsetOf(value, start - 1 + count)),
  [
    { formula: '=MID("a😀bc", 2, 2)', result: '"😀b"' },
    { formula: '=MID([@name], 2, 2)', result: '"nn"' },
    { formula: '=MID([@blank], 1, 2)', result: '""' },
    { formula: '=MID("abc", 0, 1)', result: '#VALUE!' },
  ],
)

/** Texts and their parts. */
export const TEXTS: readonly FunctionDefinition[] = [
  LEN,
  inBytes(LEN),
  LEFT,
  inBytes(LEFT),
  RIGHT,
  inBytes(RIGHT),
  MID,
  inBytes(MID),
  EXACT,
  TEXT,
  ...NUMBER_TEXTS,
  text('UPPER', 'In capitals.', [TEXT_PARAM], (value: string) => value.toUpperCase(), [
    { formula: '=UPPER([@name])', result: '"ANNA"' },
    { formula: '=UPPER([@blank])', result: '""' },
    { formula: '=UPPER(#N/A)', result: '#N/A' },
  ]),
  text('LOWER', 'In small letters.', [TEXT_PARAM], (value: string) => value.toLowerCase(), [
    { formula: '=LOWER([@name])', result: '"anna"' },
    { formula: '=LOWER([@blank])', result: '""' },
    { formula: '=LOWER(#N/A)', result: '#N/A' },
  ]),
  text(
    'TRIM',
    'Without spaces at the ends and with single ones between words.',
    [TEXT_PARAM],
    (value: string) => value.replaceAll(/ +/g, ' ').replaceAll(/^ | $/g, ''),
    [
      { formula: '=TRIM("  a   b ")', result: '"a b"' },
      { formula: '=TRIM([@blank])', result: '""' },
      { formula: '=TRIM(#N/A)', result: '#N/A' },
    ],
  ),
  text('REPT', 'A text so many times.', [TEXT_PARAM, { name: 'times', kind: 'integer' }], repeatedText, [
    { formula: '=REPT("ab", 3)', result: '"ababab"' },
    { formula: '=REPT([@blank], 3)', result: '""' },
    { formula: '=REPT("a", 99999)', result: '#VALUE!' },
  ]),
  ...FINDING,
  ...JOINING,
  ...SPLITTING,
  ...REGULAR_EXPRESSIONS,
  ...CHARACTERS,
]
